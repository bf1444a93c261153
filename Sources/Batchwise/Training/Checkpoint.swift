import Foundation

/// All that the rest of a run depends on: parameters, optimizer state, and how far it is.
package struct Checkpoint: Sendable {
    package var model: Model
    package var progress: TrainingProgress
    /// The optimizer's vectors: for each, one array a parameter, in this library's layout.
    package var optimizerState: [[[Float]]]
    /// What a caller wants kept beside it, by name.
    package var notes: [String: String] = [:]

    private static let key = "batchwise.progress"

    /// Writes everything to one file, atomically: a run killed at any moment has a whole checkpoint.
    package func write(to path: String) throws {
        var file = try model.safetensors()
        for (name, vectors) in zip(model.recipe.optimizer.stateNames, optimizerState) {
            for (parameter, vector) in zip(model.parameters, vectors) {
                let (shape, values) = parameter.toFile(vector)
                file.tensors["optimizer.\(name).\(parameter.name)"] = try .init(shape: shape, values: values)
            }
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        file.metadata[Self.key] = String(decoding: try encoder.encode(progress), as: UTF8.self)
        for (name, note) in notes { file.metadata["note.\(name)"] = note }
        try file.write(to: path)
    }

    package init(model: Model, progress: TrainingProgress, optimizerState: [[[Float]]]) {
        self.model = model
        self.progress = progress
        self.optimizerState = optimizerState
    }

    package init(contentsOf path: String) throws {
        let file = try Safetensors(path: path)
        func fault(_ reason: String) -> CheckpointError { .malformed(path: path, reason: reason) }
        model = try Model(file, path: path, layers: nil)
        guard let text = file.metadata[Self.key],
            let progress = try? JSONDecoder().decode(TrainingProgress.self, from: Data(text.utf8)),
            progress.epoch >= 1, progress.batch >= 0, progress.updates >= 0, progress.examples >= 0
        else { throw fault("it does not say how far the run was") }
        self.progress = progress
        for (name, note) in file.metadata where name.hasPrefix("note.") { notes[String(name.dropFirst(5))] = note }
        optimizerState = []
        for name in model.recipe.optimizer.stateNames {
            var vectors: [[Float]] = []
            for parameter in model.parameters {
                guard let tensor = file.tensors["optimizer.\(name).\(parameter.name)"],
                    tensor.shape == parameter.fileShape, let values = tensor.values
                else { throw fault("the optimizer's \(name) of \(parameter.name) is missing or of another shape") }
                vectors.append(parameter.fromFile(values))
            }
            optimizerState.append(vectors)
        }
    }
}
