extension Dataset {
    /// A hash of each example, of its features and its target; equal examples have equal ones. Nil where features are not
    /// in memory.
    package var rowHashes: [UInt64]? {
        if case .streamed = features { return nil }
        var hashes: [UInt64] = []
        hashes.reserveCapacity(count)
        let width = featureCount
        for row in 0..<count {
            var hash = Checksum()
            switch features {
            case .bytes(let bytes, _, _): hash.add(Array(bytes[row * width..<(row + 1) * width]))
            case .floats(let floats): hash.add(Array(floats[row * width..<(row + 1) * width]))
            case .sparse(let rows):
                let range = Int(rows.starts[row])..<Int(rows.starts[row + 1])
                hash.add(Array(rows.columns[range]))
                hash.add(Array(rows.values[range]))
            case .streamed: break
            }
            switch targets {
            case .classes(let places, _): hash.add(Int(places[row]))
            case .values(let values, let width, _, _): hash.add(Array(values[row * width..<(row + 1) * width]))
            case .none: break
            }
            hashes.append(hash.value)
        }
        return hashes
    }
}
