import ArgumentParser
import BatchwiseExperiments
import Foundations

/// `batchwise simulate sgd temperature`
struct SimulateTemperature: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "temperature",
        abstract: "Whether rate / batch alone decides the noise: SGD beside its differential equation.",
        discussion: """
            For small rates SGD follows a stochastic differential equation whose noise
            depends on the temperature T = rate / (batch (1 - momentum)) alone. Every rate
            below has the batch of one temperature. On the loss 0.5 h theta^2 they all
            settle at the same variance, until rate times h is no longer small.

            Examples:
              batchwise simulate sgd temperature
              batchwise simulate sgd temperature --temperature 0.001 \\
                --rates 0.032,0.128,0.512 --momentum 0.9
              batchwise simulate sgd temperature --json
            """)

    @Option(help: "The temperature T, rate / (batch (1 - momentum)).")
    var temperature = 0.01

    @Option(help: "The learning rates; each takes the batch rate / (T (1 - momentum)).")
    var rates = CommaList([0.01, 0.03, 0.1, 0.3, 1, 1.5])

    @Option(help: "The curvature h of the loss.")
    var curvature = 1.0

    @Option(help: "The variance c of an example's gradient.")
    var noise = 1.0

    @Option(help: "The momentum m.")
    var momentum = 0.0

    @OptionGroup var chains: ChainOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let result = try Temperature(
            temperature: temperature, curvature: curvature, noise: noise, rates: rates.numbers, momentum: momentum,
            chains: chains.value)
        try output.json ? Output.write(json(result)) : Output.write(text(result))
    }

    private func json(_ result: Temperature) -> JSON {
        .object([
            ("temperature", .number(temperature)), ("curvature", .number(curvature)), ("noise", .number(noise)),
            ("momentum", .number(momentum)), ("chains", .int(chains.chains)), ("updates", .int(chains.updates)),
            (
                "equation",
                .object(
                    result.simulated.entries + [("exact", .number(result.equation)), ("step", .number(result.step))])
            ),
            (
                "sgd",
                .array(
                    result.pairs.map { pair in
                        .object(
                            [("rate", .number(pair.rate)), ("batch", .number(pair.batch))] + pair.simulated.entries + [
                                ("exact", .number(pair.exact)),
                                ("above_equation", .number(pair.exact / result.equation - 1)),
                            ])
                    })
            ),
        ])
    }

    private func text(_ result: Temperature) -> String {
        var rows = [["equation", "", "", result.simulated.shown, significant(result.equation), ""]]
        rows += result.pairs.map { pair in
            [
                significant(pair.rate), significant(pair.batch), significant(pair.rate * curvature),
                pair.simulated.shown, significant(pair.exact), "+" + percent(pair.exact / result.equation - 1),
            ]
        }
        let header = ["rate", "batch", "rate h", "variance (95%)", "closed", "off"]
        let lines =
            ["SGD at the temperature \(significant(temperature)) settles at:", ""]
            + Columns(header: header, rows: rows).lines.map { "  \($0)" } + [
                "",
                "  equation: d theta = -h theta dt + sqrt(T c) dW, which settles at T c / (2 h)",
                "  off: how far SGD settles above it, 1 / (1 - rate h / (2 (1 + m))) - 1",
            ]
        return lines.joined(separator: "\n") + "\n"
    }
}
