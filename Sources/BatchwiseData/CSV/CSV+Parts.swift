import Batchwise
import Foundations

/// Several files with the same columns, read as one table.
extension CSV {
    /// Puts the rows of another file behind those of this one. Its columns may stand in another order where both files
    /// name them.
    mutating func append(_ other: CSV) throws(DataError) {
        parts.append(Part(csv: other, places: try places(in: other)))
    }

    /// One of the files, and the places in it of the columns of the first file.
    struct Part: Sendable {
        let csv: CSV
        let places: [Int]

        /// Values for the columns of the first file, in the order of this file's columns.
        func own<Value>(_ values: [Value]) -> [Value] {
            var own = values
            for (place, value) in zip(places, values) { own[place] = value }
            return own
        }
    }

    /// The first file and those that continue it.
    var allParts: [Part] {
        var first = self
        first.parts = []
        return [Part(csv: first, places: Array(names.indices))] + parts
    }

    private func places(in other: CSV) throws(DataError) -> [Int] {
        func differs(_ detail: String) -> DataError { .partDiffers(file: other.path, from: path, detail: detail) }
        guard names.count == other.names.count else {
            throw differs("\(other.names.count) columns, not \(names.count)")
        }
        guard hasHeader == other.hasHeader else { throw differs("\(other.hasHeader ? "a" : "no") header") }
        guard names != other.names else { return Array(names.indices) }
        var known: [String: Int] = [:]
        for (place, name) in other.names.enumerated() { known[name] = place }
        var places: [Int] = []
        for name in names {
            guard let place = known[name] else { throw differs("no column \"\(name)\"") }
            places.append(place)
        }
        return places
    }

    /// Reads all files. A column that is text in one of them is text in all, and so is one of dates and numbers.
    func joined(kinds: [Table.Kind]) throws(DataError) -> Table {
        let files = allParts
        var columns: [[Table.Column]] = []
        var (lines, starts) = ([UInt32](), [Table.Part]())
        var (notices, skippedRows) = ([String](), [Int]())
        var (textNotices, numberNotices) = ([Int: [String]](), [Int: [String]]())
        var points = names.map { _ in PlainPoints.none }
        for file in files {
            let table = try file.table(kinds)
            notices += table.notices
            textNotices.merge(table.textNotices) { $0 + $1 }
            numberNotices.merge(table.numberNotices) { one, _ in one }
            for place in names.indices { points[place] = points[place].joined(with: table.points[place]) }
            skippedRows += table.skippedRows.map { $0 + lines.count }
            starts.append(.init(path: file.csv.path, firstRow: lines.count))
            lines += table.lines
            columns.append(table.columns)
        }
        let areTexts = names.indices.map { place in
            columns.contains { $0[place].isText }
                || columns.contains { $0[place].isDate }
                    && columns.contains { !$0[place].isDate && $0[place].hasNumbers }
        }
        for (index, file) in files.enumerated() {
            let areMissing = names.indices.map { areTexts[$0] && !columns[index][$0].isText }
            guard areMissing.contains(true) else { continue }
            for place in names.indices where areMissing[place] && columns[index][place].hasNumbers {
                textNotices[place, default: []].append(
                    "\(escaped(file.csv.path, limit: 200)): the column \"\(escaped(names[place], limit: 60))\" is "
                        + "text, as in the other files, though it holds numbers or dates here")
            }
            let texts = try file.table(areMissing.map { $0 ? .categorical : .skip })
            for place in names.indices where areMissing[place] { columns[index][place] = texts.columns[place] }
        }
        return Table(
            columns: names.indices.map { place in Table.Column(joining: columns.map { $0[place] }) },
            rowCount: lines.count, lines: lines, parts: starts, notices: notices, skippedRows: skippedRows,
            points: points,
            textNotices: textNotices, numberNotices: numberNotices)
    }
}

extension CSV.Part {
    /// The columns of the file in the order of the first.
    fileprivate func table(_ kinds: [Table.Kind]) throws(DataError) -> Table {
        let table = try csv.written(kinds: own(kinds))
        return Table(
            columns: places.map { table.columns[$0] }, rowCount: table.rowCount, lines: table.lines,
            parts: table.parts, notices: table.notices, skippedRows: table.skippedRows,
            points: places.map { table.points[$0] }, textNotices: notices(of: table))
    }
}

extension CSV.Part {
    /// Notices about columns by the places of the columns in the first file.
    fileprivate func notices(of table: Table) -> [Int: [String]] {
        var notices: [Int: [String]] = [:]
        for (place, own) in places.enumerated() { notices[place] = table.textNotices[own] }
        return notices
    }
}

extension PlainPoints {
    /// The evidence of two parts of a column.
    func joined(with other: PlainPoints) -> PlainPoints {
        if self == .decimal || other == .decimal { return .decimal }
        return self == .doubtful || other == .doubtful ? .doubtful : .none
    }
}

extension Table.Column {
    fileprivate var hasNumbers: Bool {
        if case .numeric(let numbers) = values { numbers.contains { !$0.isNaN } } else { false }
    }

    /// The values of parts of one type, one after the other.
    init(joining parts: [Table.Column]) {
        let first = parts[0]
        switch first.values {
        case .skipped: self = first
        case .numeric:
            var numbers: [Double] = []
            for case .numeric(let more) in parts.map(\.values) { numbers += more }
            self.init(name: first.name, values: .numeric(numbers), isDate: parts.contains(where: \.isDate))
        case .categorical:
            var all: [String] = []
            for case .categorical(_, let levels) in parts.map(\.values) { all += levels }
            all.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            var levels: [String] = []
            for level in all where levels.last?.utf8.elementsEqual(level.utf8) != true { levels.append(level) }
            var codes: [Int32] = []
            for case .categorical(let more, let own) in parts.map(\.values) {
                let places = Self.places(of: own, in: levels)
                codes += more.map { $0 < 0 ? -1 : places[Int($0)] }
            }
            self.init(name: first.name, values: .categorical(codes: codes, levels: levels))
        }
    }

    /// The places of sorted levels among other sorted levels that include them all.
    private static func places(of levels: [String], in all: [String]) -> [Int32] {
        var places: [Int32] = []
        var place = 0
        for level in levels {
            while !all[place].utf8.elementsEqual(level.utf8) { place += 1 }
            places.append(Int32(place))
        }
        return places
    }
}
