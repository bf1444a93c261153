/// The orders of a run's epochs: shuffles, or the draws of a recipe's sampling.
///
/// ```swift
/// let orders = try EpochOrders(data, sampling: Sampling(by: .classBalance), seed: 42)
/// let schedule = try BatchSchedule(Batch(size: 32), examples: orders.count, epochs: 5)
/// let order = orders.order(ofEpoch: 1)
/// let examples = schedule.rows(ofBatch: 0, inEpoch: 1).map { order[$0] }  // those of the first update
/// ```
public struct EpochOrders: Sendable {
    /// The number of examples of an epoch.
    public let count: Int
    private let seed: UInt64
    private let block: Int?
    private let sampling: Sampling?
    private let chances: [Double]
    /// Running sums of the chances, where examples are drawn with replacement.
    private let sums: [Double]

    /// The orders over the examples of `data`, in blocks where `block` gives their length (see ``EpochOrder``). Throws
    /// where the data has not the classes or weights that the sampling needs, and for numbers that make no sense.
    public init(_ data: Dataset, sampling: Sampling?, block: Int? = nil, seed: UInt64) throws(PlanError) {
        if let fault = Self.fault(sampling, block) { throw .mismatch(fault) }
        self.seed = seed
        self.block = block
        self.sampling = sampling
        chances = try sampling?.chances(data) ?? []
        sums = sampling?.replacement == true ? WeightedDraws.sums(of: chances) : []
        count = try sampling?.epochLength(chances) ?? data.count
    }

    /// The settings that a recipe's check refuses.
    private static func fault(_ sampling: Sampling?, _ block: Int?) -> String? {
        let batch = Batch(size: 1, block: block, sampling: sampling)
        do throws(RecipeError) { try Recipe(model: LayerList { Dense(1) }, batch: batch).check() } catch {
            return "\(error)"
        }
        return nil
    }

    /// The bytes of the tables from which examples are drawn by chance.
    var byteCount: Int {
        let order = sampling?.replacement == false ? 2 * chances.count + count : 0
        return MemoryLayout<Double>.stride * (chances.count + sums.count + order)
    }

    /// The order of an epoch, from 1.
    public func order(ofEpoch epoch: Int) -> EpochOrder {
        guard let sampling else { return EpochOrder(count: count, seed: seed, epoch: epoch, block: block) }
        let draws =
            sampling.replacement
            ? WeightedDraws(sums: sums, seed: seed, epoch: epoch)
            : WeightedDraws(chances: chances, length: count, seed: seed, epoch: epoch)
        return EpochOrder(count: count, seed: seed, epoch: epoch, draws: draws)
    }
}
