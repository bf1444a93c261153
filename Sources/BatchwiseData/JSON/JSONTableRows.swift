import Batchwise
import Foundations

/// Rows that are objects of JSON. The keys of all objects are the columns, in the order in which they appear; a key that
/// an object lacks is a missing value.
struct JSONTableRows: RowSource {
    let names: [String]
    /// Whether the objects are elements of one array.
    let isArray: Bool
    /// A key that is joined of those of nested objects; nil where there is none.
    let nestedKey: String?
    /// Whether a later object begins in the line of one before it, so that rows and lines differ.
    let sharesLines: Bool
    var hasHeader: Bool? { true }
    var hasTypedNumbers: Bool { true }
    var linesAbove: Int { 1 }

    /// Finds the columns by all objects.
    init(of origin: TextOrigin) throws(DataError) {
        var objects = JSONObjects(try origin.text())
        let cells = JSONCells(path: origin.path)
        var names: [String] = []
        var places: [String: Int] = [:]
        /// For each column, the last row that has it.
        var lastRows: [Int] = []
        var nestedKey: String?
        var (row, values, lastLine, sharesLines) = (0, 0, 0, false)
        while let object = try objects.next() {
            row += 1
            try cells.forEach(in: object) { (key, cell) throws(StrictJSON.Fault) in
                if !key.contains(".") { values += 1 }
                if case .text(let text) = cell, text.utf8.contains(0) {
                    throw StrictJSON.Fault(reason: "key \"\(escaped(key, limit: 60))\": a text holds a NUL", offset: 0)
                }
                guard let place = places[key] else {
                    guard names.count < CSV.mostColumns else {
                        throw StrictJSON.Fault(reason: "the objects have more than \(CSV.mostColumns) keys", offset: 0)
                    }
                    if nestedKey == nil, key.contains("."), !Self.isWritten(key, in: object.bytes) { nestedKey = key }
                    places[key] = names.count
                    names.append(key)
                    lastRows.append(row)
                    return
                }
                guard lastRows[place] != row else {
                    throw StrictJSON.Fault(reason: "the key \"\(escaped(key, limit: 60))\" appears twice", offset: 0)
                }
                lastRows[place] = row
            }
            if object.line <= lastLine { sharesLines = true }
            lastLine = max(lastLine + 1, object.line)
        }
        guard !names.isEmpty else { throw .noRows(origin.path) }
        guard row > 1 || values > 0 else {
            throw .unsupported(
                file: origin.path,
                detail:
                    "is one object of JSON that holds others; rows are wanted: one object a line, or an array of objects "
                    + "(pandas: to_json(orient=\"records\", lines=True))")
        }
        self.names = names
        isArray = objects.isArray
        self.nestedKey = nestedKey
        self.sharesLines = sharesLines
    }

    /// Whether the key stands in the object with its points.
    private static func isWritten(_ key: String, in object: [UInt8]) -> Bool {
        let quoted = Array("\"\(key)\"".utf8)
        return object.indices.contains { object[$0...].starts(with: quoted) }
    }

    func notices(file: String) -> [String] {
        let file = escaped(file, limit: 200)
        var notices: [String] = []
        if let nestedKey {
            notices.append(
                "\(file): the keys of nested objects are joined by points, as in \"\(escaped(nestedKey, limit: 60))\"")
        }
        if sharesLines {
            notices.append("\(file): several objects stand in one line, so that messages number objects, not lines")
        }
        return notices
    }

    func rows(of origin: TextOrigin) throws(DataError) -> any RowStream {
        Stream(JSONObjects(try origin.text()), self)
    }

    private final class Stream: RowStream {
        private var objects: JSONObjects
        private let source: JSONTableRows
        private let places: [String: Int]
        private let cells: JSONCells
        private var row: [JSONCell]
        /// The line that is written next; the names stand above the first.
        private var line = 0

        init(_ objects: JSONObjects, _ source: JSONTableRows) {
            self.objects = objects
            self.source = source
            places = Dictionary(source.names.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
            cells = JSONCells(path: objects.path)
            row = []
        }

        func next(_ rows: inout RowWriter) throws(DataError) -> Bool {
            if line == 0 {
                for name in source.names { rows.append(name) }
                rows.endRow()
                line = 1
                return true
            }
            guard let object = try objects.next() else { return false }
            while !source.sharesLines, line < object.line {
                rows.endLine()
                line += 1
            }
            row = [JSONCell](repeating: .missing, count: source.names.count)
            try cells.forEach(in: object) { (key, cell) throws(StrictJSON.Fault) in
                guard let place = self.places[key] else {
                    throw StrictJSON.Fault(reason: "the file changes while it is read", offset: 0)
                }
                self.row[place] = cell
            }
            for cell in row {
                switch cell {
                case .missing: rows.appendMissing()
                case .text(let text): rows.append(text)
                case .word(let bytes): rows.append(bytes)
                }
            }
            rows.endRow()
            line += 1
            return true
        }
    }
}
