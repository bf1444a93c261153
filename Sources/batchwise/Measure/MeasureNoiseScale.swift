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
            as training draws them. With products of the Hessian H the noise is weighed by the curvature of the loss too:
            tr(HS) / G'HG. With --along the noise scale is measured again and again while the recipe trains.

            Examples:
              batchwise measure noise-scale digits
              batchwise measure noise-scale digits --after "5 epochs" --updates 200
              batchwise measure noise-scale digits --along "2 epochs"
              batchwise measure noise-scale recipe.yaml --run runs/houses-20260101T120000Z --json
            """)

    @OptionGroup var options: SubjectOptions

    @Option(help: "Batches that are measured; without it 64, or one pass over the data and at least 16.")
    var updates: Int?

    @Flag(
        inversion: .prefixedNo,
        help: ArgumentHelp("Weigh the noise by the curvature too; without it where that takes seconds."))
    var hessian: Bool?

    @OptionGroup var course: AlongOption

    @OptionGroup var output: OutputOptions

    func validate() throws {
        if let updates, !(2...1_000_000).contains(updates) {
            throw ValidationError("--updates must be from 2 to 1000000")
        }
    }

    func run() throws {
        let length = try course.length()
        let (subject, parameters) = try options.subject()
        let display = CountDisplay("batches measured")
        let measured = try NoiseScaleMeasurement(subject, updates: updates, progress: display.draw)
        let samples = CountDisplay("samples of the Hessian")
        let weighed = try WeighedNoise(subject, isWanted: hessian, progress: samples.draw)
        let done = CountDisplay("updates")
        let course = try length.map { try NoiseCourse(subject, every: $0, updates: updates, progress: done.draw) }
        display.clear()
        if output.json { return try Output.write(measured.json(weighed, course)) }
        try Output.write(measured.text(of: options.source, parameters: parameters, weighed, course))
    }
}

/// The noise scale with the curvature, or the reason why there is none.
private struct WeighedNoise {
    private(set) var noise: HessianNoiseScale?
    private(set) var reason: String?

    /// Some seconds of a core.
    private static let mostCost = 1e11

    /// Measures where it is wanted, or, where nobody said so, where it is possible and takes little time.
    init(_ subject: Subject, isWanted: Bool?, progress: (Int, Int) -> Void) throws {
        guard let isWanted else {
            do {
                guard try HessianNoiseScale.cost(subject) <= Self.mostCost else {
                    reason = "products of the Hessian would take long here: --hessian weighs the noise by the curvature"
                    return
                }
                noise = try HessianNoiseScale(subject, progress: progress)
            } catch {
                reason = "the noise is not weighed by the curvature: \(error)"
            }
            return
        }
        if isWanted { noise = try HessianNoiseScale(subject, progress: progress) }
    }
}

extension NoiseScaleMeasurement {
    fileprivate func json(_ weighed: WeighedNoise, _ course: NoiseCourse?) -> JSON {
        let estimate = noise.estimate
        return .object(
            estimate.entries + [
                ("small_batches", .number(noise.meanSmallBatches)), ("small_batch", .number(noise.meanSmallBatch)),
                ("updates_to_settle", noise.updatesToSettle.map { .int($0) } ?? .null), ("loss", .number(loss.mean)),
                (
                    "layers",
                    .array(
                        noise.layerEstimates.map { layer, estimate in
                            .object([("name", .string(layer))] + estimate.entries)
                        })
                ), ("hessian", weighed.noise?.json ?? .null), ("hessian_reason", JSON(weighed.reason)),
                ("along", course?.json ?? .null),
            ])
    }

    fileprivate func text(
        of source: String, parameters: String, _ weighed: WeighedNoise, _ course: NoiseCourse?
    ) -> String {
        let estimate = noise.estimate
        let title = "noise scale of \(source) at \(parameters):"
        var lines =
            title.count + estimate.shown.count < 80
            ? ["\(title) \(estimate.shown)"] : [title, "  \(estimate.shown)"]
        lines.append(
            "  tr(S) \(significant(estimate.variance)), |G|^2 \(significant(estimate.gradientNormSquared)); "
                + "\(counted(noise.updates, "batch", "batches")) of "
                + "\(grouped(noise.meanSmallBatches * noise.meanSmallBatch)) examples")
        if let notice { lines += wrapped(notice, width: 78).map { "  \($0)" } }
        lines.append("")
        lines += layers(weighed.noise).map { "  \($0)" }
        lines += [""] + advice(estimate).split(separator: "\n").map(String.init)
        if let noise = weighed.noise { lines += [""] + noise.lines }
        if let reason = weighed.reason { lines += [""] + wrapped(reason, width: 80) }
        if let course { lines += [""] + course.lines }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The noise scale of each layer, and its part of the one with the curvature.
    private func layers(_ weighed: HessianNoiseScale?) -> [String] {
        let header = ["layer", "noise scale"] + (weighed == nil ? [] : ["with the curvature"])
        let rows = noise.layerEstimates.enumerated().map { place, layer in
            [layer.layer, layer.estimate.shown] + (weighed.map { [$0.layers[place].estimate.shown] } ?? [])
        }
        let lines = Columns(header: header, rows: rows).lines
        guard weighed != nil, lines.contains(where: { $0.count > 78 }) else { return lines }
        return layers(nil)
    }

    private func advice(_ estimate: NoiseScale.Estimate) -> String {
        let more = noise.updatesToSettle.flatMap {
            $0 > 0 ? "About \(counted($0, "batch", "batches")) more would settle it (--updates)." : nil
        }
        switch estimate.verdict {
        case .measured:
            let scale = estimate.noiseScale ?? 0
            let meaning =
                scale < 1
                ? "It is below 1: for each update a batch of 1 is nearly as good as any other."
                : "A batch of \(significant(scale)) takes twice the fewest updates and twice the fewest\n"
                    + "examples; smaller ones save examples, larger ones updates."
            return meaning + (noise.uncertainty ?? 0 > 0.3 ? more.map { "\n\($0)" } ?? "" : "")
        case .atLeast:
            return "There is not enough evidence for an upper end.\n" + (more ?? "Measure more batches: --updates.")
        case .notEnoughEvidence:
            return "The mean gradient cannot be told from 0.\n" + (more ?? "Measure more batches: --updates.")
        case .noNoise: return "The gradients of all examples are equal: a batch of 1 is as good as any other."
        case .noGradient: return "All gradients are 0: there is nothing to learn at these parameters."
        }
    }
}
