/// The vectors that a replica keeps for eager outer steps: see OuterOptimizer.
struct EagerVectors {
    /// The replica's own outer model: its parameters before the updates of this period.
    let base: UnsafeMutablePointer<Float>
    /// Its share of the mean that is on its way.
    let share: UnsafeMutablePointer<Float>
    /// The velocity of its own outer steps; nil without momentum.
    let velocity: UnsafeMutablePointer<Float>?

    init(_ memory: UnsafeMutablePointer<Float>, _ count: Int, _ replicas: Replicas) {
        base = memory
        share = memory + count
        velocity = replicas.hasVelocity ? memory + 2 * count : nil
    }

    var all: [UnsafeMutablePointer<Float>] { [base, share] + (velocity.map { [$0] } ?? []) }

    /// Their names in a checkpoint.
    static func names(_ replicas: Replicas) -> [String] { ["base", "share"] + (replicas.hasVelocity ? ["outer"] : []) }
}
