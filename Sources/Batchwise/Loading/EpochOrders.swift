/// The orders of a run's epochs: shuffles, or the draws of the recipe's sampling.
struct EpochOrders: Sendable {
    /// The number of examples of an epoch.
    let count: Int
    private let seed: UInt64
    private let block: Int?
    private let sampling: Sampling?
    private let chances: [Double]
    /// Running sums of the chances, where examples are drawn with replacement.
    private let sums: [Double]

    init(_ data: Dataset, sampling: Sampling?, block: Int? = nil, seed: UInt64) throws(PlanError) {
        self.seed = seed
        self.block = block
        self.sampling = sampling
        chances = try sampling?.chances(data) ?? []
        sums = sampling?.replacement == true ? WeightedDraws.sums(of: chances) : []
        count = try sampling?.epochLength(chances) ?? data.count
    }

    /// The bytes of the tables from which examples are drawn by chance.
    var byteCount: Int {
        let order = sampling?.replacement == false ? 2 * chances.count + count : 0
        return MemoryLayout<Double>.stride * (chances.count + sums.count + order)
    }

    /// The order of an epoch, from 1.
    func order(ofEpoch epoch: Int) -> EpochOrder {
        guard let sampling else { return EpochOrder(count: count, seed: seed, epoch: epoch, block: block) }
        let draws =
            sampling.replacement
            ? WeightedDraws(sums: sums, seed: seed, epoch: epoch)
            : WeightedDraws(chances: chances, length: count, seed: seed, epoch: epoch)
        return EpochOrder(count: count, seed: seed, epoch: epoch, draws: draws)
    }
}
