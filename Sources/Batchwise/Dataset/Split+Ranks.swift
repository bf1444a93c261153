extension Split {
    /// The rows that `take` gives for these fractions one after the other, and the rest as the last part: without
    /// classes and groups, and without holding the keys of all rows at a time.
    package static func parts(count: Int, seed: UInt64, fractions: [Double]) -> [RowList] {
        var ends: [Int] = []
        for fraction in fractions {
            let taken = ends.last ?? 0
            ends.append(taken + min(count - taken, Int((fraction * Double(count)).rounded())))
        }
        let keys = Keys(seed: seed)
        let limits = ends.map { keys.key(ofRank: $0, among: count) }
        var parts = [RowList](repeating: [], count: fractions.count + 1)
        for (part, size) in zip(ends + [count], [0] + ends).map({ $0 - $1 }).enumerated() {
            parts[part].reserveCapacity(size)
        }
        for row in 0..<count {
            let key = keys[row]
            // a limit of nil is above every key
            let part = limits.firstIndex { limit in limit.map { key < $0 } ?? true } ?? fractions.count
            parts[part].append(row)
        }
        return parts
    }

    /// The key by which rows are sorted before they are dealt out. No two rows have the same key.
    struct Keys {
        private let stream: UInt64

        init(seed: UInt64) {
            // The constant keeps this use of the seed apart from every other.
            stream = CounterRandom.mix(seed ^ 0x7370_6c69_742d_3031)
        }

        subscript(row: Int) -> UInt64 { self[word: UInt64(row) &+ 1] }
        subscript(word word: UInt64) -> UInt64 { CounterRandom.mix(stream &+ word &* 0x9e37_79b9_7f4a_7c15) }

        /// The key that `rank` of the first `count` rows are below; nil where all are. Eight bits of it at a time, by
        /// counting.
        func key(ofRank rank: Int, among count: Int) -> UInt64? {
            guard rank < count else { return nil }
            var (known, left) = (UInt64(0), rank)
            for shift in stride(from: UInt64(56), through: 0, by: -8) {
                var counts = [Int](repeating: 0, count: 1 << 8)
                let above = shift == 56 ? 0 : ~UInt64(0) << (shift + 8)
                for row in 0..<count {
                    let key = self[row]
                    if key & above == known { counts[Int(key >> shift & 0xff)] += 1 }
                }
                var digit = 0
                while left >= counts[digit] {
                    left -= counts[digit]
                    digit += 1
                }
                known |= UInt64(digit) << shift
            }
            return known
        }
    }
}
