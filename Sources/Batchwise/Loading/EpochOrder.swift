import CKernels

/// The order in which an epoch visits the examples: a shuffle that is never stored.
///
/// ```swift
/// let order = EpochOrder(count: 60_000, seed: 42, epoch: 1)
/// order[0]                    // the example that epoch 1 visits first
/// order[59_999]               // the last, found just as fast
/// ```
///
/// `order[position]` is a bijection of 0..<count and a pure function of (seed, epoch, position), so that workers may
/// read their shares in any order and a resumed run may start in the middle. Every epoch is shuffled, the first too.
///
/// A position is split into two digits, position = left x columns + right, and rounds of a Feistel network add to each
/// digit in turn a keyed random function of the other. The digits count to about the square root of `count`, so that
/// the network permutes at most one row more than `count` positions; a result beyond `count` is sent through again
/// until it falls inside (cycle walking), which keeps the map a bijection. See Black and Rogaway, "Ciphers with
/// arbitrary finite domains", 2002.
///
/// - Complexity: O(1) time for each lookup, and no memory that grows with `count`.
/// - Note: The shuffle is a good statistician, not a cipher.
public struct EpochOrder: Sendable, Hashable, RandomAccessCollection {
    /// The number of examples.
    public let count: Int
    /// The seed of the recipe.
    public let seed: UInt64
    /// The number of the epoch.
    public let epoch: Int

    /// What the recipe's sampling draws instead of the shuffle.
    private let draws: WeightedDraws?
    private let key: UInt64
    /// How many values the left and the right digit have; their product is at least `count`.
    private let rows, columns: UInt32
    private let roundPairs: Int

    /// The order of one epoch over `count` examples.
    ///
    /// - Precondition: `count` is in 0...2^62.
    public init(count: Int, seed: UInt64, epoch: Int) {
        self.init(count: count, seed: seed, epoch: epoch, draws: nil)
    }

    /// The same, or what `draws` has at its positions.
    init(count: Int, seed: UInt64, epoch: Int, draws: WeightedDraws?) {
        precondition(count >= 0 && count <= 1 << 62, "an epoch cannot have \(count) examples")
        self.count = count
        self.seed = seed
        self.epoch = epoch
        self.draws = draws
        key = CounterRandom.key(seed: seed, purpose: .shuffle, epoch: epoch)
        let values = UInt64(count == 0 ? 1 : count)
        let root = Self.rootRoundedUp(of: values)
        columns = UInt32(root)
        rows = UInt32((values + root - 1) / root)
        // Six rounds do for digits of many values. Random functions of a few values are lumpy, and more rounds even
        // them out: with 24, all 720 orders of 6 examples come equally often.
        roundPairs = count < 32 ? 12 : count < 1024 ? 5 : 3
    }

    /// The first position: 0.
    public var startIndex: Int { 0 }
    /// The position after the last: `count`.
    public var endIndex: Int { count }

    /// The example, in 0..<count, that the epoch visits at `position`.
    ///
    /// - Precondition: `position` is in 0..<count.
    public subscript(position: Int) -> Int {
        precondition(position >= 0 && position < count, "position \(position) is outside of 0..<\(count)")
        if let draws { return draws[position] }
        var value = UInt64(position)
        repeat { value = permuted(value) } while value >= UInt64(count)
        return Int(value)
    }

    /// Writes the examples at these positions: the same as the subscript's, many times as fast.
    func fill(_ examples: UnsafeMutablePointer<UInt64>, positions: Range<Int>) {
        precondition(positions.lowerBound >= 0 && positions.upperBound <= count, "positions outside of 0..<\(count)")
        if let draws {
            for position in positions { examples[position - positions.lowerBound] = UInt64(draws[position]) }
            return
        }
        var shape = bw_epoch_order_shape(
            count: UInt64(count), key: key, rows: rows, columns: columns, round_pairs: Int32(roundPairs))
        bw_epoch_order(&shape, UInt64(positions.lowerBound), positions.count, examples)
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
