import Batchwise

/// A model and the shape of its examples, which every framework runs.
public struct Workload: Sendable {
    public enum Targets: Sendable {
        case value
        case classes(Int)
    }

    public var name: String
    var shape: [Int]
    var targets = Targets.classes(10)
    /// The number of features that are 1 where all others are 0; nil for features in [-1, 1).
    var ones: Int?
    public var model: LayerList
    public var loss: Loss?
}

public let workloads = [
    Workload(name: "linear-5", shape: [5], targets: .value, model: mlp([])),
    Workload(name: "linear-100", shape: [100], targets: .value, model: mlp([])),
    Workload(name: "softmax-784-10", shape: [784], model: mlp([])),
    Workload(name: "mlp-784-128-10", shape: [784], model: mlp([128])),
    Workload(name: "mlp-784-512-256-10", shape: [784], model: mlp([512, 256])),
    Workload(name: "mlp-1024-2048-2048-10", shape: [1024], model: mlp([2048, 2048])),
    Workload(name: "mlp-14-128-64-2", shape: [14], targets: .classes(2), model: mlp([128, 64])),
    Workload(
        name: "logistic-123-sparse", shape: [123], targets: .classes(2), ones: 14, model: mlp([]),
        loss: .binaryCrossEntropy),
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
            Dense(.classes, initialisation: .lecun)
        }),
    Workload(
        name: "resnet-16-32-64", shape: [32, 32, 3],
        model: LayerList {
            for (stage, filters) in [16, 32, 64].enumerated() {
                Conv2D(filters: filters, kernel: 3, stride: stage == 0 ? 1 : 2, padding: .pixels(1), bias: false)
                BatchNorm(ghost: 32)
                ReLU()
                Residual {
                    Conv2D(filters: filters, kernel: 3, padding: .pixels(1), bias: false)
                    BatchNorm(ghost: 32)
                    ReLU()
                    Conv2D(filters: filters, kernel: 3, padding: .pixels(1), bias: false)
                    BatchNorm(ghost: 32)
                }
                ReLU()
            }
            GlobalAveragePool2D()
            Dense(.classes, initialisation: .lecun)
        }),
]

private func mlp(_ widths: [Int]) -> LayerList {
    LayerList {
        for width in widths {
            Dense(width)
            ReLU()
        }
        Dense(.classes, initialisation: .lecun)
    }
}

public let examples = 8192

/// The number of SplitMix64 at a place; the streams are those of `peers/workloads.py`.
private func bits(_ stream: UInt64, _ index: Int) -> UInt64 {
    var z = (stream << 40 + UInt64(index) + 1) &* 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
}

extension Workload {
    public var width: Int { shape.reduce(1, *) }

    /// All the examples. In its first epoch, a trainer with this seed sees them in the peers' order.
    public func dataset(seed: UInt64 = 0) throws -> Dataset {
        if let ones {
            let rows = try SparseRows(
                starts: (0...examples).map { $0 * ones },
                columns: (0..<examples * ones).map { Int32($0 % ones * 8) + Int32(bits(1, $0) % 8) },
                values: Array(repeating: 1, count: examples * ones), width: width)
            return try Dataset(sparse: rows, classes: classes(2)).rows(inPeersOrder(seed))
        }
        var features = [Float](repeating: 0, count: examples * width)
        for index in features.indices { features[index] = Float(bits(1, index) >> 40) / Float(1 << 23) - 1 }
        return try targeted(features).rows(inPeersOrder(seed))
    }

    private func classes(_ count: Int) -> [Int] { (0..<examples).map { Int(bits(2, $0) % UInt64(count)) } }

    private func targeted(_ features: [Float]) throws -> Dataset {
        switch targets {
        case .classes(let count):
            return try Dataset(features: features, shape: shape, classes: classes(count))
        case .value:
            let values = (0..<examples).map { example in
                Float(
                    (0..<width).reduce(0.0) { $0 + Double($1 + 1) / 4 * Double(features[example * width + $1]) })
            }
            return try Dataset(features: features, shape: shape, values: values, mean: 0, deviation: 1)
        }
    }

    /// The example for each row. At the position where a trainer meets the row, the peers have this example.
    private func inPeersOrder(_ seed: UInt64) -> [Int] {
        let order = (0..<examples).sorted { (bits(3, $0), $0) < (bits(3, $1), $1) }
        var rows = [Int](repeating: 0, count: examples)
        for (position, row) in EpochOrder(count: examples, seed: seed, epoch: 1).enumerated() {
            rows[row] = order[position]
        }
        return rows
    }

    /// The recipe of an endless run. Every framework runs SGD with this momentum.
    public func recipe(
        batch: Int, rate: Double = 0.001, momentum: Float = 0.9, lanes: Int? = nil, precision: Precision = .float32
    )
        -> Recipe
    {
        Recipe(
            model: model, loss: loss, batch: Batch(size: batch, lanes: lanes), optimizer: .sgd(momentum: momentum),
            learningRate: .constant(rate), epochs: 1_000_000, precision: precision)
    }
}

/// The words after a flag, up to the next one.
public func words(_ flag: String) -> [String]? {
    guard let index = CommandLine.arguments.firstIndex(of: flag) else { return nil }
    return Array(CommandLine.arguments[(index + 1)...].prefix { !$0.hasPrefix("--") })
}
