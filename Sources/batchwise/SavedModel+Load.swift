import Batchwise
import BatchwiseData
import BatchwiseRuns
import Foundations

extension SavedModel {
    /// Reads a model, and writes its notices to standard error.
    init(reporting path: String) throws {
        try self.init(path)
        for notice in notices { Output.log("note: \(notice)") }
    }

    /// Reads new rows as the training rows were read. The second value has the number of rows before each line that was
    /// left out.
    func load(
        _ path: String, labels: String?, settings: [Setting], needsTarget: Bool
    ) throws -> (rows: Dataset, skippedRows: [Int]) {
        var labels = labels
        var header: Bool?
        var table: String?
        var query: String?
        var source = model.recipe.data
        var badLines = source?.columns.badLines ?? .refuse
        // the folder of the training images does not hold the new ones
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
            case (["data", "bad-lines"], let value):
                guard case .string(let word) = value, let said = DataSource.BadLines(rawValue: word) else {
                    throw RecipeError.value(at: "data.bad-lines", expected: "refuse, skip or pad", found: value.text)
                }
                badLines = said
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
                        + "only data.labels, data.header, data.bad-lines, data.table, data.query and "
                        + "data.images-folder can be set here"
                )
            }
        }
        if path != DataSource.digits, try FilePattern.files(path) == [path] {
            _ = try SourceFile(
                path,
                kinds: "digits, a data file (CSV, LIBSVM, IDX, NPY, NPZ or SQLite), an image or a folder of images")
        }
        var skippedRows: [Int] = []
        let rows = try preprocessing.load(
            newRows: path, labels: labels, needsTarget: needsTarget, header: header,
            rows: DatabaseRows(table: table, query: query), badLines: badLines, source: source
        ) {
            let rows = counted($0.rows, "row") + ($0.rows == 1 ? " has" : " have")
            let article = $0.column.first.map { letter in "aeiouAEIOU".contains(letter) } == true ? "an" : "a"
            Output.log("note: \(rows) \(article) \(escaped($0.column, limit: 60)) that training did not have")
        } notes: {
            for notice in $0.notices { Output.log("note: \(notice)") }
            skippedRows = $0.skippedRows
        }
        return (rows, skippedRows)
    }
}
