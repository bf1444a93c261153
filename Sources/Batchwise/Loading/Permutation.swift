import CKernels

/// A shuffle of 0..<count that is never stored: a bijection, and a pure function of its key.
///
/// A position is split into two digits, position = left x columns + right, and rounds of a Feistel network add to each
/// digit in turn a keyed random function of the other. The digits count to about the square root of `count`, so that
/// the network permutes at most one row more than `count` positions; a result beyond `count` is sent through again
/// until it falls inside (cycle walking), which keeps the map a bijection. See Black and Rogaway, "Ciphers with
/// arbitrary finite domains", 2002.
///
/// - Complexity: O(1) time for each lookup, and no memory that grows with `count`.
/// - Note: The shuffle is good enough for statistics, and is not a cipher.
struct Permutation: Sendable, Hashable {
    let count: Int
    private let key: UInt64
    /// How many values the left and the right digit have; their product is at least `count`.
    private let rows, columns: UInt32
    private let roundPairs: Int

    /// - Precondition: `count` is in 0...2^62.
    init(count: Int, key: UInt64) {
        precondition(count >= 0 && count <= 1 << 62, "\(count) elements cannot be shuffled")
        self.count = count
        self.key = key
        let values = UInt64(count == 0 ? 1 : count)
        let root = Self.rootRoundedUp(of: values)
        columns = UInt32(root)
        rows = UInt32((values + root - 1) / root)
        // Six rounds do for digits of many values. Random functions of a few values are lumpy, and more rounds even
        // them out: with 24, all 720 orders of 6 examples come equally often.
        roundPairs = count < 32 ? 12 : count < 1024 ? 5 : 3
    }

    /// The element at `position`.
    ///
    /// - Precondition: `position` is in 0..<count.
    subscript(position: Int) -> Int {
        precondition(position >= 0 && position < count, "position \(position) is outside of 0..<\(count)")
        var value = UInt64(position)
        repeat { value = permuted(value) } while value >= UInt64(count)
        return Int(value)
    }

    /// Writes the elements at these positions: those of the subscript, many times as fast.
    func fill(_ elements: UnsafeMutablePointer<UInt64>, positions: Range<Int>) {
        precondition(positions.lowerBound >= 0 && positions.upperBound <= count, "positions outside of 0..<\(count)")
        var shape = bw_epoch_order_shape(
            count: UInt64(count), key: key, rows: rows, columns: columns, round_pairs: Int32(roundPairs))
        bw_epoch_order(&shape, UInt64(positions.lowerBound), positions.count, elements)
    }

    /// The Feistel network: a bijection of 0..<rows x columns.
    private func permuted(_ value: UInt64) -> UInt64 {
        var left = UInt32(value / UInt64(columns))
        var right = UInt32(value % UInt64(columns))
        var round = key
        for _ in 0..<roundPairs {
            left = Self.sum(left, Self.random(Self.roundKey(&round) &+ right, below: rows), modulo: rows)
            right = Self.sum(right, Self.random(Self.roundKey(&round) &+ left, below: columns), modulo: columns)
        }
        return UInt64(left) * UInt64(columns) + UInt64(right)
    }

    /// The next round's key, half of a word of SplitMix64.
    private static func roundKey(_ state: inout UInt64) -> UInt32 {
        state &+= CounterRandom.increment
        return UInt32(truncatingIfNeeded: CounterRandom.mix(state))
    }

    /// A random number below `bound`: the high half of a product, which needs no division. Its bias is `bound` / 2^32.
    private static func random(_ word: UInt32, below bound: UInt32) -> UInt32 {
        CounterRandom.mix(word).multipliedFullWidth(by: bound).high
    }

    /// The sum of two numbers below `modulus`, which is at most 2^31.
    private static func sum(_ a: UInt32, _ b: UInt32, modulo modulus: UInt32) -> UInt32 {
        let sum = a + b
        return sum >= modulus ? sum - modulus : sum
    }

    /// The smallest number whose square is at least `number`.
    private static func rootRoundedUp(of number: UInt64) -> UInt64 {
        var root = UInt64(Double(number).squareRoot())
        while root * root < number { root += 1 }
        while (root - 1) * (root - 1) >= number { root -= 1 }
        return root
    }
}
