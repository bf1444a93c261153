import Foundation
import Foundations

extension Model {
    /// Saves parameters, recipe and notes as one safetensors file, atomically. PyTorch's `load_state_dict` reads
    /// its tensors.
    public func save(_ path: String) throws {
        try safetensors().write(to: path)
    }

    /// Reads a model that `save` wrote. `layers` holds the layers that its recipe may name.
    public init(contentsOf path: String, layers: LayerRegistry = LayerRegistry()) throws(CheckpointError) {
        try self.init(Safetensors(path: path), path: path, model: nil, layers: layers)
    }

    /// Reads a model with layers, a loss or an optimizer of the program's own, which the file cannot hold.
    ///
    /// Without a loss, one that the file does not hold is chosen by the targets that it is evaluated with.
    public init(contentsOf path: String, model: some Layer, loss: Loss? = nil) throws(CheckpointError) {
        try self.init(Safetensors(path: path), path: path, model: model, layers: LayerRegistry(of: model))
        if let loss { recipe.loss = loss }
    }

    /// The contents of the file's metadata, beside the tensors.
    private struct Description: Codable {
        var recipe: RecipeValue?
        var inputShape: [Int]
        var outputs: Int
        var updates: Int
        /// The moments of the targets of a regression model; nil in files of version 0.4 too.
        var targetMoments: TargetMoments?
        /// The loss; nil where it is one of the program's own.
        var loss: RecipeValue?
        /// The order in which images are flattened: `channels, height, width`. Nil in files of version 0.4, which had the
        /// channels last.
        var flattening: String?
        /// The preprocessing in files of version 0.4, which had no notes.
        var preprocessing: RecipeValue?
    }

    private static let key = "batchwise"

    /// Whether a file holds a model that this library saved.
    static func isDescribed(in file: Safetensors) -> Bool { file.metadata[key] != nil }

    private static let flattening = "channels, height, width"

    func safetensors() throws -> Safetensors {
        var file = Safetensors()
        for (parameter, value) in zip(parameters, values) {
            let (shape, numbers) = parameter.toFile(value)
            file.tensors[parameter.name] = try .init(shape: shape, values: numbers)
            if parameter.isStatistic, parameter.name.hasSuffix("running_var") {
                let prefix = parameter.name.dropLast("running_var".count)
                file.tensors[prefix + "num_batches_tracked"] = .init(scalar: Int64(updates))
            }
        }
        let description = Description(
            recipe: try? recipe.notation(), inputShape: inputShape, outputs: outputs, updates: updates,
            targetMoments: targetMoments, loss: try? (recipe.loss ?? .meanSquaredError()).notation,
            flattening: Self.flattening)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        file.metadata[Self.key] = String(decoding: try encoder.encode(description), as: UTF8.self)
        for (name, note) in notes { file.metadata[Self.notePrefix + name] = note }
        return file
    }

    private static let notePrefix = "note."
    /// The note that says how raw rows become features.
    package static let preprocessingNote = "preprocessing"

    init(
        _ file: Safetensors, path: String, model: (any Layer)?, layers: LayerRegistry
    ) throws(CheckpointError) {
        do {
            try self.init(reading: file, path: path, model: model, layers: layers)
        } catch let error as CheckpointError {
            throw error
        } catch {
            // a recipe or graph with a mistake means that the file is damaged
            throw .malformed(path: path, reason: "\(error)")
        }
    }

    private init(reading file: Safetensors, path: String, model: (any Layer)?, layers: LayerRegistry) throws {
        func fault(_ reason: String) -> CheckpointError { .malformed(path: path, reason: reason) }
        guard let text = file.metadata[Self.key] else {
            throw fault("it has no recipe, so it was not saved by batchwise")
        }
        let description: Description
        do {
            description = try JSONDecoder().decode(Description.self, from: Data(text.utf8))
        } catch { throw fault("its recipe cannot be read") }
        var recipe: Recipe
        if let notation = description.recipe {
            recipe = try Recipe(notation: notation, layers: layers)
            recipe.open = []
        } else {
            guard let model else {
                throw fault(
                    "its recipe has layers, a loss or an optimizer of a program's own: only that program can read it, "
                        + "with its model"
                )
            }
            let loss = try description.loss.map { notation throws(RecipeError) in try Loss(notation: notation) }
            recipe = Recipe(model: LayerList(of: model), loss: loss)
        }
        if let model { recipe.model = LayerList(of: model) }
        let limit = 1 << 30
        guard description.inputShape.allSatisfy({ $0 >= 1 && $0 < limit }), (1..<limit).contains(description.outputs),
            description.inputShape.reduce(1.0, { $0 * Double($1) }) < Double(limit)
        else { throw fault("its input shape \(description.inputShape) makes no sense") }
        let graph = try recipe.model.graph(
            inputShape: description.inputShape, outputs: description.outputs, purpose: .inference)
        try graph.checkPrediction(description.outputs)
        guard description.flattening == Self.flattening || !graph.nodes.contains(where: { $0.operation == .transpose })
        else { throw fault("version 0.4 saved it, which flattened images in another order; train it again") }
        var values: [[Float]] = []
        for parameter in graph.parameters {
            guard let tensor = file.tensors[parameter.name] else { throw fault("tensor \(parameter.name) is missing") }
            guard tensor.shape == parameter.fileShape, let numbers = tensor.values else {
                throw fault(
                    "tensor \(parameter.name) has shape \(tensor.shape) and the model needs \(parameter.fileShape)")
            }
            values.append(parameter.fromFile(numbers))
        }
        self.init(
            recipe: recipe, inputShape: description.inputShape, outputs: description.outputs,
            parameters: graph.parameters, values: values, updates: description.updates)
        if let moments = description.targetMoments {
            guard moments.means.count == outputs, moments.deviations.count == outputs,
                (moments.means + moments.deviations).allSatisfy(\.isFinite), moments.deviations.allSatisfy({ $0 > 0 })
            else { throw fault("its target moments make no sense") }
            targetMoments = moments
        }
        for (name, note) in file.metadata where name.hasPrefix(Self.notePrefix) {
            notes[String(name.dropFirst(Self.notePrefix.count))] = note
        }
        if let old = description.preprocessing {
            notes[Self.preprocessingNote] = String(decoding: try JSONEncoder().encode(old), as: UTF8.self)
        }
    }
}
