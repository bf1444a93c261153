/// The batch: the examples of one update, and how their gradients are summed.
///
/// The sum of a batch has a fixed shape. Its examples stand in grains of `grain`; runs of whole grains make `lanes`
/// lanes; a lane is summed in sequence, and lanes meet in a pairwise tree. Micro-batches and threads may cut a lane
/// anywhere, for its sum goes on where it was put down; so they cannot change a bit.
public struct Batch: Hashable, Sendable {
    /// The number of examples of one update; where the batch grows, of the first ones.
    public var size: Int
    /// The number of examples of a grain; nil lets the batch size decide.
    public var grain: Int?
    /// The number of lanes; nil lets the batch size decide.
    public var lanes: Int?
    /// The treatment of the last batch of an epoch where it is not full.
    public var last: LastBatch
    /// The length of the blocks of examples that stay near each other when an epoch is shuffled (see `EpochOrder`), for
    /// data beyond memory; nil shuffles all examples one by one.
    public var block: Int?
    /// The rule by which an epoch draws its examples; nil: every example once, shuffled.
    public var sampling: Sampling?
    /// The growth of the batch during the run; nil: it does not grow.
    public var grow: BatchGrowth?

    /// A batch of `size` examples; the size decides the settings that are nil.
    public init(
        size: Int, grain: Int? = nil, lanes: Int? = nil, last: LastBatch = .keep, block: Int? = nil,
        sampling: Sampling? = nil, grow: BatchGrowth? = nil
    ) {
        self.size = size
        self.block = block
        self.grain = grain
        self.lanes = lanes
        self.last = last
        self.sampling = sampling
        self.grow = grow
    }

    /// The number of examples in the largest batch of the run.
    var largestSize: Int { grow?.largest(from: size) ?? size }

    /// Grains of 16, of half the batch where that is less, and of what divides every ghost batch.
    ///
    /// A grain costs nothing (see Benchmarks), so it is small: it must leave two lanes from B = 16 up.
    func resolvedGrain(ghosts: [Int]) -> Int {
        if let grain { return grain }
        var usual = 16
        while usual > 1 && usual * 2 > size { usual /= 2 }
        return ghosts.reduce(usual) { greatestCommonDivisor($0, $1) }
    }

    /// Two lanes from B = 16, eight from B = 2048: as many as cost less than 6% there (Benchmarks, `lanes`).
    var resolvedLanes: Int { lanes ?? (size < 16 ? 1 : size < 2048 ? 2 : 8) }
}

func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int { b == 0 ? a : greatestCommonDivisor(b, a % b) }
