// swift package benchmark
//
// One update, an epoch, predictions, the loader, and the time to the first update. Kernels beside oneDNN's are in onednn/, whole updates
// beside other frameworks in peers/.

import Batchwise
import BatchwiseData
import Benchmark
import Foundation
import Workloads

let benchmarks: @Sendable () -> Void = {
    Benchmark.defaultConfiguration = .init(
        metrics: [.wallClock, .throughput], timeUnits: .nanoseconds, warmupIterations: 2, maxDuration: .seconds(1),
        maxIterations: 100_000)

    for workload in workloads {
        for batch in [1, 32, 512] {
            Benchmark("update \(workload.name) B=\(batch)") { benchmark in
                var trainer = try Trainer(workload.recipe(batch: batch), data: workload.dataset())
                for _ in 0..<3 { _ = try trainer.update() }
                benchmark.startMeasurement()
                for _ in benchmark.scaledIterations { blackHole(try trainer.update().loss) }
                benchmark.stopMeasurement()
            }
        }
    }

    Benchmark("epoch digits") { benchmark in
        let digits = Dataset.digits().train
        let model = LayerList {
            Dense(64)
            ReLU()
            Dense(.classes)
        }
        var trainer = try Trainer(Recipe(model: model, batch: Batch(size: 32), epochs: 1_000_000), data: digits)
        benchmark.startMeasurement()
        for _ in benchmark.scaledIterations {
            while try !trainer.update().endsEpoch {}
        }
        benchmark.stopMeasurement()
    }

    for workload in workloads where ["mlp-784-128-10", "conv-32-64-128"].contains(workload.name) {
        for rows in [1, 16, 512] {
            Benchmark("predict \(workload.name) rows=\(rows)") { benchmark in
                let data = try workload.dataset().prefix(512)
                var trainer = try Trainer(workload.recipe(batch: 32), data: data)
                _ = try trainer.update()
                let predictor = try Predictor(trainer.model())
                var features = [Float](repeating: 0, count: rows * data.featureCount)
                try features.withUnsafeMutableBufferPointer { try data.fill($0, rows: 0..<rows) }
                var results = [Float](repeating: 0, count: rows * predictor.outputCount)
                benchmark.startMeasurement()
                for _ in benchmark.scaledIterations {
                    var span = results.mutableSpan
                    try predictor.outputs(of: features.span, into: &span)
                }
                benchmark.stopMeasurement()
                blackHole(results)
            }
        }
    }

    Benchmark("loader: 512 rows of 784 floats, filled into a buffer") { benchmark in
        let data = try workloads[2].dataset()
        let buffer = UnsafeMutableBufferPointer<Float>.allocate(capacity: 512 * 784)
        defer { buffer.deallocate() }
        buffer.initialize(repeating: 0)
        let order = EpochOrder(count: data.count, seed: 1, epoch: 1)
        benchmark.startMeasurement()
        for _ in benchmark.scaledIterations { try data.fill(buffer, rows: order.prefix(512)) }
        benchmark.stopMeasurement()
    }

    // the training images of MNIST (gzip-compressed IDX), with the labels beside them
    if let images = ProcessInfo.processInfo.environment["MNIST_IMAGES"] {
        Benchmark(
            "from MNIST's files to the first update",
            configuration: .init(metrics: [.wallClock], timeUnits: .milliseconds, maxDuration: .seconds(5))
        ) { benchmark in
            let data = try DataSource(train: images).load(seed: 1).train
            let model = LayerList {
                Flatten()
                Dense(128)
                ReLU()
                Dense(.classes)
            }
            var trainer = try Trainer(Recipe(model: model), data: data)
            blackHole(try trainer.update().loss)
        }
    }
}
