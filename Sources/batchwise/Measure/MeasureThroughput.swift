import ArgumentParser
import Batchwise
import BatchwiseExperiments
import Foundation
import Foundations

/// `batchwise measure throughput`
struct MeasureThroughput: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "throughput",
        abstract: "Measure the speed of training over the batch size, on this machine.",
        discussion: """
            Each batch size is planned as training would plan it, and its updates are timed
            a few times on the training examples; parameters are thrown away. The ceiling
            is the rate of products of 1024 x 1024 matrices by the same kernels on as many
            threads, measured in the same run.

            Examples:
              batchwise measure throughput digits
              batchwise measure throughput recipe.yaml --batches 32,64,128,256 --threads 2
              batchwise measure throughput houses.csv --target price --seconds 0.5 --json
            """)

    @OptionGroup var options: SubjectOptions

    @Option(help: "Batch sizes with commas between them; without it powers of two, and the recipe's.")
    var batches: BatchList?

    @Option(help: "Seconds for which each size is measured; a few times as long on a busy machine.")
    var seconds = 0.1

    @OptionGroup var output: OutputOptions

    func validate() throws {
        if !(0.001...3600).contains(seconds) { throw ValidationError("--seconds must be from 0.001 to 3600") }
    }

    func run() throws {
        let (subject, _) = try options.subject()
        let display = TextDisplay()
        defer { display.clear() }
        let measured = try ThroughputMeasurement(
            subject, batches: batches?.sizes, seconds: seconds, progress: display.draw)
        display.clear()
        if output.json { return try Output.write(measured.json) }
        try Output.write(measured.text(of: options.source))
    }
}

extension ThroughputMeasurement {
    fileprivate var json: JSON {
        func json(_ row: Row) -> JSON {
            .object([
                ("batch", .int(row.batch)), ("seconds_per_update", .number(row.speed.secondsPerUpdate)),
                ("examples_per_second", .number(row.speed.examplesPerSecond)),
                ("low", JSON(row.speed.low)), ("high", JSON(row.speed.high)), ("rough", .bool(row.speed.isRough)),
                ("share_of_ceiling", JSON(shareOfCeiling(row))),
            ])
        }
        return .object([
            ("batches", .array(rows.map(json))), ("neighbours", .array(neighbours.map(json))),
            ("ceiling", .number(ceiling)), ("knee", knee.map { .int($0) } ?? .null),
            (
                "fit",
                fit.map { fit in
                    .object([
                        ("seconds", .number(fit.seconds)), ("seconds_per_example", .number(fit.secondsPerExample)),
                        ("kink", JSON(fit.kink?.batch)),
                        ("seconds_per_example_beyond", JSON(fit.kink.map { fit.secondsPerExample + $0.change })),
                        ("held_out_error", JSON(fit.heldOutError)), ("overhead", JSON(fit.overhead)),
                    ])
                } ?? .null
            ),
            ("growth", JSON(growth)),
        ])
    }

    fileprivate func text(of source: String) -> String {
        let best = rows.map(\.speed.examplesPerSecond).max() ?? 1
        var lines = ["speed of training \(source) over the batch size", ""]
        let table = Columns(
            header: ["batch", "an update", "examples/s", "spread", "of the ceiling", ""],
            rows: rows.map { row in
                let width = max(Int((12 * row.speed.examplesPerSecond / best).rounded()), 1)
                return [
                    grouped(Double(row.batch)), shortTime(row.speed.secondsPerUpdate),
                    grouped(row.speed.examplesPerSecond), spread(row.speed),
                    shareOfCeiling(row).map(percent) ?? "-",
                    String(repeating: "▆", count: width) + String(repeating: " ", count: 12 - width),
                ]
            })
        lines += table.lines.map { "  \($0)" }
        lines.append("")
        lines.append("The ceiling is \(significant(2 * ceiling / 1e9)) GFLOP/s of products of large matrices.")
        if let knee {
            lines.append("From a batch of \(grouped(Double(knee))) on, the speed is nine tenths of the best.")
        }
        if let fit {
            var line = "T(B) = \(shortTime(fit.seconds)) + \(shortTime(fit.secondsPerExample)) B"
            if let kink = fit.kink {
                line +=
                    " up to B = \(grouped(kink.batch)), then \(shortTime(fit.secondsPerExample + kink.change)) an example"
            }
            line += fit.heldOutError.map { "; held-out error at most \(percent($0))" } ?? ""
            lines += wrapped(line, width: 80)
        }
        if let growth {
            lines.append("A recipe whose batch grows for the most progress a second on this machine has")
            lines.append("  \(growth)")
        }
        if neighbours.count == 3 {
            let speeds = neighbours.map(\.speed.examplesPerSecond)
            lines += wrapped(
                "Beside a batch of \(neighbours[1].batch), \(neighbours[0].batch) has "
                    + "\(percent(speeds[0] / speeds[1])) and \(neighbours[2].batch) \(percent(speeds[2] / speeds[1])) "
                    + "of its speed.", width: 80)
        }
        if rows.contains(where: \.speed.isRough) { lines.append("The machine was busy: these times are rough.") }
        return lines.joined(separator: "\n") + "\n"
    }

    private func spread(_ speed: Plan.Speed) -> String {
        guard let low = speed.low, let high = speed.high else { return "-" }
        return String(format: "±%.0f%%", 50 * (high - low) / speed.examplesPerSecond)
    }
}

/// 120 ns, 1.2 us, 3.4 ms, 1.2 s.
func shortTime(_ seconds: Double) -> String {
    switch seconds {
    case ..<1e-6: String(format: "%.3g ns", seconds * 1e9)
    case ..<1e-3: String(format: "%.3g us", seconds * 1e6)
    case ..<1: String(format: "%.3g ms", seconds * 1e3)
    default: String(format: "%.3g s", seconds)
    }
}
