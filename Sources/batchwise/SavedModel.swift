import Batchwise
import BatchwiseData
import Foundation
import Foundations

/// A trained model and how it reads files: what `evaluate` and `predict` begin with.
struct SavedModel {
    let model: Model
    let preprocessing: Preprocessing

    /// Reads a model file, or the model in the directory of a run.
    init(_ path: String) throws {
        let file: String
        let model: Model
        (file, model) = try Self.read(path)
        self.model = model
        guard let preprocessing = try readSaved(file, { try model.preprocessing }) else {
            throw Failure(
                .badData, "\(file): was saved without preprocessing, so only the program that made it can feed it")
        }
        let fits =
            switch preprocessing.target {
            case .classes(let names): names.count == model.outputs || names.count == 2 && model.outputs == 1
            case .regression(let means, _): means.count == model.outputs
            case .none: true
            }
        guard fits else {
            throw Failure(.badData, "\(file): is damaged: its targets are not those of its \(model.outputs) outputs")
        }
        self.preprocessing = preprocessing
    }

    /// The model of a file, or of the directory of a run, and where it is.
    private static func read(_ path: String) throws -> (file: String, model: Model) {
        func model(_ file: String) throws -> (String, Model) {
            (file, try readSaved(file) { try Model(contentsOf: file) })
        }
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw Failure(.missingInput, "\(path): no such model; name model.safetensors or the directory of a run")
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
            for notice in found.notices { Output.log("note: \(notice)") }
            let updates = found.checkpoint.progress.updates
            Output.log("note: \(path): the run is not finished; this is its model after update \(updates)")
            return (checkpoints.path, found.checkpoint.model)
        }
        throw Failure(.missingInput, "\(path): holds no model.safetensors")
    }

    /// Reads new rows as the training rows were read.
    func load(_ path: String, labels: String?, settings: [Setting], needsTarget: Bool) throws -> Dataset {
        var labels = labels
        var header: Bool?
        var table: String?
        var query: String?
        var source = model.recipe.data
        // the folder of the training images is none of new ones
        source?.setImagesFolder(nil)
        for setting in settings {
            switch (setting.path, setting.value) {
            case (["data", "labels"], .string(let path)): labels = path
            case (["data", "header"], .bool(let flag)): header = flag
            case (["data", "table"], .string(let name)): table = name
            case (["data", "query"], .string(let sql)): query = sql
            case (["data", "table"], let value):
                throw RecipeError.value(at: "data.table", expected: "a table", found: value.text)
            case (["data", "query"], let value):
                throw RecipeError.value(at: "data.query", expected: "a SELECT statement", found: value.text)
            case (["data", "images-folder"], .string(let path)): source?.setImagesFolder(path)
            case (["data", "labels"], let value):
                throw RecipeError.value(at: "data.labels", expected: "a file", found: value.text)
            case (["data", "header"], let value):
                throw RecipeError.value(at: "data.header", expected: "true or false", found: value.text)
            case (["data", "images-folder"], let value):
                throw RecipeError.value(at: "data.images-folder", expected: "a folder", found: value.text)
            default:
                throw Failure(
                    .usage,
                    "--set \(setting.path.joined(separator: ".")): the recipe of a trained model is fixed; "
                        + "only data.labels, data.header, data.table, data.query and data.images-folder can be set here"
                )
            }
        }
        if path != DataSource.digits, try FilePattern.files(path) == [path] {
            _ = try SourceFile(
                path,
                kinds: "digits, a data file (CSV, LIBSVM, IDX, NPY, NPZ or SQLite), an image or a folder of images")
        }
        return try preprocessing.load(
            newRows: path, labels: labels, needsTarget: needsTarget, header: header,
            rows: DatabaseRows(table: table, query: query), source: source
        ) {
            let rows = counted($0.rows, "row") + ($0.rows == 1 ? " has" : " have")
            let article = $0.column.first.map { letter in "aeiouAEIOU".contains(letter) } == true ? "an" : "a"
            Output.log("note: \(rows) \(article) \(escaped($0.column, limit: 60)) that training did not have")
        }
    }
}

/// Reads a saved model or checkpoint. A recipe in it that makes no sense is damage to the file, not a mistake of usage.
func readSaved<Value>(_ path: String, _ read: () throws -> Value) throws -> Value {
    do {
        return try read()
    } catch let error where error is RecipeError || error is GraphError || error is DataError {
        throw Failure(.badData, "\(path): is damaged: \(error)")
    }
}
