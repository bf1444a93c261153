// Microseconds an update, in the same shape as Benchmarks/peers/updates.py prints for PyTorch and JAX:
//   swift run -c release updates --workloads mlp-784-128-10 --batches 1 32 --threads 1 2 --seconds 1

import Batchwise
import Workloads

let batches = words("--batches").map { $0.compactMap { Int($0) } } ?? [1, 32, 128, 512, 2048]
let threads = words("--threads").map { $0.compactMap { Int($0) } } ?? [1, 2]
let seconds = words("--seconds")?.first.flatMap { Double($0) } ?? 1
let names = words("--workloads") ?? workloads.map(\.name)
let lanes = words("--lanes")?.first.flatMap { Int($0) }
let microBatch = words("--micro-batch")?.first.flatMap { Int($0) }

let clock = ContinuousClock()
for workload in workloads where names.contains(workload.name) {
    let data = try workload.dataset()
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
            let median = (samples[10] * 100).rounded() / 100
            let least = (samples[0] * 100).rounded() / 100
            print(
                """
                {"framework": "batchwise", "mode": "reproducible", "threads": \(count), \
                "workload": "\(workload.name)", "batch": \(batch), "microseconds_median": \(median), \
                "microseconds_min": \(least), "updates": \(20 * updates)}
                """)
        }
    }
}
