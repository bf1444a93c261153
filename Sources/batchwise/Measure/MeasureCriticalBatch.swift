import ArgumentParser
import Batchwise
import BatchwiseExperiments
import Foundations

/// `batchwise measure critical-batch`
struct MeasureCriticalBatch: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "critical-batch",
        abstract: "Train larger batches from one state, and find the first that wastes examples.",
        discussion: """
            From the same parameters, runs with k times the batch and a larger rate train
            on the same number of examples. A batch whose loss is within 1% of that of the
            recipe's batch is not beyond the critical batch.

            Examples:
              batchwise measure critical-batch digits --after "2 epochs"
              batchwise measure critical-batch digits --factors 1,2,4,8,16 --seeds 5
              batchwise measure critical-batch recipe.yaml --run runs/half-way --json
            """)

    @OptionGroup var options: SubjectOptions

    @Option(help: "Factors of the recipe's batch, from 1 and rising.")
    var factors = "1,2,4"

    @Option(help: "Examples of each run; without it 40 updates of the largest batch, or an epoch where that is more.")
    var examples: Int?

    @Option(help: "Runs of each batch, with orders of their own.")
    var seeds = 3

    @OptionGroup var output: OutputOptions

    private var parsedFactors: [Int] {
        factors.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
    }

    func validate() throws {
        let factors = parsedFactors
        guard factors.first == 1, (2...20).contains(factors.count), factors.allSatisfy({ $0 <= 1 << 20 }),
            zip(factors, factors.dropFirst()).allSatisfy({ $0 < $1 })
        else { throw ValidationError("--factors must begin with 1 and rise, for example 1,2,4") }
        if !(1...1000).contains(seeds) { throw ValidationError("--seeds must be from 1 to 1000") }
        if let examples, !(1...1 << 40).contains(examples) { throw ValidationError("--examples must be at least 1") }
    }

    func run() throws {
        let (subject, parameters) = try options.subject()
        let display = CountDisplay("runs trained")
        let found = try BranchedRuns(
            subject, factors: parsedFactors, examples: examples, seeds: seeds, progress: display.draw)
        display.clear()
        if output.json { return try Output.write(found.json) }
        try Output.write(found.text(of: options.source, parameters: parameters))
    }
}

extension BranchedRuns {
    fileprivate var json: JSON {
        .object([
            ("low", .int(largestAsGood.batch)), ("high", firstWorse.map { .int($0.batch) } ?? .null),
            ("settled", .bool(branches.allSatisfy(isSettled))), ("examples", .int(examples)),
            ("tolerance", .number(tolerance)),
            (
                "branches",
                .array(
                    branches.map { branch in
                        let width = branch.loss == nil ? nil : branch.differences.halfWidth
                        let mean = branch.loss == nil ? nil : branch.differences.mean
                        return .object([
                            ("batch", .int(branch.batch)), ("rate", .number(branch.rate)), ("loss", JSON(branch.loss)),
                            ("difference", JSON(mean)), ("half_width", JSON(width)),
                            ("as_good", .bool(isAsGood(branch))),
                        ])
                    })
            ),
        ])
    }

    fileprivate func text(of source: String, parameters: String) -> String {
        let rows = branches.map { branch -> [String] in
            guard let loss = branch.loss else { return ["\(branch.batch)", significant(branch.rate), "diverged", "-"] }
            let mean = String(format: "%+.2f%%", 100 * branch.differences.mean)
            let width = branch.differences.halfWidth.map { String(format: " +- %.2f", 100 * $0) } ?? ""
            return [
                "\(branch.batch)", significant(branch.rate), significant(loss), branch.factor == 1 ? "-" : mean + width,
            ]
        }
        var lines = [
            "branches of \(source) from \(parameters)",
            "  \(grouped(Double(examples))) examples each, \(counted(branches[0].losses.count, "seed"))", "",
        ]
        lines += Columns(header: ["batch", "rate", "loss", "difference"], rows: rows).lines.map { "  \($0)" }
        let good = grouped(Double(largestAsGood.batch))
        lines.append("")
        if let worse = firstWorse {
            lines.append("The critical batch here is from \(good) to \(grouped(Double(worse.batch))).")
        } else {
            lines.append("The critical batch here is above \(good): try larger --factors.")
        }
        for branch in branches where !isSettled(branch) {
            lines.append("Whether \(branch.batch) is within 1% is not settled: take more --seeds or --examples.")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
