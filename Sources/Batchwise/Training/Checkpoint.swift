import Foundation
import Foundations

/// The state that the rest of a run depends on: parameters, optimizer state, and progress.
///
/// The file is a model's file with more in it, and sealed: see `Safetensors+Seal.swift`.
package struct Checkpoint: Sendable {
    package var model: Model
    package var progress: TrainingProgress
    /// The optimizer's vectors: for each vector one array a parameter, in this library's layout.
    package var optimizerState: [[[Float]]]
    /// Other vectors by name: for each vector one array a parameter.
    package var vectors: [String: [[Float]]] = [:]

    /// The name of the parameters of the best epoch.
    static let bestEpoch = "best"
    /// The name of the average of the parameters.
    static let average = "average"

    /// The name of the parameters of so many updates ago.
    static func version(_ age: Int) -> String { "\(versions)\(age)" }
    /// The beginning of these names.
    static let versions = "version-"

    private static let progressKey = "batchwise.progress"
    /// The names of the vectors.
    private static let vectorsKey = "batchwise.vectors"

    package init(model: Model, progress: TrainingProgress, optimizerState: [[[Float]]]) {
        self.model = model
        self.progress = progress
        self.optimizerState = optimizerState
    }

    /// Writes everything to one file, atomically: a run killed at any moment has a whole checkpoint.
    package func write(to path: String) throws {
        try AtomicFile.write(encoded(), to: path)
    }

    /// The bytes of the file.
    package func encoded() throws -> [UInt8] {
        var file = try model.safetensors()
        func add(_ name: String, _ values: [[Float]]) throws {
            for (parameter, vector) in zip(model.parameters, values) {
                let tensor = "\(name).\(parameter.name)"
                guard file.tensors[tensor] == nil else {
                    throw CheckpointError.malformed(path: nil, reason: "no layer can be named \(name)")
                }
                let (shape, values) = parameter.toFile(vector)
                file.tensors[tensor] = try .init(shape: shape, values: values)
            }
        }
        for (name, values) in zip(model.recipe.optimizer.stateNames, optimizerState) {
            try add("optimizer.\(name)", values)
        }
        for (name, values) in vectors { try add("vectors.\(name)", values) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        file.metadata[Self.progressKey] = String(decoding: try encoder.encode(progress), as: UTF8.self)
        file.metadata[Self.vectorsKey] = String(decoding: try encoder.encode(vectors.keys.sorted()), as: UTF8.self)
        return try file.sealed()
    }

    /// Reads a file. `recipe` is the program's, where it has layers, a loss or an optimizer of its own, which the file
    /// cannot hold; `layers` are those that a recipe in the file may name.
    package init(
        contentsOf path: String, ofProgram recipe: Recipe? = nil, layers: LayerRegistry = LayerRegistry()
    ) throws(CheckpointError) {
        let bytes = try readAll(path)
        do throws(CheckpointError) {
            try self.init(Safetensors(sealed: bytes), path: path, recipe: recipe, layers: layers)
        } catch { throw error.naming(path) }
    }

    private init(
        _ file: Safetensors, path: String, recipe: Recipe?, layers: LayerRegistry
    ) throws(CheckpointError) {
        func fault(_ reason: String) -> CheckpointError { .malformed(path: path, reason: reason) }
        func decoded<Value: Decodable>(_ key: String, as type: Value.Type) -> Value? {
            file.metadata[key].flatMap { try? JSONDecoder().decode(type, from: Data($0.utf8)) }
        }
        var model = try Model(file, path: path, model: recipe?.model, layers: layers)
        if let recipe { model.recipe = recipe }
        guard let progress = decoded(Self.progressKey, as: TrainingProgress.self),
            progress.epoch >= 1, progress.batch >= 0, progress.updates >= 0, progress.examples >= 0
        else { throw fault("it does not say how far the run was") }
        func values(_ name: String) throws(CheckpointError) -> [[Float]] {
            var vectors: [[Float]] = []
            for parameter in model.parameters {
                guard let tensor = file.tensors["\(name).\(parameter.name)"],
                    tensor.shape == parameter.fileShape, let values = tensor.values
                else { throw fault("\(name) of \(parameter.name) is missing or of another shape") }
                vectors.append(parameter.fromFile(values))
            }
            return vectors
        }
        self.model = model
        self.progress = progress
        optimizerState = []
        for name in model.recipe.optimizer.stateNames { optimizerState.append(try values("optimizer.\(name)")) }
        for name in decoded(Self.vectorsKey, as: [String].self) ?? [] { vectors[name] = try values("vectors.\(name)") }
    }
}
