import Foundation

/// All that the rest of a run depends on: parameters, optimizer state, and how far it is.
package struct Checkpoint: Sendable {
    package var model: Model
    package var progress: TrainingProgress
    /// The optimizer's vectors: for each, one array a parameter, in this library's layout.
    package var optimizerState: [[[Float]]]
    /// The average of the parameters, where the recipe has one and updates are in it.
    package var average: Average?
    /// What a caller wants kept beside it, by name.
    package var notes: [String: String] = [:]

    /// One array a parameter, and how many updates are in them.
    package struct Average: Sendable {
        var values: [[Float]]
        var count: Int
    }

    private static let key = "batchwise.progress"
    private static let averageKey = "batchwise.averaged"

    /// Writes everything to one file, atomically: a run killed at any moment has a whole checkpoint.
    package func write(to path: String) throws {
        var file = try model.safetensors()
        for (name, vectors) in zip(model.recipe.optimizer.stateNames, optimizerState) {
            for (parameter, vector) in zip(model.parameters, vectors) {
                let (shape, values) = parameter.toFile(vector)
                file.tensors["optimizer.\(name).\(parameter.name)"] = try .init(shape: shape, values: values)
            }
        }
        if let average {
            for (parameter, vector) in zip(model.parameters, average.values) {
                let (shape, values) = parameter.toFile(vector)
                file.tensors["average.\(parameter.name)"] = try .init(shape: shape, values: values)
            }
            file.metadata[Self.averageKey] = String(average.count)
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
        let parameters = model.parameters
        func vectors(_ prefix: String, _ what: String) throws -> [[Float]] {
            try parameters.map { parameter in
                guard let tensor = file.tensors["\(prefix).\(parameter.name)"], tensor.shape == parameter.fileShape,
                    let values = tensor.values
                else { throw fault("the \(what) of \(parameter.name) is missing or of another shape") }
                return parameter.fromFile(values)
            }
        }
        optimizerState = try model.recipe.optimizer.stateNames.map {
            try vectors("optimizer.\($0)", "optimizer's \($0)")
        }
        guard let text = file.metadata[Self.averageKey] else { return }
        guard let count = Int(text), count > 0, count <= progress.updates, model.recipe.average != nil else {
            throw fault("it does not say how many updates its average has")
        }
        average = Average(values: try vectors("average", "average"), count: count)
    }
}
