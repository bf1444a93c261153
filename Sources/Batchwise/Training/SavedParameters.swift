import Crypto
import Foundation
import Foundations

/// The parameters of a saved model by name: of a file that this library wrote, or of any other safetensors file, such
/// as one of PyTorch.
package struct SavedParameters: Sendable {
    /// The whole model; nil for a file of another program.
    package let model: Model?
    /// The tensors of a file of another program.
    private let tensors: [String: Safetensors.Tensor]
    /// SHA-256 of the file, in hexadecimal digits; nil for a model of the program's own.
    package let sha256: String?

    /// The parameters of a model in memory.
    package init(_ model: Model) {
        self.model = model
        tensors = [:]
        sha256 = nil
    }

    /// Reads a safetensors file. Throws `CheckpointError` where it cannot be read, or is damaged.
    package init(contentsOf path: String) throws(CheckpointError) {
        let bytes = try readAll(path)
        sha256 = SHA256.hash(data: bytes).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        let file: Safetensors
        do throws(CheckpointError) {
            file = try Safetensors(bytes: bytes)
        } catch { throw error.naming(path) }
        guard Model.isDescribed(in: file) else {
            (model, tensors) = (nil, file.tensors)
            return
        }
        model = try Model(file, path: path, model: nil, layers: LayerRegistry())
        tensors = [:]
    }

    /// The names of the parameters, in the order of the model or of the alphabet. Counters, such as PyTorch's
    /// `num_batches_tracked`, are no parameters.
    package var names: [String] {
        model?.parameterNames ?? tensors.filter { $0.value.values != nil }.keys.sorted()
    }

    /// A parameter as the file holds it.
    func parameter(_ name: String) -> (shape: [Int], values: [Float])? {
        if let model { return model.parameter(name) }
        guard let tensor = tensors[name], let values = tensor.values else { return nil }
        return (tensor.shape, values)
    }
}
