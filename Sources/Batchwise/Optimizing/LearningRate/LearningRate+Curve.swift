extension LearningRate {
    /// A decay whose marks are numbers of examples of one run, and whose lengths are counted on its clock.
    enum Curve: Hashable, Sendable {
        case constant
        case line(from: Double, end: Double)
        case cosine(from: Double, end: Double)
        case polynomial(from: Double, power: Double, end: Double)
        case steps(every: ExampleClock.Length, factor: Double)
        case marks([Double], factor: Double)
        case exponential(every: ExampleClock.Length, factor: Double)
        case inverseSquareRoot(over: ExampleClock.Length)
        case restarts(first: ExampleClock.Length, factor: Double, end: Double)
        indirect case triangles(Triangles)
        indirect case oneCycle(OneCycle, top: Double)
        case plateau(minimum: Double)
    }

    /// A triangular decay on the clock of one run.
    struct Triangles: Hashable, Sendable {
        let low: Double
        let cycle: ExampleClock.Length
        /// The place of the top within a cycle, from 0 to 1.
        let top: Double
        let isHalving: Bool
        let fallEvery: ExampleClock.Length?
        let fallFactor: Double
        let momentum: MomentumCycle?
    }
}
