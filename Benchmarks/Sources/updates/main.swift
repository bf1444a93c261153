// Microseconds an update, in the same shape as Benchmarks/peers/updates.py prints for PyTorch and JAX:
//   swift run -c release updates --workloads mlp-784-128-10 --batches 1 32 --threads 1 2 --seconds 1
// `--threads auto` leaves their number to the plan. With --export DIR, the parameters that a run begins with, for the peers to begin with too; with --check, the losses of the
// first 20 updates; with --longest, the longest of the updates of as many seconds again.

import Batchwise
import Foundation
import Workloads

let batches = words("--batches").map { $0.compactMap { Int($0) } } ?? [1, 32, 128, 512, 2048]
let threads: [Int?] = words("--threads").map { $0.map { Int($0) } } ?? [1, 2]
let seconds = words("--seconds")?.first.flatMap { Double($0) } ?? 1
let names = words("--workloads") ?? workloads.map(\.name)
let lanes = words("--lanes")?.first.flatMap { Int($0) }
let microBatch = words("--micro-batch")?.first.flatMap { Int($0) }
let momentum = words("--momentum")?.first.flatMap { Float($0) } ?? 0.9
let precision = words("--precision")?.first.flatMap { Precision(rawValue: $0) } ?? .float32
let samples = 20

func report(_ workload: Workload, _ batch: Int, _ threads: Int, _ rest: [String: Any]) throws {
    let fields: [String: Any] = [
        "framework": "batchwise", "mode": "reproducible", "threads": threads, "workload": workload.name, "batch": batch,
    ]
    let line = try JSONSerialization.data(withJSONObject: fields.merging(rest) { $1 }, options: .sortedKeys)
    print(String(decoding: line, as: UTF8.self))
}

func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }

/// Median and minimum, over samples of equal length, of the mean time of an update.
func measure(_ trainer: inout Trainer) throws -> [String: Any] {
    let clock = ContinuousClock()
    func run(_ updates: Int, _ trainer: inout Trainer) throws -> Double {
        let start = clock.now
        try trainer.run(updates: updates) { _ in }
        return (clock.now - start) / .microseconds(1)
    }
    _ = try run(2, &trainer)
    var updates = 1
    var taken = try run(1, &trainer)
    while taken < seconds * 1e6 / Double(samples) {
        updates *= 2
        taken = try run(updates, &trainer)
    }
    // at least three samples, and no more time than was given
    let count = max(3, min(samples, Int(seconds * 1e6 / taken)))
    var times: [Double] = []
    for _ in 0..<count { times.append(try run(updates, &trainer) / Double(updates)) }
    times.sort()
    var found: [String: Any] = [
        "microseconds_median": rounded(times[count / 2]), "microseconds_min": rounded(times[0]),
        "microseconds_mean": rounded(times.reduce(0, +) / Double(count)), "updates": count * updates,
    ]
    if CommandLine.arguments.contains("--longest") {
        var (longest, all) = (0.0, 0.0)
        while all < seconds * 1e6 {
            let taken = try run(1, &trainer)
            longest = max(longest, taken)
            all += taken
        }
        found["milliseconds_longest"] = rounded(longest / 1000)
    }
    return found
}

for workload in workloads where names.contains(workload.name) {
    if let folder = words("--export")?.first {
        let trainer = try Trainer(workload.recipe(batch: 1), data: workload.dataset())
        try trainer.model().save("\(folder)/\(workload.name).safetensors")
        continue
    }
    let isChecking = CommandLine.arguments.contains("--check")
    let recipe = workload.recipe(batch: 1)
    let data = try workload.dataset(seed: recipe.seed)
    for batch in batches {
        for count in threads {
            let recipe = workload.recipe(
                batch: batch, rate: isChecking ? 0.01 : 0.001, momentum: momentum, lanes: lanes,
                precision: precision)
            var trainer = try Trainer(recipe, data: data, machine: Machine(threads: count, microBatch: microBatch))
            if isChecking {
                let losses = try (0..<20).map { _ in try trainer.update().loss }
                try report(workload, batch, trainer.plan.workers, ["losses": losses])
            } else {
                try report(workload, batch, trainer.plan.workers, measure(&trainer))
            }
        }
    }
}
