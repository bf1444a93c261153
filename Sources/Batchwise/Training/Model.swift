import Crypto
import Foundation

/// A model with its parameters. It evaluates and predicts, and is saved as a safetensors file.
public struct Model: Sendable {
    /// The recipe that the model was trained by.
    public internal(set) var recipe: Recipe
    /// The shape of one example.
    public let inputShape: [Int]
    /// The number of outputs for an example: one for each class, or for each value.
    public let outputs: Int
    /// Texts that are saved with the model, by name, such as how raw rows become features.
    public var notes: [String: String] = [:]
    /// The moments of the targets that a regression model was trained with, which turn its outputs into their unit; nil
    /// for classes.
    public internal(set) var targetMoments: TargetMoments?
    /// The number of updates that led to these parameters.
    public let updates: Int

    package let parameters: [Parameter]
    /// The parameters and running statistics, one array each, in this library's layout.
    package var values: [[Float]]

    init(
        recipe: Recipe, inputShape: [Int], outputs: Int, parameters: [Parameter], values: [[Float]], updates: Int
    ) {
        self.recipe = recipe
        self.inputShape = inputShape
        self.outputs = outputs
        self.parameters = parameters
        self.values = values
        self.updates = updates
    }

    /// The names of the parameters and running statistics, as in the saved file.
    public var parameterNames: [String] { parameters.map(\.name) }

    /// A parameter as the saved file holds it: dense `[out, in]`, convolution `[out, in/groups, kH, kW]`.
    public func parameter(_ name: String) -> (shape: [Int], values: [Float])? {
        parameters.firstIndex { $0.name == name }.map { parameters[$0].toFile(values[$0]) }
    }

    /// SHA-256 over all parameters and running statistics, as little-endian float32 in the order of their names: two
    /// models have the same one exactly when every bit is the same.
    public var parametersSHA256: String {
        var hash = SHA256()
        for index in parameters.indices.sorted(by: { parameters[$0].name < parameters[$1].name }) {
            var bytes = Data(capacity: values[index].count * 4)
            for value in parameters[index].toFile(values[index]).values {
                withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
            }
            hash.update(data: bytes)
        }
        return hash.finalize().map { byte in
            let text = String(byte, radix: 16)
            return text.count == 1 ? "0" + text : text
        }.joined()
    }
}
