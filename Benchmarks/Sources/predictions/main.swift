// swift run -c release predictions [--threads N]
//
// Measures the time of predictions, by model and rows: the median and the 99th percentile of calls into memory of the
// caller, and rows a second. JSON, a line each.

import Batchwise
import Foundation
import Workloads

/// Nanoseconds of a clock that is never set.
func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
}

let threads = words("--threads")?.first.flatMap { Int($0) }
var models: [(name: String, model: Model, features: [Float])] = []
let digits = Dataset.digits()
var trainer = try Trainer(
    Recipe(
        model: LayerList {
            Dense(64)
            ReLU()
            Dense(.classes)
        }, epochs: 1), data: digits.train)
func features(_ data: Dataset) throws -> [Float] {
    var result = [Float](repeating: 0, count: data.count * data.featureCount)
    try result.withUnsafeMutableBufferPointer { try data.fill($0, rows: 0..<data.count) }
    return result
}
models.append(("digits 64-64-10", try trainer.run(), try features(digits.train)))
for workload in workloads where ["mlp-784-128-10", "mlp-784-512-256-10", "conv-32-64-128"].contains(workload.name) {
    let data = try workload.dataset().prefix(1024)
    var trainer = try Trainer(workload.recipe(batch: 32), data: data)
    _ = try trainer.update()
    models.append((workload.name, trainer.model(), try features(data)))
}

for (name, model, features) in models {
    let predictor = try Predictor(model, machine: Machine(threads: threads))
    for rows in [1, 16, 128, 1024] {
        var results = [Float](repeating: 0, count: rows * predictor.outputCount)
        let numbers = rows * predictor.featureCount
        var times: [Double] = []
        let end = now() + 0.5e9
        while now() < end {
            let first = times.count * predictor.featureCount % (features.count - numbers + 1)
            let begin = now()
            var span = results.mutableSpan
            try predictor.outputs(of: features.span.extracting(first..<first + numbers), into: &span)
            times.append(now() - begin)
        }
        times.sort()
        let (median, late) = (times[times.count / 2], times[times.count * 99 / 100])
        print(
            "{\"model\": \"\(name)\", \"rows\": \(rows), \"calls\": \(times.count), \"median_us\": \(median / 1e3), "
                + "\"p99_us\": \(late / 1e3), \"rows_per_second\": \(Int(Double(rows) / median * 1e9))}")
    }
}
