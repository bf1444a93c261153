// The bytes in which a replica hands over a piece of its changes.

extension ChangeCompression {
    /// The largest piece that is encoded at a time: whole parameters where the largest of all their numbers are chosen.
    static func mostNumbers(_ compression: ChangeCompression?, _ usual: Int) -> Int {
        if case .largest = compression { .max } else { usual }
    }

    /// The bytes of a piece.
    func byteCount(_ count: Int) -> Int {
        switch self {
        case .bfloat16: 2 * count
        case .largest: 8 * chosen(count)
        }
    }

    /// The numbers that are handed over of so many.
    private func chosen(_ count: Int) -> Int {
        guard case .largest(let fraction) = self else { return count }
        return max(1, min(count, Int((fraction * Double(count)).rounded(.up))))
    }

    /// Encodes the change from `model` to `replica`, together with what was lost before, and keeps what is lost now.
    func encode(
        from model: UnsafePointer<Float>, to replica: UnsafePointer<Float>, lost: UnsafeMutablePointer<Float>,
        count: Int, into bytes: UnsafeMutableRawPointer
    ) {
        for index in 0..<count { lost[index] += replica[index] - model[index] }
        switch self {
        case .bfloat16:
            let halves = bytes.bindMemory(to: UInt16.self, capacity: count)
            for index in 0..<count {
                halves[index] = Self.bfloat16(lost[index])
                lost[index] -= Self.float(halves[index])
            }
        case .largest:
            let entries = bytes.bindMemory(to: UInt32.self, capacity: 2 * chosen(count))
            for (place, index) in Self.largest(chosen(count), of: lost, count).enumerated() {
                entries[2 * place] = UInt32(index)
                entries[2 * place + 1] = lost[index].bitPattern
                lost[index] = 0
            }
        }
    }

    /// Adds `weight` times the change in these bytes to a sum.
    func add(_ bytes: UnsafeRawPointer, count: Int, weight: Double, to sum: UnsafeMutablePointer<Double>) {
        switch self {
        case .bfloat16:
            let halves = bytes.bindMemory(to: UInt16.self, capacity: count)
            for index in 0..<count { sum[index] += weight * Double(Self.float(halves[index])) }
        case .largest:
            let chosen = chosen(count)
            let entries = bytes.bindMemory(to: UInt32.self, capacity: 2 * chosen)
            for place in 0..<chosen {
                let index = Int(entries[2 * place])
                // another process wrote the place
                guard index < count else { continue }
                sum[index] += weight * Double(Float(bitPattern: entries[2 * place + 1]))
            }
        }
    }

    /// The nearest bfloat16, ties to even; NaN stays NaN.
    static func bfloat16(_ number: Float) -> UInt16 {
        let bits = number.bitPattern
        guard !number.isNaN else { return UInt16(bits >> 16) | 0x40 }
        return UInt16((bits + 0x7FFF + (bits >> 16 & 1)) >> 16)
    }

    static func float(_ half: UInt16) -> Float { Float(bitPattern: UInt32(half) << 16) }

    /// The places of the `chosen` numbers of largest magnitude, in ascending order; of equal ones the first.
    static func largest(_ chosen: Int, of numbers: UnsafePointer<Float>, _ count: Int) -> [Int] {
        guard chosen < count else { return Array(0..<count) }
        // the bits of magnitudes are ordered as the magnitudes are
        func magnitude(_ index: Int) -> UInt32 { numbers[index].bitPattern & 0x7FFF_FFFF }
        // clearing the histograms takes longer than sorting a few numbers
        guard count > 1 << 13 else {
            let places = (0..<count).sorted {
                let (left, right) = (magnitude($0), magnitude($1))
                return left == right ? $0 < $1 : left > right
            }
            return places.prefix(chosen).sorted()
        }
        // the threshold is found half by half
        var histogram = [Int](repeating: 0, count: 1 << 16)
        for index in 0..<count { histogram[Int(magnitude(index) >> 16)] += 1 }
        var left = chosen
        var high = histogram.count - 1
        while histogram[high] < left {
            left -= histogram[high]
            high -= 1
        }
        histogram = [Int](repeating: 0, count: 1 << 16)
        for index in 0..<count where magnitude(index) >> 16 == high { histogram[Int(magnitude(index) & 0xFFFF)] += 1 }
        var low = histogram.count - 1
        while histogram[low] < left {
            left -= histogram[low]
            low -= 1
        }
        let threshold = UInt32(high) << 16 | UInt32(low)
        var places: [Int] = []
        places.reserveCapacity(chosen)
        for index in 0..<count {
            let magnitude = magnitude(index)
            if magnitude > threshold {
                places.append(index)
            } else if magnitude == threshold, left > 0 {
                places.append(index)
                left -= 1
            }
        }
        return places
    }
}
