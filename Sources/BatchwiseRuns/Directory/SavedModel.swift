import Batchwise
import BatchwiseData
import Foundation
import Foundations

/// A trained model together with its preprocessing of raw rows, read from a model file or from the directory of a run.
public struct SavedModel: Sendable {
    /// The model.
    public let model: Model
    /// The preprocessing that turns raw rows into the features of the model.
    public let preprocessing: Preprocessing
    /// Notices for a person: that the run of the model is not finished, or that a newer checkpoint is damaged.
    public let notices: [String]

    /// Reads a model file, or the model in the directory of a run.
    ///
    /// - Throws: `RunError`, `FileError` or `DataError` where there is no model, or it is damaged or without
    ///   preprocessing.
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

    /// Makes a predictor from raw rows.
    ///
    /// - Throws: `DataError`, `GraphError` or `PlanError` where the model cannot be run.
    public func predictor(machine: Machine = Machine()) throws -> RowPredictor {
        try RowPredictor(model, preprocessing, machine: machine)
    }

    /// Reads the model of a file, or of the directory of a run, and returns its place with it.
    private static func read(_ path: String) throws -> (file: String, model: Model, notices: [String]) {
        let (file, checkpoint, notices) = try place(path)
        if let checkpoint { return (CheckpointFolder(ofRun: path).path, checkpoint.model, notices) }
        return (file, try readSaved(file) { try Model(contentsOf: file) }, notices)
    }

    /// The model file at a path, or the model or newest checkpoint of the run in the directory at the path.
    static func place(_ path: String) throws -> (file: String, checkpoint: Checkpoint?, notices: [String]) {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw RunError.noSuchModel(path)
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            guard status.st_mode & S_IFMT == S_IFREG else { throw DataError.specialFile(path) }
            guard status.st_size > 0 else { throw DataError.emptyFile(path) }
            return (path, nil, [])
        }
        let folder = path.hasSuffix("/") ? path : path + "/"
        if access(folder + "model.safetensors", F_OK) == 0 { return (folder + "model.safetensors", nil, []) }
        // A run that goes on has checkpoints first; they are models with more in them.
        if let found = try CheckpointFolder(ofRun: path).newest() {
            let updates = found.checkpoint.progress.updates
            let notice = "\(path): the run is not finished; this is its model after update \(updates)"
            return (found.path, found.checkpoint, found.notices + [notice])
        }
        throw FoldsDirectory.isAt(path) ? RunError.crossValidation(path) : RunError.noModel(path)
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
