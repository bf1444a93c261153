import ArgumentParser
import BatchwiseExperiments
import Foundations

/// The options of a simulation that draws random numbers.
struct ChainOptions: ParsableArguments {
    @Option(help: "Independent simulations; the interval comes from their differences.")
    var chains = 64

    @Option(help: "Updates over which each simulation is averaged, after it has settled.")
    var updates = 10_000

    @Option(help: "The seed of the random numbers.")
    var seed: UInt64 = 42

    var value: Chains { Chains(count: chains, updates: updates, seed: seed) }
}

extension Chains.Variance {
    /// 0.1771 (0.176 to 0.178)
    var shown: String { "\(significant(value)) (\(brief(low)) to \(brief(high)))" }

    private func brief(_ value: Double) -> String {
        abs(value) >= 1000 && abs(value) < 1e6 ? grouped(value) : String(format: "%.3g", value)
    }

    /// The entries of a JSON object.
    var entries: [(key: String, value: JSON)] {
        [("variance", .number(value)), ("low", .number(low)), ("high", .number(high))]
    }
}
