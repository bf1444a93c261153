import Batchwise
import Foundation

// Trains a known model for a few updates in a process of its own, and prints what was planned, by how much the most memory
// that was ever resident grew meanwhile, and the fingerprint of the parameters. Arguments: the model, the batch, the micro-batch
// (0: the plan's), the workers, the budget (0: none), the updates, the examples.

/// A line of /proc/self/status, in bytes.
func resident(_ key: String) -> Int {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    for line in status.split(separator: "\n") where line.hasPrefix(key + ":") {
        return (line.split(whereSeparator: { " \t".contains($0) }).compactMap { Int($0) }.first ?? 0) << 10
    }
    return 0
}

/// The peak begins anew from what is resident now.
func forgetThePast() { try? "5".write(toFile: "/proc/self/clear_refs", atomically: false, encoding: .utf8) }

func residual(_ filters: Int) -> Residual {
    Residual {
        Conv2D(filters: filters, kernel: 3, padding: .pixels(1), bias: false)
        BatchNorm(ghost: 32)
        ReLU()
        Conv2D(filters: filters, kernel: 3, padding: .pixels(1), bias: false)
        BatchNorm(ghost: 32)
    }
}

let models: [String: (shape: [Int], model: LayerList)] = [
    "mlp": (
        [784],
        LayerList {
            Dense(512)
            ReLU()
            Dense(256)
            ReLU()
            Dense(.classes)
        }
    ),
    "conv": (
        [28, 28, 1],
        LayerList {
            for filters in [32, 64] {
                Conv2D(filters: filters, kernel: 3, padding: .same)
                ReLU()
                MaxPool2D(2)
            }
            Dense(128)
            ReLU()
            Dense(.classes)
        }
    ),
    "resnet": (
        [32, 32, 3],
        LayerList {
            for (stage, filters) in [16, 32, 64].enumerated() {
                Conv2D(filters: filters, kernel: 3, stride: stage == 0 ? 1 : 2, padding: .pixels(1), bias: false)
                BatchNorm(ghost: 32)
                ReLU()
                residual(filters)
                ReLU()
            }
            GlobalAveragePool2D()
            Dense(.classes)
        }
    ),
]

let numbers = CommandLine.arguments.dropFirst(2).compactMap { Int($0) }
guard CommandLine.arguments.count == 8, numbers.count == 6, let (shape, model) = models[CommandLine.arguments[1]] else {
    print("usage: MemoryProbe mlp|conv|resnet batch micro-batch workers budget updates examples")
    exit(64)
}
let (batch, microBatch, workers, budget) = (numbers[0], numbers[1], numbers[2], numbers[3])
let (updates, examples) = (numbers[4], numbers[5])

var state: UInt64 = 1
let features = (0..<examples * shape.reduce(1, *)).map { _ in
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Float(state >> 40) / Float(1 << 23) - 1
}
let data = try Dataset(features: features, shape: shape, classes: (0..<examples).map { $0 * 7 % 10 })
let recipe = Recipe(
    model: model, batch: Batch(size: batch), optimizer: .sgd(momentum: 0.9), learningRate: .constant(0.01),
    epochs: 1_000_000)
let machine = Machine(
    threads: workers, microBatch: microBatch == 0 ? nil : microBatch, memory: budget == 0 ? nil : budget)
forgetThePast()
let before = resident("VmHWM")
var trainer = try Trainer(recipe, data: data, machine: machine)
try trainer.run(updates: updates) { _ in }
let growth = resident("VmHWM") - before
let bytes = trainer.plan.bytes
print(
    #"{"planned": \#(bytes.training), "growth": \#(growth), "micro_batch": \#(trainer.plan.microBatch), "#
        + #""steps": \#(trainer.plan.accumulationSteps), "activations": \#(bytes.activations), "#
        + #""parameters_sha256": "\#(trainer.model().parametersSHA256)"}"#)
