extension Communicator {
    /// The values of all processes, those of the first process first, in every process.
    func gather<Value: BitwiseCopyable>(_ own: [Value]) -> [Value] {
        var counts = Array(repeating: own.count, count: size)
        counts.withUnsafeMutableBufferPointer { counts in
            exchange { body in
                for rank in counts.indices {
                    body(rank, UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: counts[rank...rank])))
                }
            }
        }
        let starts = counts.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
        return Array(unsafeUninitializedCapacity: starts[size]) { all, count in
            for (place, value) in own.enumerated() { all.initializeElement(at: starts[rank] + place, to: value) }
            exchange { body in
                for rank in counts.indices where counts[rank] > 0 {
                    let part = UnsafeMutableBufferPointer(rebasing: all[starts[rank]..<starts[rank + 1]])
                    body(rank, UnsafeMutableRawBufferPointer(part))
                }
            }
            count = starts[size]
        }
    }
}
