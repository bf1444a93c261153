import Batchwise
import BatchwiseRuns
import Foundations

// The results of a sweep as data: the output of `--json`, and the file sweep.json.

extension SweepResult {
    package var json: JSON {
        .object([
            ("cells", .array(cells.map { $0.json(in: directory) })),
            ("best", best.map { $0.json(in: directory) } ?? .null),
            ("critical_batch", criticalBatchJSON),
            ("predicted_critical_batch", predictedCriticalBatch?.json ?? .null),
            ("shapes", .array(shapes.map { $0.shapeJSON(in: directory) })),
            ("sharpness_caveat", shapes.isEmpty ? .null : .string(SharpnessMeasurement.caveat)),
            ("frontier", .array(frontier.map { $0.json(in: directory) })),
            ("goal", JSON(sweep.goal?.text)),
            ("seeds", .int(sweep.seeds)),
            ("tuned_rates", .array(rates.map(json))),
            ("notes", .array([criticalBatchNote, rateNote].compactMap { $0.map { .string($0) } })),
            ("run", .string(directory)),
        ])
    }

    private var criticalBatchJSON: JSON {
        guard sweep.goal != nil, batches.count > 1 else { return .null }
        let found = criticalBatch
        return .object([
            ("value", JSON(found?.value)), ("low", JSON(found?.low)), ("high", JSON(found?.high)),
            ("exponent", JSON(found?.exponent)), ("least_updates", JSON(found?.leastUpdates)),
            ("note", JSON(criticalBatchNote)),
        ])
    }

    private func json(_ rate: TunedRate) -> JSON {
        let setting = settings.first {
            $0.cells[0].cell.number == rate.number && $0.cells[0].cell.rateStep == rate.step
        }
        let cell = setting?.cells[0] ?? cells.first { $0.cell.number == rate.number }
        return .object([
            ("settings", JSON(cell?.cell.settings ?? [])),
            ("rate", rate.step == nil ? .null : JSON(cell?.outcome.rate)),
            ("is_at_edge", .bool(rate.isAtEdge)),
        ])
    }
}

extension TrainedCell {
    fileprivate func json(in directory: String) -> JSON {
        var entries: [(key: String, value: JSON)] = [
            ("settings", JSON(settings)), ("seed", .int(cell.seed)), ("status", .string(outcome.status.rawValue)),
            ("reason", JSON(outcome.reason)), ("updates", .int(outcome.updates)), ("examples", .int(outcome.examples)),
            ("seconds", .number(outcome.seconds)), ("train_loss", JSON(outcome.trainLoss)),
        ]
        let isClassification = outcome.isClassification
        entries += Evaluation.json(outcome.validation, prefix: "validation", isClassification: isClassification)
        entries += Evaluation.json(outcome.test, prefix: "test", isClassification: isClassification)
        return .object(
            entries + [
                ("generalisation_gap", JSON(outcome.gap)),
                ("sharpness", JSON(outcome.shape?.sharpness)),
                ("subspace_sharpness", JSON(outcome.shape?.subspaceSharpness)),
                ("ascent", JSON(outcome.shape?.ascent)),
                ("largest_eigenvalue", JSON(outcome.shape?.largestEigenvalue)),
                ("shape_loss", JSON(outcome.shape?.loss)), ("gap_at_end", JSON(outcome.gapAtEnd)),
                ("shape_notes", .array((outcome.shape?.notes ?? []).map { .string($0) })),
                ("noise_scale", outcome.noise.map { .object($0.estimate.entries) } ?? .null),
                ("updates_to_goal", outcome.goal.map { .int($0.updates) } ?? .null),
                ("examples_to_goal", outcome.goal.map { .int($0.examples) } ?? .null),
                ("seconds_to_goal", JSON(outcome.goal?.seconds)),
                ("parameters_sha256", JSON(outcome.parametersSHA256)),
                ("run", .string("\(directory)/\(cell.folder)")),
            ])
    }
}

extension SettingResult {
    /// Means over the seeds.
    fileprivate func json(in directory: String) -> JSON {
        .object([
            ("settings", JSON(settings)), ("batch", .int(batch)), ("seeds", .int(cells.count)),
            ("reached", .int(reached.count)), ("updates_to_goal", JSON(updatesToGoal)),
            ("examples_to_goal", JSON(examplesToGoal)), ("seconds_to_goal", JSON(secondsToGoal)),
            ("examples", .number(examples)), ("seconds", JSON(mean(\.seconds))),
            ("train_loss", JSON(mean(\.trainLoss))), ("validation_loss", JSON(mean { $0.validation?.loss })),
            ("validation_accuracy", JSON(mean { $0.validation?.accuracy })),
            ("validation_rmse", JSON(mean { $0.validation?.rmse })), ("test_loss", JSON(mean { $0.test?.loss })),
            ("test_accuracy", JSON(mean { $0.test?.accuracy })), ("test_rmse", JSON(mean { $0.test?.rmse })),
            ("generalisation_gap", JSON(gap)), ("run", .string("\(directory)/\(cells[0].cell.folder)")),
        ])
    }
}

extension SettingResult {
    /// The shape of the loss beside the batch: means over the seeds.
    fileprivate func shapeJSON(in directory: String) -> JSON {
        .object([
            ("settings", JSON(settings)), ("batch", .int(batch)), ("seeds", .int(cells.count)),
            ("train_loss", JSON(mean(\.trainLoss))), ("generalisation_gap", JSON(gap)),
            ("sharpness", JSON(shape(\.sharpness))), ("subspace_sharpness", JSON(shape(\.subspaceSharpness))),
            ("ascent", JSON(shape(\.ascent))), ("largest_eigenvalue", JSON(shape(\.largestEigenvalue))),
            ("shape_loss", JSON(shape(\.loss))), ("gap_at_end", JSON(mean(\.gapAtEnd))),
            ("shape_examples", .int(cells.lazy.compactMap(\.outcome.shape?.examples).first ?? 0)),
            ("run", .string("\(directory)/\(cells[0].cell.folder)")),
        ])
    }
}

extension PredictedCriticalBatch {
    fileprivate var json: JSON {
        .object([
            ("value", JSON(noise.noiseScale)), ("low", JSON(noise.low)), ("high", JSON(noise.high)),
            ("ratio", JSON(ratio)), ("verdict", .string(noise.verdict.rawValue)), ("batch", .int(batch)),
            ("runs", .int(runs)), ("updates", .int(noise.updates)),
        ])
    }
}

extension JSON {
    /// Settings as a map from keys to values.
    fileprivate init(_ settings: [RecipeValue.Entry]) { self.init(RecipeValue.map(settings)) }
}
