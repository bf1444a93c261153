import Batchwise
import BatchwiseExperiments
import Foundations

extension NoiseScaleMeasurement {
    func json(_ weighed: WeighedNoise, _ course: NoiseCourse?) -> JSON {
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

    func text(
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
        let rows = noise.layerEstimates.map { layer in
            [layer.layer, layer.estimate.shown]
                + (weighed.map { noise in [noise.layers.first { $0.name == layer.layer }?.estimate.shown ?? "-"] } ?? [])
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
