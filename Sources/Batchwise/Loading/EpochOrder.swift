/// The order in which an epoch visits the examples: a shuffle that is never stored.
///
/// ```swift
/// let order = EpochOrder(count: 60_000, seed: 42, epoch: 1)
/// print(order[0])       // the example that epoch 1 visits first
/// print(order[59_999])  // the last, found just as fast
/// ```
///
/// `order[position]` is a bijection of 0..<count and a pure function of (seed, epoch, position), so that workers may
/// read their shares in any order and a resumed run may start in the middle. Every epoch is shuffled, the first too.
///
/// With `block`, runs of so many examples stay near each other, so that a disk is read in runs. The ring of examples is
/// cut into blocks at a place that every epoch chooses anew; the blocks are shuffled, and then the examples of
/// each `blocksTogether` blocks that follow one another.
///
/// - Complexity: O(1) time for each lookup, and no memory that grows with `count`.
public struct EpochOrder: Sendable, Hashable, RandomAccessCollection {
    /// Blocks whose examples are shuffled together.
    public static let blocksTogether = 32

    /// The number of examples.
    public let count: Int
    /// The seed of the recipe.
    public let seed: UInt64
    /// The number of the epoch.
    public let epoch: Int
    /// The length of the blocks of examples that are read together; nil shuffles all examples one by one.
    public let block: Int?

    /// Whether every example comes once.
    var isShuffle: Bool { draws == nil }
    /// The draws of the recipe's sampling, in place of the shuffle; nil where there are none.
    private let draws: WeightedDraws?
    /// The permutation of the examples or, with blocks, of the blocks.
    private let permutation: Permutation
    private let key: UInt64
    /// The example with which the ring of blocks begins.
    private let start: Int

    /// The order of one epoch over `count` examples.
    ///
    /// - Precondition: `count` is in 0...2^62 and `block` at least 1.
    public init(count: Int, seed: UInt64, epoch: Int, block: Int? = nil) {
        self.init(count: count, seed: seed, epoch: epoch, block: block, draws: nil)
    }

    /// The order of one epoch over `count` examples, or the examples that `draws` has at its positions.
    init(count: Int, seed: UInt64, epoch: Int, block: Int? = nil, draws: WeightedDraws?) {
        precondition(block.map { $0 >= 1 } ?? true, "a block needs an example")
        self.count = count
        self.seed = seed
        self.epoch = epoch
        self.block = block
        self.draws = draws
        key = CounterRandom.key(seed: seed, purpose: .shuffle, epoch: epoch)
        if let block, count > 0 {
            let random = CounterRandom(key: key).keyed(by: 0)
            permutation = Permutation(count: count / block, key: random.key)
            start = Int(random.bits(at: 0).multipliedFullWidth(by: UInt64(count)).high)
        } else {
            permutation = Permutation(count: count, key: key)
            start = 0
        }
    }

    /// The first position: 0.
    public var startIndex: Int { 0 }
    /// The position after the last: `count`.
    public var endIndex: Int { count }

    /// The example, in 0..<count, that the epoch visits at `position`.
    ///
    /// - Precondition: `position` is in 0..<count.
    public subscript(position: Int) -> Int {
        if let draws { return draws[position] }
        guard let block else { return permutation[position] }
        precondition(position >= 0 && position < count, "position \(position) is outside of 0..<\(count)")
        let group = group(of: position, block)
        return example(at: group.lowerBound + shuffle(of: group)[position - group.lowerBound], block)
    }

    /// Writes the examples at these positions: those of the subscript, many times as fast.
    func fill(_ examples: UnsafeMutablePointer<UInt64>, positions: Range<Int>) {
        if let draws {
            for position in positions { examples[position - positions.lowerBound] = UInt64(draws[position]) }
            return
        }
        guard let block else { return permutation.fill(examples, positions: positions) }
        precondition(positions.lowerBound >= 0 && positions.upperBound <= count, "positions outside of 0..<\(count)")
        var first = positions.lowerBound
        while first < positions.upperBound {
            let group = group(of: first, block)
            let last = Swift.min(group.upperBound, positions.upperBound)
            let filled = examples + (first - positions.lowerBound)
            shuffle(of: group).fill(filled, positions: first - group.lowerBound..<last - group.lowerBound)
            for place in 0..<last - first {
                filled[place] = UInt64(example(at: group.lowerBound + Int(filled[place]), block))
            }
            first = last
        }
    }

    /// The runs of examples that belong to the group after that of `position`, and will be read soon.
    func upcomingRuns(after position: Int) -> [Range<Int>] {
        guard let block else { return [] }
        let next = group(of: position, block).upperBound
        guard next < count else { return [] }
        return runs(of: group(of: next, block), block)
    }

    /// Whether one of these positions is the first of its group.
    func beginsGroup(_ positions: Range<Int>) -> Bool {
        guard let block, let last = positions.last else { return false }
        return positions.contains(group(of: last, block).lowerBound)
    }

    private func runs(of group: Range<Int>, _ block: Int) -> [Range<Int>] {
        stride(from: group.lowerBound, to: group.upperBound, by: block).flatMap { place in
            let first = example(at: place, block)
            let last = first + Swift.min(block, group.upperBound - place)
            return last <= count ? [first..<last] : [first..<count, 0..<last - count]
        }
    }

    /// The positions whose examples are shuffled with that of this one.
    private func group(of position: Int, _ block: Int) -> Range<Int> {
        let (length, overflow) = block.multipliedReportingOverflow(by: Self.blocksTogether)
        guard !overflow, length < count else { return 0..<count }
        let first = position / length * length
        return first..<Swift.min(first + length, count)
    }

    private func shuffle(of group: Range<Int>) -> Permutation {
        Permutation(
            count: group.count, key: CounterRandom(key: key).keyed(by: UInt64(group.lowerBound) &+ 1).key)
    }

    /// The example at a place among shuffled blocks. Examples behind the last whole block stay there.
    private func example(at place: Int, _ block: Int) -> Int {
        let number = place / block
        let inside = number < permutation.count ? permutation[number] * block + place % block : place
        let example = start + inside
        return example < count ? example : example - count
    }
}
