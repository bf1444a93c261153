import Batchwise
import Foundation

/// A model and the shape of its examples.
public struct Workload: Sendable {
    public var name: String
    var shape: [Int]
    var isRegression = false
    public var model: LayerList
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

public let workloads = [
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

extension Workload {
    /// Random examples, for the time of an update does not depend on them.
    public func dataset() throws -> Dataset {
        let width = shape.reduce(1, *)
        let features = (0..<examples * width).map { uniform(1, $0) }
        if isRegression {
            let values = (0..<examples).map { example in
                (0..<width).reduce(Float(0)) { $0 + Float($1 + 1) / 4 * features[example * width + $1] }
            }
            return try Dataset(features: features, shape: shape, values: values)
        }
        return try Dataset(
            features: features, shape: shape, classes: (0..<examples).map { Int((uniform(2, $0) + 1) * 5) })
    }
}

/// The words after a flag, up to the next one.
public func words(_ flag: String) -> [String]? {
    guard let index = CommandLine.arguments.firstIndex(of: flag) else { return nil }
    return Array(CommandLine.arguments[(index + 1)...].prefix { !$0.hasPrefix("--") })
}
