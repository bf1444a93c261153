import ArgumentParser
import Batchwise
import BatchwiseExperiments
import Foundation
import Foundations

/// `batchwise measure variance`
struct MeasureVariance: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "variance",
        abstract: "Measure the variance of a batch's gradient over the batch size.",
        discussion: """
            One pass over the training set gives tr(S), the variance of an example's
            gradient, and |G|^2 exactly. Batches of several sizes are then drawn, and the
            variance of their gradients is compared with the closed forms: tr(S)/B with
            replacement, tr(S)/B (N-B)/(N-1) without. There is no dropout or augmentation.

            Examples:
              batchwise measure variance digits
              batchwise measure variance digits --batches 8,64,512 --after "5 epochs"
              batchwise measure variance houses.csv --target price --json
            """)

    @OptionGroup var options: SubjectOptions

    @Option(help: "Batch sizes with commas between them; without it 1, 4, 16 and so on, and the recipe's.")
    var batches: BatchList?

    @OptionGroup var output: OutputOptions

    func run() throws {
        let (subject, parameters) = try options.subject()
        let display = TextDisplay()
        defer { display.clear() }
        let measured = try VarianceMeasurement(subject, batches: batches?.sizes, progress: display.draw)
        display.clear()
        if output.json { return try Output.write(measured.json) }
        try Output.write(measured.text(of: options.source, parameters: parameters))
    }
}

extension VarianceMeasurement {
    fileprivate var json: JSON {
        func mean(_ mean: MeanWithInterval, _ name: String) -> [(key: String, value: JSON)] {
            [
                (name, .number(mean.mean)), ("\(name)_low", JSON(mean.halfWidth.map { mean.mean - $0 })),
                ("\(name)_high", JSON(mean.halfWidth.map { mean.mean + $0 })),
            ]
        }
        return .object([
            ("variance", .number(variance)), ("gradient_norm_squared", .number(gradientNormSquared)),
            ("noise_scale", JSON(noiseScale)), ("examples", .int(examples)),
            (
                "batches",
                .array(
                    rows.map { row in
                        .object(
                            [("batch", .int(row.batch)), ("drawn", .int(row.batches))]
                                + mean(row.withoutReplacement, "measured") + [("predicted", .number(row.predicted))]
                                + mean(row.withReplacement, "with_replacement")
                                + [("predicted_with_replacement", .number(row.predictedWithReplacement))])
                    })
            ),
            (
                "layers",
                .array(
                    layers.map {
                        .object([
                            ("name", .string($0.name)), ("variance", .number($0.variance)),
                            ("gradient_norm_squared", .number($0.gradientNormSquared)),
                        ])
                    })
            ),
            (
                "bias",
                bias.map {
                    .object([
                        ("batch", .int($0.batch)), ("drawn", .int($0.batches)),
                        ("squared_distance", .number($0.squaredDistance)), ("by_chance", .number($0.byChance)),
                    ])
                } ?? .null
            ),
            (
                "epoch_correlation",
                correlation.map {
                    .object([
                        ("batch", .int($0.batch)), ("batches", .int($0.batches)), ("measured", .number($0.measured)),
                        ("predicted", .number($0.predicted)),
                    ])
                } ?? .null
            ),
        ])
    }

    fileprivate func text(of source: String, parameters: String) -> String {
        var lines = [
            "variance of the gradient of \(source) at \(parameters)",
            "  over all \(grouped(Double(examples))) examples: tr(S) \(significant(variance)), |G|^2 "
                + "\(significant(gradientNormSquared)), noise scale \(noiseScale.map(significant) ?? "-")",
            "  shuffled: batches of epochs, closed form tr(S)/B (N-B)/(N-1)",
            "  drawn: batches with replacement, closed form tr(S)/B",
            "",
        ]
        func shown(_ mean: MeanWithInterval) -> String {
            let spread = mean.halfWidth.flatMap {
                mean.mean > 0 ? String(format: " ±%.0f%%", 100 * $0 / mean.mean) : nil
            }
            return significant(mean.mean) + (spread ?? "")
        }
        let table = Columns(
            header: ["batch", "shuffled", "closed form", "drawn", "tr(S)/B", ""],
            rows: rows.map {
                [
                    grouped(Double($0.batch)), shown($0.withoutReplacement), significant($0.predicted),
                    shown($0.withReplacement), significant($0.predictedWithReplacement),
                    bar($0.withoutReplacement.mean),
                ]
            })
        lines += table.lines.map { "  \($0)" }
        lines.append("")
        let layerTable = Columns(
            header: ["layer", "tr(S)", "|G|^2", "noise scale"],
            rows: layers.map {
                [
                    $0.name, significant($0.variance), significant($0.gradientNormSquared),
                    $0.gradientNormSquared > 0 ? significant($0.variance / $0.gradientNormSquared) : "-",
                ]
            })
        lines += layerTable.lines.map { "  \($0)" }
        lines.append("")
        if let bias {
            lines.append(
                "The mean g of \(counted(bias.batches, "batch", "batches")) of \(bias.batch) has |g - G|^2 = "
                    + "\(significant(bias.squaredDistance)), by chance \(significant(bias.byChance)).")
        }
        if let correlation {
            lines.append(
                "Batches of an epoch are anti-correlated: \(significant(correlation.measured)); "
                    + "-1/(n-1) is \(significant(correlation.predicted)) for \(correlation.batches).")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// A bar for the logarithm of a variance, between those of the first and the last row.
    private func bar(_ value: Double) -> String {
        // a batch of the whole data set has rounding errors alone
        let means = rows.filter { $0.predicted > 0 }.map(\.withoutReplacement.mean).filter { $0 > 0 }
        guard let low = means.min(), let high = means.max(), high > low, value >= low else { return "" }
        let width = 1 + Int((11 * (log(value) - log(low)) / (log(high) - log(low))).rounded())
        return String(repeating: "▆", count: width) + String(repeating: " ", count: 12 - width)
    }
}
