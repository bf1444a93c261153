import Batchwise
import BatchwiseData
import BatchwiseRuns
import Foundation
import Foundations

extension SavedModel {
    /// Reads a model, and writes its notices to standard error.
    ///
    /// - Parameter data: the data that the command was given with it, for a message where both were exchanged.
    init(reporting path: String, beside data: String? = nil) throws {
        do {
            try self.init(path)
        } catch {
            guard let kind = PathKind(path), kind.isData else { throw error }
            let isExchanged = data.flatMap { PathKind($0, opening: false) }.map { !$0.isData } ?? false
            if !isExchanged, case .folder = kind { throw error }
            let hint =
                isExchanged
                ? "the model comes first: \(shellQuoted(data ?? "")) \(shellQuoted(path))"
                : "name model.safetensors or the directory of a run, and the data behind it"
            throw Failure(
                isExchanged ? .usage : .badData, "\(escaped(path, limit: 200)): is \(kind.name), not a model; \(hint)")
        }
        if let data, let kind = PathKind(data, opening: false), !kind.isData {
            throw Failure(
                .usage,
                "\(escaped(data, limit: 200)): is \(kind.name), not data; the model comes first, and the data behind it"
            )
        }
        for notice in notices { Output.note(notice) }
    }

    /// Reads new rows as the training rows were read. The second value has the number of rows before each line that was
    /// left out.
    func load(
        _ path: String, labels: String?, settings: [Setting], needsTarget: Bool
    ) throws -> (rows: Dataset, skippedRows: [Int]) {
        var reader = try newRows(settings: settings, labels: labels)
        reader.wanted.needsTarget = needsTarget
        let part = try reader.read(path)
        guard let rows = part.rows else { throw DataError.noRows(path) }
        return (rows, part.gaps)
    }

    /// A reader of new rows, by the settings that are possible for a trained model.
    func newRows(settings: [Setting], labels: String? = nil, ids: [String] = []) throws -> NewRowReader {
        var reader = NewRowReader(preprocessing)
        var wanted = reader.wanted
        wanted.labels = labels.map { [$0] } ?? []
        wanted.ids = ids
        var table: String?
        var query: String?
        var source = model.recipe.data
        wanted.badLines = source?.columns.badLines ?? .refuse
        wanted.form = source?.columns.form ?? DataSource.TextForm()
        // the folder of the training images does not hold the new ones
        source?.setImagesFolder(nil)
        for setting in settings {
            switch (setting.path, setting.value) {
            case (["data", "labels"], .string(let path)): wanted.labels = [path]
            case (["data", "header"], .bool(let flag)): wanted.header = flag
            case (["data", "table"], .string(let name)): table = name
            case (["data", "query"], .string(let sql)): query = sql
            case (["data", "table"], let value):
                throw RecipeError.value(at: "data.table", expected: "a table", found: value.text)
            case (["data", "query"], let value):
                throw RecipeError.value(at: "data.query", expected: "a SELECT statement", found: value.text)
            case (["data", "images-folder"], .string(let path)): source?.setImagesFolder(path)
            case (["data", "bad-lines"], let value):
                guard case .string(let word) = value, let said = DataSource.BadLines(rawValue: word) else {
                    throw RecipeError.value(at: "data.bad-lines", expected: "refuse, skip or pad", found: value.text)
                }
                wanted.badLines = said
            case (["data", "encoding"], _), (["data", "separator"], _), (["data", "quote"], _),
                (["data", "escape"], _):
                try wanted.form.set(setting.path[1], setting.value)
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
                        + "only data.labels, data.header, data.bad-lines, data.encoding, data.separator, data.quote, "
                        + "data.escape, data.table, data.query and "
                        + "data.images-folder can be set here"
                )
            }
        }
        wanted.rows = try DatabaseRows(table: table, query: query)
        if case .imageList(let list) = source?.kind { wanted.list = list }
        reader.wanted = wanted
        return reader
    }
}
