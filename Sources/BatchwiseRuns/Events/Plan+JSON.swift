import Batchwise
import Foundations

// A plan as JSON: the keys of a run's plan.json, and the first keys of `plan --json`. `Plan` reads them where keys are
// converted from snake case.

extension Plan {
    package var json: JSON { .object(entries) }

    package var entries: [(key: String, value: JSON)] {
        [
            ("batch", .int(batch)), ("grain", .int(grain)), ("lanes", .int(lanes)), ("micro_batch", .int(microBatch)),
            ("accumulation_steps", .int(accumulationSteps)), ("workers", .int(workers)),
            ("learning_rate", .number(learningRate)), ("updates_per_epoch", .int(updatesPerEpoch)),
            ("parameters", .int(parameters)), ("bytes", bytes.json), ("layers", .array(layers.map(\.json))),
            ("growth", growth.map { .string($0) } ?? .null), ("phases", .array(phases.map(\.json))),
            ("reason", .string(reason)), ("notices", .array(notices.map { .string($0) })),
        ]
    }
}

extension Plan.Phase {
    fileprivate var json: JSON {
        .object([
            ("batch", .int(batch)), ("epoch", .int(epoch)), ("update", .int(update)), ("lanes", .int(lanes)),
            ("micro_batch", .int(microBatch)), ("accumulation_steps", .int(accumulationSteps)),
            ("workers", .int(workers)), ("updates_per_epoch", .int(updatesPerEpoch)),
        ])
    }
}

extension Plan.Bytes {
    package var json: JSON {
        .object([
            ("parameters", .int(parameters)), ("gradients", .int(gradients)), ("optimizer", .int(optimizer)),
            ("activations", .int(activations)), ("workspace", .int(workspace)), ("loading", .int(loading)),
            ("training", .int(training)), ("data", .int(data)), ("total", .int(total)),
        ])
    }
}

extension Plan.Layer {
    package var json: JSON {
        .object([
            ("name", .string(name)), ("parameters", .int(parameters)), ("bytes", .int(bytes)),
            ("peak_bytes", .int(peakBytes)),
            (
                "tensors",
                .array(
                    tensors.map {
                        .object([
                            ("name", .string($0.name)), ("floats", .int($0.floats)), ("bytes", .int($0.bytes)),
                        ])
                    })
            ),
        ])
    }
}

extension Plan.Speed {
    package var json: JSON {
        .object([
            ("seconds_per_update", .number(secondsPerUpdate)), ("seconds_per_epoch", .number(secondsPerEpoch)),
            ("examples_per_second", .number(examplesPerSecond)), ("low", JSON(low)), ("high", JSON(high)),
            ("rough", .bool(isRough)),
            ("pass_share", JSON(passShare)), ("loading_seconds_per_update", JSON(loadingSeconds)),
            ("measured", .string(measured)),
        ])
    }
}

extension Plan.MicroBatch {
    package var json: JSON {
        .object([
            ("micro_batch", .int(size)), ("accumulation_steps", .int(accumulationSteps)), ("bytes", .int(bytes)),
            ("fits", .bool(fits)), ("chosen", .bool(isChosen)), ("examples_per_second", JSON(examplesPerSecond)),
            ("low", JSON(low)), ("high", JSON(high)), ("rough", .bool(isRough)),
        ])
    }
}
