import Batchwise
import BatchwiseData
import BatchwiseRuns
import Foundation
import Foundations

/// Some new rows as a model's training rows were read.
struct NewRowsPart {
    /// Nil where all of them were left out.
    var rows: Dataset?
    /// The columns that name the rows.
    var names: [RowNames] = []
    /// For each line that was left out, the number of rows before it.
    var gaps: [Int] = []
}

/// Reads new rows for a model, and writes notices about them to standard error.
struct NewRowReader {
    let preprocessing: Preprocessing
    var wanted = NewRows.usual
    private let findings = NewRowFindings()

    init(_ preprocessing: Preprocessing) {
        self.preprocessing = preprocessing
        wanted.findings = findings
    }

    /// Reads a file.
    func read(_ path: String) throws -> NewRowsPart {
        if path != DataSource.digits, try FilePattern.files(path) == [path] {
            _ = try SourceFile(
                path,
                kinds: "digits, a data file (CSV, LIBSVM, IDX, NPY, NPZ or SQLite), an image or a folder of images")
        }
        guard wanted.ids.isEmpty || preprocessing.isTable else { throw idsAreOfTables }
        var part = NewRowsPart()
        var wanted = wanted
        wanted.report = {
            for notice in $0.notices { Output.note(notice) }
            part.gaps = $0.skippedRows
        }
        part.rows = try preprocessing.load(newRows: [path], wanted) { Self.tell($0) }
        part.names = findings.names
        for notice in findings.notices { Output.note(notice) }
        return part
    }

    /// Reads standard input to its end, and hands over its rows as they come. Notices about features come at the end.
    func readInput(_ body: (NewRowsPart) throws -> Void) throws {
        guard wanted.ids.isEmpty || preprocessing.isTable else { throw idsAreOfTables }
        var told: Set<String> = []
        var unknown: [(column: String, rows: Int)] = []
        var wanted = wanted
        wanted.report = { notes in
            // every part of the rows may say the same
            for notice in notes.notices where told.insert(notice).inserted { Output.note(notice) }
        }
        let rows = try StreamedRows(STDIN_FILENO, for: preprocessing, wanted)
        while let part = try rows.next(unknown: { texts in
            if let place = unknown.firstIndex(where: { $0.column == texts.column }) {
                unknown[place].rows += texts.rows
            } else {
                unknown.append((texts.column, texts.rows))
            }
        }) {
            try body(NewRowsPart(rows: part.rows, names: findings.names, gaps: part.skippedRows))
            findings.forgetNames()
        }
        for (column, rows) in unknown { Self.tell(UnknownTexts(column: column, rows: rows)) }
        for notice in findings.notices { Output.note(notice) }
    }

    /// Says that a column of the new rows may name them, where none was asked for: which one is no matter to guess.
    func hint(atIDsIn path: String, _ ids: [String]) {
        guard ids.isEmpty, preprocessing.isTable,
            let names = (try? wanted.columnNames(of: path)) ?? nil,
            let name = names.first(where: { $0.lowercased() == "id" })
        else { return }
        Output.note(
            "\(escaped(path, limit: 200)): the column \"\(name)\" is not written; --id \(shellQuoted(name)) puts it before "
                + "the predictions")
    }

    private var idsAreOfTables: Failure {
        Failure(.usage, "--id names a column of a table, and this model reads other data, whose rows have no names")
    }

    private static func tell(_ texts: UnknownTexts) {
        let rows = counted(texts.rows, "row") + (texts.rows == 1 ? " has" : " have")
        let article = texts.column.first.map { letter in "aeiouAEIOU".contains(letter) } == true ? "an" : "a"
        Output.note("\(rows) \(article) \(escaped(texts.column, limit: 60)) that training did not have")
    }
}

extension Preprocessing {
    /// Whether the model reads rows of a table.
    var isTable: Bool { if case .table = features { true } else { false } }

    /// The names of the classes; none where numbers are predicted.
    var classNames: [String] { if case .classes(let names) = target { names } else { [] } }
}
