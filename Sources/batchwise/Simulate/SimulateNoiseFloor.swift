import ArgumentParser
import BatchwiseExperiments
import Foundations

/// `batchwise simulate sgd noise-floor`
struct SimulateNoiseFloor: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "noise-floor",
        abstract: "Where SGD with a constant rate settles, and why it comes no closer.",
        discussion: """
            SGD on the loss 0.5 sum h_i theta_i^2, where the noise of a batch's gradient
            has the variance c_i / B in direction i. Each theta_i settles at a variance:
            simulated, in closed form, and by the stochastic differential equation, which
            holds for small rates.

            Examples:
              batchwise simulate sgd noise-floor
              batchwise simulate sgd noise-floor --curvature 10,1 --noise 2,5 --batch 8 \\
                --rate 0.15
              batchwise simulate sgd noise-floor --rate 0.3 --momentum 0.9 --json
            """)

    @Option(help: "The curvatures h_i of the loss.")
    var curvature = CommaList([1.0, 0.1, 0.01])

    @Option(help: "The variances c_i of an example's gradient: one, or one for each curvature.")
    var noise = CommaList([1.0])

    @Option(help: "The batch size B.")
    var batch = 1

    @Option(help: "The learning rate.")
    var rate = 0.3

    @Option(help: "The momentum m: v <- m v + gradient; theta <- theta - rate v.")
    var momentum = 0.0

    @OptionGroup var chains: ChainOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let floor = try NoiseFloor(
            curvatures: curvature.numbers, noises: noise.numbers, batch: Double(batch), rate: rate, momentum: momentum,
            chains: chains.value)
        try output.json ? Output.write(json(floor)) : Output.write(text(floor))
    }

    private func json(_ floor: NoiseFloor) -> JSON {
        .object([
            ("rate", .number(rate)), ("momentum", .number(momentum)), ("batch", .int(batch)),
            ("limit", .number(floor.limit)), ("chains", .int(chains.chains)), ("updates", .int(chains.updates)),
            (
                "directions",
                .array(
                    floor.directions.map { direction in
                        .object(
                            [("curvature", .number(direction.curvature)), ("noise", .number(direction.noise))]
                                + direction.simulated.entries + [
                                    ("exact", .number(direction.exact)), ("continuous", .number(direction.continuous)),
                                ])
                    })
            ),
            ("loss", .number(floor.loss)), ("simulated_loss", .number(floor.simulatedLoss)),
        ])
    }

    private func text(_ floor: NoiseFloor) -> String {
        let rows = floor.directions.map { direction in
            [
                significant(direction.curvature), significant(direction.noise), direction.simulated.shown,
                significant(direction.exact), significant(direction.continuous),
            ]
        }
        let header = ["curvature", "noise", "variance (95%)", "closed form", "equation"]
        let lines =
            [
                "SGD at rate \(significant(rate)), momentum \(significant(momentum)) and batch \(batch) settles at:",
                "",
            ] + Columns(header: header, rows: rows).lines.map { "  \($0)" } + [
                "",
                "  loss \(significant(floor.simulatedLoss)), by the closed form \(significant(floor.loss))",
                "  closed form: rate c/B (1 + m) / (h (1 - m) (2 (1 + m) - rate h))",
                "  equation, for small rates: rate c/B / (2 h (1 - m))",
                "  SGD diverges from the rate 2 (1 + m) / h = \(significant(floor.limit)) on.",
            ]
        return lines.joined(separator: "\n") + "\n"
    }
}
