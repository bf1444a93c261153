import ArgumentParser
import BatchwiseExperiments
import Foundation
import Foundations

/// `batchwise simulate sgd updates-to-goal`
struct SimulateUpdatesToGoal: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "updates-to-goal",
        abstract: "Updates and examples to a goal against the batch: the noisy quadratic.",
        discussion: """
            SGD on 0.5 sum h_i theta_i^2 with h_i = i^-exponent, begun at theta_i = 1,
            where the noise of a batch's gradient has the variance c_i / B. For every batch
            the best constant rate is searched. Small batches take the fewest examples,
            large ones the fewest updates; the critical batch lies between them. Expected
            losses are computed in closed form, so that nothing is random.

            Examples:
              batchwise simulate sgd updates-to-goal
              batchwise simulate sgd updates-to-goal --momentum 0.9 \\
                --batches 1,64,4096,262144
              batchwise simulate sgd updates-to-goal --dimensions 1000 --exponent 1.5 \\
                --goal 0.001 --json
            """)

    @Option(help: "The batches, with commas between them; without it 1, 4, 16 and so on to 262144.")
    var batches: BatchList?

    @Option(help: "The number of directions.")
    var dimensions = 10_000

    @Option(help: "The exponent of the curvatures, h_i = i^-exponent.")
    var exponent = 1.0

    @Option(help: "The exponent of the noise, c_i = i^-exponent; without it that of the curvatures.")
    var noiseExponent: Double?

    @Option(help: "The expected loss to reach.")
    var goal = 0.01

    @Option(help: "The momentum.")
    var momentum = 0.0

    @OptionGroup var output: OutputOptions

    func run() throws {
        let quadratic = try NoisyQuadratic(
            dimensions: dimensions, exponent: exponent, noiseExponent: noiseExponent, momentum: momentum)
        let display = CountDisplay("batches searched")
        let batches = batches?.sizes ?? (0..<10).map { 1 << (2 * $0) }
        let result = try UpdatesToGoal(quadratic, goal: goal, batches: batches, progress: display.draw)
        display.clear()
        try output.json ? Output.write(json(result)) : Output.write(text(result, quadratic))
    }

    private func json(_ result: UpdatesToGoal) -> JSON {
        let frontier = result.frontier
        return .object([
            ("dimensions", .int(dimensions)), ("exponent", .number(exponent)),
            ("noise_exponent", .number(noiseExponent ?? exponent)), ("goal", .number(goal)),
            ("momentum", .number(momentum)),
            (
                "batches",
                .array(
                    zip(result.points, frontier.points).map { point, place in
                        .object([
                            ("batch", .int(point.batch)), ("learning_rate", .number(point.rate)),
                            ("updates", .int(point.updates)), ("examples", .number(point.examples)),
                            ("product", .number(frontier.product(place))),
                        ])
                    })
            ),
            ("fewest_updates", .number(frontier.fewestUpdates)),
            ("fewest_examples", .number(frontier.fewestExamples)),
            (
                "critical_batch",
                .object([("value", .number(frontier.criticalBatch)), ("exponent", .number(frontier.exponent))])
            ),
        ])
    }

    private func text(_ result: UpdatesToGoal, _ quadratic: NoisyQuadratic) -> String {
        let frontier = result.frontier
        let rows = zip(result.points, frontier.points).map { point, place in
            [
                grouped(Double(point.batch)), significant(point.rate), grouped(Double(point.updates)),
                grouped(point.examples), significant(place.updates / frontier.fewestUpdates),
                significant(point.examples / frontier.fewestExamples), significant(frontier.product(place)),
            ]
        }
        let header = ["batch", "best rate", "updates", "examples", "S/S_min", "E/E_min", "product"]
        let exponent = frontier.exponent
        let lines =
            [
                "Updates that take the noisy quadratic from \(significant(quadratic.startingLoss)) to "
                    + "\(significant(goal)), at momentum \(significant(momentum)):", "",
            ] + Columns(header: header, rows: rows).lines.map { "  \($0)" } + [
                "",
                "  fewest updates S_min \(grouped(frontier.fewestUpdates)), "
                    + "fewest examples E_min \(grouped(frontier.fewestExamples)),",
                "  critical batch E_min / S_min \(significant(frontier.criticalBatch))",
                "  product: (S/S_min - 1) (E/E_min - 1), which is 1 on the hyperbola",
                "  closest curve: S = S_min (1 + (critical batch / B)^a)^(1/a) with a = \(significant(exponent))",
                "", "  updates (●), and the hyperbola (·):",
            ] + chart(frontier).lines(width: 70, height: 12).map { "  \($0)" }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Updates over the logarithm of the batch, and the hyperbola with the same ends.
    private func chart(_ frontier: BatchFrontier) -> Plot {
        let batches = frontier.points.map(\.batch)
        let (first, last) = (batches.min() ?? 1, batches.max() ?? 1)
        let hyperbola = (0...100).map { step in
            let x = log(first) + Double(step) / 100 * log(last / first)
            return (x: x, y: frontier.updates(batch: exp(x), exponent: 1))
        }
        return Plot(
            series: [
                .init(mark: "·", points: hyperbola),
                .init(mark: "●", points: frontier.points.map { (x: log($0.batch), y: $0.updates) }),
            ], first: short(first), last: "\(short(last)) batch")
    }
}
