import ArgumentParser
import Batchwise
import BatchwiseExperiments
import Foundations

/// `batchwise measure noise-scale`
struct MeasureNoiseScale: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "noise-scale",
        abstract: "Measure the gradient noise scale tr(S) / |G|^2, with its interval.",
        discussion: """
            The noise scale is the batch size at which the noise of the gradient is as large as the gradient: much smaller
            batches waste updates, much larger ones waste examples. It is measured at fixed parameters, from batches
            as training draws them.

            Examples:
              batchwise measure noise-scale digits
              batchwise measure noise-scale digits --after "5 epochs" --updates 200
              batchwise measure noise-scale recipe.yaml --run runs/houses-20260101T120000Z --json
            """)

    @OptionGroup var options: SubjectOptions

    @Option(help: "Batches that are measured; without it 64, or one pass over the data where they are fewer.")
    var updates: Int?

    @OptionGroup var output: OutputOptions

    func validate() throws {
        if let updates, !(2...1_000_000).contains(updates) {
            throw ValidationError("--updates must be from 2 to 1000000")
        }
    }

    func run() throws {
        let (subject, parameters) = try options.subject()
        let display = CountDisplay("batches measured")
        let measured = try NoiseScaleMeasurement(subject, updates: updates, progress: display.draw)
        display.clear()
        if output.json { return try Output.write(measured.json) }
        try Output.write(measured.text(of: options.source, parameters: parameters))
    }
}

extension NoiseScaleMeasurement {
    fileprivate var json: JSON {
        let estimate = noise.estimate
        return .object(
            estimate.entries + [
                ("small_batches", .number(noise.meanSmallBatches)), ("small_batch", .number(noise.meanSmallBatch)),
                ("updates_to_settle", noise.updatesToSettle.map { .int($0) } ?? .null),
                (
                    "layers",
                    .array(
                        noise.layerEstimates.map { layer, estimate in
                            .object([("name", .string(layer))] + estimate.entries)
                        })
                ),
            ])
    }

    fileprivate func text(of source: String, parameters: String) -> String {
        let estimate = noise.estimate
        var lines = [
            "noise scale of \(source) at \(parameters): \(estimate.shown)",
            "  tr(S) \(significant(estimate.variance)), |G|^2 \(significant(estimate.gradientNormSquared)); "
                + "\(counted(noise.updates, "batch", "batches")) of "
                + "\(grouped(noise.meanSmallBatches * noise.meanSmallBatch)) examples",
        ]
        if let notice { lines.append("  \(notice)") }
        lines.append("")
        let rows = noise.layerEstimates.map { layer, estimate in [layer, estimate.shown] }
        lines += Columns(header: ["layer", "noise scale"], rows: rows).lines.map { "  \($0)" }
        lines += ["", advice(estimate)]
        return lines.joined(separator: "\n") + "\n"
    }

    private func advice(_ estimate: NoiseScale.Estimate) -> String {
        let more = noise.updatesToSettle.flatMap {
            $0 > 0 ? "\nAbout \(counted($0, "batch", "batches")) more would settle it (--updates)." : nil
        }
        switch estimate.verdict {
        case .measured:
            let scale = estimate.noiseScale ?? 0
            return
                "A batch of \(significant(scale)) takes twice the fewest updates and twice the fewest\n"
                + "examples; smaller ones save examples, larger ones updates."
                + (noise.uncertainty ?? 0 > 0.3 ? (more ?? "") : "")
        case .atLeast:
            return "There is not enough evidence for an upper end." + (more ?? " Measure more batches: --updates.")
        case .notEnoughEvidence:
            return "The mean gradient cannot be told from 0: measure more batches (--updates)." + (more ?? "")
        case .noNoise: return "The gradients of all examples are equal: a batch of 1 is as good as any other."
        case .noGradient: return "All gradients are 0: there is nothing to learn at these parameters."
        }
    }
}
