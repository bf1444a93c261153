// Microseconds an update, in the same shape as Benchmarks/peers/updates.py prints for PyTorch and JAX:
//   swift run -c release updates --workloads mlp-784-128-10 --batches 1 32 --threads 1 2 --seconds 1

import Batchwise
import Foundation

struct Workload {
    var name: String
    var shape: [Int]
    var isRegression = false
    var model: LayerList
}

func mlp(_ widths: [Int]) -> LayerList {
    LayerList {
        Flatten()
        for width in widths {
            Dense(width)
            ReLU()
        }
        Dense(.classes)
    }
}

let workloads = [
    Workload(name: "linear-5", shape: [5], isRegression: true, model: mlp([])),
    Workload(name: "softmax-784-10", shape: [784], model: mlp([])),
    Workload(name: "mlp-784-128-10", shape: [784], model: mlp([128])),
    Workload(name: "mlp-784-512-256-10", shape: [784], model: mlp([512, 256])),
    Workload(name: "mlp-1024-2048-2048-10", shape: [1024], model: mlp([2048, 2048])),
    Workload(
        name: "conv-32-64-128", shape: [28, 28, 1],
        model: LayerList {
            for filters in [32, 64] {
                Conv2D(filters: filters, kernel: 3, padding: .same)
                ReLU()
                MaxPool2D(2)
            }
            Dense(128)
            ReLU()
            Dense(.classes)
        }),
]

/// Numbers in [-1, 1) from their place alone.
func uniform(_ stream: UInt64, _ index: Int) -> Float {
    var z = (stream << 40 + UInt64(index) + 1) &* 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return Float((z ^ (z >> 31)) >> 40) / Float(1 << 23) - 1
}

let examples = 8192

func dataset(_ workload: Workload) throws -> Dataset {
    let width = workload.shape.reduce(1, *)
    let features = (0..<examples * width).map { uniform(1, $0) }
    if workload.isRegression {
        let values = (0..<examples).map { example in
            (0..<width).reduce(Float(0)) { $0 + Float($1 + 1) / 4 * features[example * width + $1] }
        }
        return try Dataset(features: features, shape: workload.shape, values: values)
    }
    return try Dataset(
        features: features, shape: workload.shape, classes: (0..<examples).map { Int((uniform(2, $0) + 1) * 5) })
}

/// The words after a flag, up to the next one.
func words(_ flag: String) -> [String]? {
    guard let index = CommandLine.arguments.firstIndex(of: flag) else { return nil }
    return Array(CommandLine.arguments[(index + 1)...].prefix { !$0.hasPrefix("--") })
}

let batches = words("--batches").map { $0.compactMap { Int($0) } } ?? [1, 32, 128, 512, 2048]
let threads = words("--threads").map { $0.compactMap { Int($0) } } ?? [1, 2]
let seconds = words("--seconds")?.first.flatMap { Double($0) } ?? 1
let names = words("--workloads") ?? workloads.map(\.name)
let lanes = words("--lanes")?.first.flatMap { Int($0) }
let microBatch = words("--micro-batch")?.first.flatMap { Int($0) }

let clock = ContinuousClock()
for workload in workloads where names.contains(workload.name) {
    let data = try dataset(workload)
    for batch in batches {
        for count in threads {
            let recipe = Recipe(
                model: workload.model, batch: Batch(size: batch, lanes: lanes), optimizer: .sgd(momentum: 0.9),
                learningRate: .constant(0.001), epochs: 1_000_000)
            var trainer = try Trainer(recipe, data: data, machine: Machine(threads: count, microBatch: microBatch))
            func run(_ updates: Int) throws -> Double {
                let start = clock.now
                for _ in 0..<updates { _ = try trainer.update() }
                return (clock.now - start) / .microseconds(1)
            }
            _ = try run(3)
            var updates = 1
            while try run(updates) < seconds * 1e6 / 20 { updates *= 2 }
            var samples: [Double] = []
            for _ in 0..<20 { samples.append(try run(updates) / Double(updates)) }
            samples.sort()
            let median = (samples[10] * 100).rounded() / 100, least = (samples[0] * 100).rounded() / 100
            print(
                """
                {"framework": "batchwise", "mode": "reproducible", "threads": \(count), \
                "workload": "\(workload.name)", "batch": \(batch), "microseconds_median": \(median), \
                "microseconds_min": \(least), "updates": \(20 * updates)}
                """)
        }
    }
}
