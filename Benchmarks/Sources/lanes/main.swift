// Measures the cost of lanes: the same updates with 1, 2 and 8 lanes, in turn, and the ratios to one lane. swift run -c
//   release lanes --batches 128 512 2048 --rounds 41

import Batchwise
import Workloads

let batches = words("--batches").map { $0.compactMap { Int($0) } } ?? [128, 512, 2048]
let rounds = words("--rounds")?.first.flatMap { Int($0) } ?? 41
let names = words("--workloads") ?? ["mlp-784-128-10", "mlp-784-512-256-10", "conv-32-64-128"]
let clock = ContinuousClock()

/// One trainer with a number of lanes, and the times of its samples.
struct Contender: ~Copyable {
    var trainer: Trainer
    var samples: [Double] = []

    init(_ workload: Workload, _ data: Dataset, batch: Int, lanes: Int) throws {
        let recipe = workload.recipe(batch: batch, lanes: lanes)
        trainer = try Trainer(recipe, data: data)
    }

    mutating func sample(_ updates: Int) throws {
        let start = clock.now
        for _ in 0..<updates { _ = try trainer.update() }
        samples.append((clock.now - start) / .microseconds(1) / Double(updates))
    }
}

func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }

for workload in workloads where names.contains(workload.name) {
    let data = try workload.dataset()
    for batch in batches {
        var one = try Contender(workload, data, batch: batch, lanes: 1)
        var two = try Contender(workload, data, batch: batch, lanes: 2)
        var eight = try Contender(workload, data, batch: batch, lanes: 8)
        for _ in 0..<rounds {
            try one.sample(8)
            try two.sample(8)
            try eight.sample(8)
        }
        let ratios = [two.samples, eight.samples].map { samples in
            rounded(median(zip(samples, one.samples).map { $0 / $1 }))
        }
        print(
            "\(workload.name) B=\(batch): \(rounded(median(one.samples))) us with one lane; "
                + "two lanes \(ratios[0]) of it, eight \(ratios[1])")
    }
}
