import BatchwiseExperiments
import Foundation

// The measurements of `batchwise sweep` for people: the shape of the loss, and the critical batch beside the noise scale.

extension SweepResult {
    /// The shape of the loss over the batch, and how to read it; empty where it was not measured.
    var shapeLines: [String] {
        let shapes = shapes
        guard let examples = shapes.lazy.flatMap(\.cells).compactMap({ $0.outcome.shape?.examples }).first else {
            return []
        }
        var columns: [(name: String, value: (SettingResult) -> Double?)] = [("loss", { $0.shape(\.loss) })]
        var meanings = [
            "Shape of the mean loss over \(counted(examples, "training example")) at the end, means of the seeds."
        ]
        if shapes.contains(where: { $0.mean(\.gapAtEnd) != nil }) {
            columns.append(("gap", { $0.mean(\.gapAtEnd) }))
            meanings.append("Gap: the test loss less this loss.")
        }
        if sweep.measures.contains(.sharpness) {
            columns += [
                ("box", { $0.shape(\.sharpness) }), ("directions", { $0.shape(\.subspaceSharpness) }),
                ("gradient", { $0.shape(\.ascent) }),
            ]
            meanings += [
                "Box: 100 (largest loss - loss) / (1 + loss) over |z| <= \(CellShape.epsilon) (|w| + 1); directions: "
                    + "the same over 100 random ones (Keskar 2017).",
                "Gradient: the rise of the loss after a step of 0.05 along it (Foret 2021).",
            ]
        }
        if sweep.measures.contains(.curvature) {
            columns.append(("eigenvalue", { $0.shape(\.largestEigenvalue) }))
            meanings.append("Eigenvalue: the largest of the Hessian.")
        }
        let rows = shapes.map { setting in
            [setting.label] + columns.map { column in column.value(setting).map(brief) ?? "-" }
        }
        let table = fitted(["settings"] + columns.map(\.name), rows)
        let notes = Set(cells.flatMap { $0.outcome.shape?.notes ?? [] }).sorted().map { "Of some cells \($0)." }
        return [""] + table + (meanings + notes + [SharpnessMeasurement.caveat]).flatMap { wrapped($0) } + [""]
    }

    /// The critical batch by the sweep and by the noise scale; empty where the noise scale was not to be measured.
    var predictionLines: [String] {
        guard sweep.measures.contains(.noiseScale) else { return [] }
        guard let predicted = predictedCriticalBatch else {
            return wrapped(
                "The noise scale was not measured: no run with the middle batch size was trained, or none of its batches "
                    + "has parts whose gradients can be compared.")
        }
        let noise = predicted.noise
        let found = criticalBatch
        let rows = [
            [
                "by this sweep", whole(found?.value), interval(found?.low, found?.high),
                found.map { brief($0.exponent) } ?? "-",
            ],
            ["by noise scale", whole(noise.high == nil ? nil : noise.noiseScale), interval(noise.low, noise.high), ""],
            ["ratio", predicted.ratio.map(brief) ?? "-", "", ""],
        ]
        return [""] + Columns(header: ["critical batch", "value", "95%", "exponent"], rows: rows).lines
            + wrapped(
                "The noise scale is the mean of tr(S) over the mean of |G|^2, of \(counted(noise.updates, "update")) of "
                    + "\(counted(predicted.runs, "run")) at a batch of \(predicted.batch), from the first to the last.")
            + [""]
    }

    private func whole(_ batch: Double?) -> String { batch.map { significant($0.rounded()) } ?? "-" }

    private func interval(_ low: Double?, _ high: Double?) -> String {
        switch (low, high) {
        case (let low?, let high?): "\(whole(low)) to \(whole(high))"
        case (let low?, nil): "above \(whole(low))"
        case (nil, let high?): "below \(whole(high))"
        case (nil, nil): "-"
        }
    }
}
