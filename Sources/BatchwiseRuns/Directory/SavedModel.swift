import Batchwise
import BatchwiseData
import Foundation
import Foundations

/// A trained model and how it reads files: what `evaluate` and `predict` begin with.
public struct SavedModel: Sendable {
    public let model: Model
    public let preprocessing: Preprocessing
    /// What a person should know of it: that its run is not finished, or that a newer checkpoint is damaged.
    public let notices: [String]

    /// Reads a model file, or the model in the directory of a run.
    ///
    /// - Throws: `RunError`, `FileError` or `DataError` where there is none, or it is damaged.
    public init(_ path: String) throws {
        let file: String
        let model: Model
        (file, model, notices) = try Self.read(path)
        self.model = model
        guard let preprocessing = try readSaved(file, { try model.preprocessing }) else {
            throw RunError.noPreprocessing(file)
        }
        guard preprocessing.fits(outputs: model.outputs) else {
            throw RunError.damaged(file, reason: "its targets are not those of its \(model.outputs) outputs")
        }
        self.preprocessing = preprocessing
    }

    /// Predicts from raw rows.
    public func predictor(machine: Machine = Machine()) throws -> RowPredictor {
        try RowPredictor(model, preprocessing, machine: machine)
    }

    /// The model of a file, or of the directory of a run, and where it is.
    private static func read(_ path: String) throws -> (file: String, model: Model, notices: [String]) {
        func model(_ file: String) throws -> (String, Model, [String]) {
            (file, try readSaved(file) { try Model(contentsOf: file) }, [])
        }
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw RunError.noSuchModel(path)
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            guard status.st_mode & S_IFMT == S_IFREG else { throw DataError.specialFile(path) }
            guard status.st_size > 0 else { throw DataError.emptyFile(path) }
            return try model(path)
        }
        let folder = path.hasSuffix("/") ? path : path + "/"
        if access(folder + "model.safetensors", F_OK) == 0 { return try model(folder + "model.safetensors") }
        // A run that goes on has checkpoints first; they are models with more in them.
        let checkpoints = CheckpointFolder(path: folder + "checkpoints")
        if let found = try checkpoints.newest() {
            let updates = found.checkpoint.progress.updates
            let notice = "\(path): the run is not finished; this is its model after update \(updates)"
            return (checkpoints.path, found.checkpoint.model, found.notices + [notice])
        }
        throw RunError.noModel(path)
    }
}

/// Reads a saved model or checkpoint. A recipe in it that makes no sense is damage to the file, not a mistake of usage.
package func readSaved<Value>(_ path: String, _ read: () throws -> Value) throws -> Value {
    do {
        return try read()
    } catch let error where error is RecipeError || error is GraphError || error is DataError {
        throw RunError.damaged(path, reason: "\(error)")
    }
}
