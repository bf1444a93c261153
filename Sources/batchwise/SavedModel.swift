import Batchwise
import Foundation

/// A trained model and how it reads files: what `evaluate` and `predict` begin with.
struct SavedModel {
    let model: Model
    let preprocessing: Preprocessing

    /// Reads a model file, or the model in the directory of a run.
    init(_ path: String) throws {
        let file = try Self.file(path)
        model = try readSaved(file) { try Model(contentsOf: file) }
        guard let preprocessing = model.preprocessing else {
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

    private static func file(_ path: String) throws -> String {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw Failure(.missingInput, "\(path): no such model; name model.safetensors or the directory of a run")
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            guard status.st_mode & S_IFMT == S_IFREG else { throw DataError.specialFile(path) }
            guard status.st_size > 0 else { throw DataError.emptyFile(path) }
            return path
        }
        let folder = path.hasSuffix("/") ? path : path + "/"
        // A run that goes on has a checkpoint first; it is a model with more in it.
        for name in ["model.safetensors", "checkpoint.safetensors"] where access(folder + name, F_OK) == 0 {
            return folder + name
        }
        throw Failure(.missingInput, "\(path): holds no model.safetensors")
    }

    /// Reads new rows as the training rows were read.
    func load(_ path: String, labels: String?, settings: [Setting], needsTarget: Bool) throws -> Dataset {
        var labels = labels
        var header: Bool?
        for setting in settings {
            switch (setting.path, setting.value) {
            case (["data", "labels"], .string(let path)): labels = path
            case (["data", "header"], .bool(let flag)): header = flag
            case (["data", "labels"], let value):
                throw RecipeError.value(at: "data.labels", expected: "a file", found: value.text)
            case (["data", "header"], let value):
                throw RecipeError.value(at: "data.header", expected: "true or false", found: value.text)
            default:
                throw Failure(
                    .usage,
                    "--set \(setting.path.joined(separator: ".")): the recipe of a trained model is fixed; "
                        + "only data.labels and data.header can be set here")
            }
        }
        if path != DataSource.digits {
            _ = try SourceFile(path, kinds: "digits or a data file (CSV, LIBSVM, IDX or NPY)")
        }
        return try preprocessing.load(newRows: path, labels: labels, needsTarget: needsTarget, header: header) {
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
