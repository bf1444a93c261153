import Batchwise
import Foundations

/// A file of rows and columns, whose columns are known when it has been opened. A conforming file has the four verbs.
package protocol TableFile: DataFile {
    var path: String { get }
    /// The names of the columns.
    var names: [String] { get }
    /// The names that several columns have in the file, so that they tell none.
    var repeatedNames: Set<String> { get }
    /// Whether the file itself names its columns.
    var hasHeader: Bool { get }
    /// The table or query that these rows are from; nil for a file that is one table.
    var database: DatabaseRows? { get }
    /// The types of the columns that the file says; nil where their cells decide.
    var ownKinds: [Table.Kind]? { get }
    /// Whether the file tells numbers from texts, and so writes them with points.
    var hasTypedNumbers: Bool { get }
    /// Whether the columns have their types already, so that texts stay texts.
    var isDecided: Bool { get }
    /// Reads all rows without deciding the meaning of texts: numbers, dates or texts.
    func written(kinds: [Table.Kind]?) throws(DataError) -> Table
    /// The format, as a description names it.
    var format: DataDescription.Format { get }
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

    package var isDecided: Bool { false }

    package var hasTypedNumbers: Bool { false }

    package var ownKinds: [Table.Kind]? { nil }

    package func written(kinds: [Table.Kind]?) throws(DataError) -> Table {
        try table(kinds: kinds.map { $0.map { $0 == .numeric || $0 == .date ? .either : $0 } })
    }

    /// Reads all rows and decides the meaning of the columns.
    func decided(_ reading: TableReading) throws(DataError) -> Table {
        if isDecided { return try table(kinds: reading.kinds) }
        var reading = reading
        reading.said.hasTypedNumbers = hasTypedNumbers
        if let ownKinds {
            reading.kinds = ownKinds.indices.map { reading.kind($0) == .either ? ownKinds[$0] : reading.kind($0) }
        }
        return try written(kinds: reading.kinds).decided(reading) { (places) throws(DataError) in
            try written(kinds: names.indices.map { places.contains($0) ? .categorical : .skip })
        }
    }

    /// All rows with their columns decided; those of a file whose columns are decided may stay on the disk.
    func rows(_ reading: TableReading, memory: Int) throws(DataError) -> any TableRows {
        if isDecided { return try rows(kinds: reading.kinds, memory: memory) }
        return MemoryRows(try decided(reading))
    }

    /// None by default.
    package var repeatedNames: Set<String> { [] }

    package var format: DataDescription.Format { .csv }

    package func rows(kinds: [Table.Kind]?, memory: Int) throws(DataError) -> any TableRows {
        MemoryRows(try table(kinds: kinds))
    }

    package func convert(kinds: [Table.Kind], _ conversion: Conversion) throws {
        let table = try decided(TableReading(kinds: kinds, said: conversion.said))
        table.notices.forEach(conversion.report)
        try table.convert(to: conversion.path, hasHeader: hasHeader, conversion.shardRows)
    }

    /// The places of the columns.
    var places: ColumnPlaces { ColumnPlaces(names, repeated: repeatedNames, file: path) }
}

extension TableFile {
    package func describe(labels: String?) throws(DataError) -> DataDescription {
        let rows = try rows(TableReading.all, memory: DataSource.usualMemory)
        let columns = try DataDescription.columns(of: rows)
        let review = try ColumnReview(of: rows, places: Array(names.indices), hasHeader: hasHeader)
        return DataDescription(
            format: format, rows: rows.rowCount, shape: [columns.count],
            hasHeader: hasHeader, columns: columns, notices: rows.notes.notices + review.notices)
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
