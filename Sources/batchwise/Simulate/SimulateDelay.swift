import ArgumentParser
import BatchwiseExperiments
import Foundations

/// `batchwise simulate sgd delay`
struct SimulateDelay: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delay",
        abstract: "The largest stable rate where gradients are some updates old.",
        discussion: """
            Gradient descent on 0.5 h theta^2 with the gradients of parameters that are t
            updates old, as asynchronous workers compute them. The largest rate that still
            converges is found by bisection, and stands beside the closed form
            2 sin(pi / (2 (2 t + 1))) / h.

            Examples:
              batchwise simulate sgd delay
              batchwise simulate sgd delay --delays 0,3,15 --curvature 12.5 --json
            """)

    @Option(help: "The delays t, in updates.")
    var delays = CommaList([0, 1, 2, 4, 8, 16])

    @Option(help: "The curvature h of the loss; of several the largest.")
    var curvature = 1.0

    @OptionGroup var output: OutputOptions

    func run() throws {
        let descents = try delays.numbers.map { try DelayedGradients(delay: $0, curvature: curvature) }
        let found = descents.map { (descent: $0, rate: $0.largestStableRate()) }
        if output.json {
            return try Output.write(
                .object([
                    ("curvature", .number(curvature)),
                    (
                        "delays",
                        .array(
                            found.map { descent, rate in
                                .object([
                                    ("delay", .int(descent.delay)), ("largest_stable", .number(rate)),
                                    ("exact", .number(descent.limit)),
                                ])
                            })
                    ),
                ]))
        }
        let rows = found.map { descent, rate in
            ["\(descent.delay)", significant(rate), significant(descent.limit), percent(descent.limit * curvature / 2)]
        }
        let header = ["delay", "largest stable rate", "closed form", "of no delay"]
        let lines =
            ["Gradient descent at curvature \(significant(curvature)) with delayed gradients:", ""]
            + Columns(header: header, rows: rows).lines.map { "  \($0)" }
        try Output.write(lines.joined(separator: "\n") + "\n")
    }
}
