import ArgumentParser
import BatchwiseExperiments
import Foundations

/// `batchwise simulate sgd best-batch`
struct SimulateBestBatch: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "best-batch",
        abstract: "The batch that reaches a goal soonest, and the cost of another one.",
        discussion: """
            An update takes a + b B seconds, and U_min (1 + B_c / B) updates reach the
            goal, where B_c is the critical batch. The best batch sqrt(B_c a / b) and the
            cost of others stand in closed form beside a search over all batches.

            Examples:
              batchwise simulate sgd best-batch
              batchwise simulate sgd best-batch --critical-batch 900 --seconds 0.002 \\
                --seconds-per-example 0.00001
              batchwise simulate sgd best-batch --json
            """)

    @Option(help: "The critical batch B_c.")
    var criticalBatch = 200.0

    @Option(help: "The seconds a of an update that do not depend on the batch.")
    var seconds = 0.016

    @Option(help: "The seconds b that each example adds to an update.")
    var secondsPerExample = 0.001

    @OptionGroup var output: OutputOptions

    private static let factors = [0.25, 0.5, 1, 2, 4]
    /// The largest batch of the search.
    private static let last = 10_000_000

    func validate() throws {
        for (name, value) in [
            ("--critical-batch", criticalBatch), ("--seconds", seconds), ("--seconds-per-example", secondsPerExample),
        ] where !(value > 0 && value.isFinite) {
            throw ValidationError("\(name) must be a number above 0")
        }
    }

    func run() throws {
        guard
            let best = BestBatch(
                criticalBatch: criticalBatch, seconds: seconds, secondsPerExample: secondsPerExample),
            (0.5...Double(Self.last) / 4).contains(best.batch)
        else {
            throw Failure(
                .usage,
                "the best batch sqrt(B_c a / b) is not from 1 to \(grouped(Double(Self.last) / 4)), where batches are "
                    + "searched: change --critical-batch, --seconds or --seconds-per-example")
        }
        let searched = best.searched(upTo: Int(4 * best.batch) + 4)
        let least = best.relativeTime(Double(searched))
        let rows = Self.factors.map { factor in
            let batch = max((factor * best.batch).rounded(), 1)
            return Row(
                factor: factor, batch: Int(batch), cost: best.cost(ofFactor: factor),
                searched: best.relativeTime(batch) / least - 1)
        }
        try output.json ? Output.write(json(best, searched, rows)) : Output.write(text(best, searched, rows))
    }

    /// The cost of a batch some times the best: by the closed form, and for the nearest whole batch against the best one
    /// of the search.
    private struct Row {
        let factor: Double
        let batch: Int
        let cost: Double
        let searched: Double
    }

    private func json(_ best: BestBatch, _ searched: Int, _ rows: [Row]) -> JSON {
        .object([
            ("critical_batch", .number(criticalBatch)), ("seconds", .number(seconds)),
            ("seconds_per_example", .number(secondsPerExample)), ("best_batch", .number(best.batch)),
            ("searched_batch", .int(searched)),
            (
                "if_wrong",
                .array(
                    rows.map { row in
                        .object([
                            ("factor", .number(row.factor)), ("batch", .int(row.batch)), ("cost", .number(row.cost)),
                            ("searched_cost", .number(row.searched)),
                        ])
                    })
            ),
        ])
    }

    private func text(_ best: BestBatch, _ searched: Int, _ rows: [Row]) -> String {
        let cells = rows.map { row in
            [
                "\(significant(row.factor)) times", grouped(Double(row.batch)), "+" + percent(row.cost),
                "+" + percent(row.searched),
            ]
        }
        let lines =
            [
                "The best batch is \(significant(best.batch)), and \(grouped(Double(searched))) by a search over all "
                    + "batches.", "", "Time to the goal that another batch takes more:", "",
            ]
            + Columns(header: ["the best batch", "batch", "closed form", "search"], rows: cells).lines.map { "  \($0)" }
            + [
                "", "  best batch sqrt(B_c a / b)",
                "  closed form (r + 1/r - 2) sqrt(B_c h) / (sqrt(h) + sqrt(B_c))^2 with h = a / b",
            ]
        return lines.joined(separator: "\n") + "\n"
    }
}
