import Batchwise
import Foundations

/// A file of rows and columns, whose columns are known when it has been opened. A conforming file has the four verbs.
package protocol TableFile: DataFile {
    var path: String { get }
    /// The names of the columns.
    var names: [String] { get }
    /// Whether the file itself names its columns.
    var hasHeader: Bool { get }
    /// The table or query that these rows are from; nil for a file that is one table.
    var database: DatabaseRows? { get }
    /// The meaning of a comma in a number.
    var comma: CSVNumber.Comma { get }
    /// Reads all rows; `kinds` has one entry a column, and nil takes every column as it is.
    func table(kinds: [Table.Kind]?) throws(DataError) -> Table
    /// All rows, which may stay on the disk where they are more than `memory` bytes.
    func rows(kinds: [Table.Kind]?, memory: Int) throws(DataError) -> any TableRows
    /// Writes the columns but those to skip as converted data.
    func convert(kinds: [Table.Kind], _ conversion: Conversion) throws
}

extension TableFile {
    /// Throws by default, because no file but a database holds several tables.
    package var database: DatabaseRows? { nil }

    package var comma: CSVNumber.Comma { .none }

    package func rows(kinds: [Table.Kind]?, memory: Int) throws(DataError) -> any TableRows {
        MemoryRows(try table(kinds: kinds))
    }

    package func convert(kinds: [Table.Kind], _ conversion: Conversion) throws {
        try table(kinds: kinds).convert(to: conversion.path, hasHeader: hasHeader, conversion.shardRows)
    }

    /// The places of the columns.
    var places: ColumnPlaces { ColumnPlaces(names, file: path) }
}

extension TableFile {
    package func describe(labels: String?) throws(DataError) -> DataDescription {
        let rows = try rows(kinds: nil, memory: DataSource.usualMemory)
        let columns = try DataDescription.columns(of: rows, comma: comma)
        return DataDescription(
            format: database == nil ? .csv : .sqlite, rows: rows.rowCount, shape: [columns.count],
            hasHeader: hasHeader, columns: columns, notices: rows.notes.notices)
    }

    package func convert(_ source: DataSource, _ conversion: Conversion) throws {
        if case .imageList = source.kind {
            return try ImageSource(path: path, origin: .list(self)).convert(source, conversion)
        }
        let said = try columns(source)
        let places = places
        var kinds = [Table.Kind](repeating: .either, count: names.count)
        for (name, rule) in said.rules.sorted(by: { $0.key < $1.key }) {
            kinds[try places.place(of: name)] = rule.tableKind
        }
        for name in said.ignore { kinds[try places.place(of: name)] = .skip }
        guard kinds.contains(where: { $0 != .skip }) else {
            throw DataError.badSource("data.ignore names all columns, which leaves none to convert")
        }
        try convert(kinds: kinds, conversion)
    }

    /// The recipe's section of columns.
    ///
    /// - Throws: `DataError.badSource` where it describes another kind of data.
    func columns(_ source: DataSource) throws(DataError) -> DataSource.Columns {
        switch source.kind {
        case .automatic, .sparse: return DataSource.Columns()
        case .table(let columns): return columns
        case .database(_, let columns):
            guard database != nil else { throw source.otherKind(path) }
            return columns
        case .arrays, .images, .imageList, .text: throw source.otherKind(path)
        }
    }
}
