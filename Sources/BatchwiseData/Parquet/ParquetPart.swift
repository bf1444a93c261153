import Batchwise
import Foundations

/// One Parquet file, with its footer, of one or several that are read as one table.
struct ParquetPart {
    /// The bytes of cells that a byte of a file may become, beyond the first 256 MiB.
    private static let plausibleRatio = 1000
    private static let plausibleBytes = 1 << 28

    let path: String
    let length: Int
    let footer: ParquetFooter
    let schema: ParquetSchema
    /// For each column of the table, its place among the fields.
    private var places: [Int]

    init(path: String) throws(DataError) {
        let file = try InputFile(path)
        self.path = path
        length = file.length
        do throws(ParquetFault) {
            footer = try ParquetFooter(file)
            schema = try ParquetSchema(footer.schema)
            for group in footer.groups {
                guard group.chunks.count == schema.leaves else {
                    throw .damaged("\(group.chunks.count) columns, where the schema has \(schema.leaves)")
                }
                for field in schema.fields {
                    let chunk = group.chunks[field.leaf]
                    guard chunk.valueCount == group.rowCount, chunk.physical == field.physical,
                        chunk.path == [field.name]
                    else { throw .damaged("a column that is not as the schema says") }
                }
            }
        } catch {
            throw error.error(path)
        }
        places = Array(schema.fields.indices)
    }

    static func mostBytes(ofFile length: Int) -> Int {
        let (product, overflow) = length.multipliedReportingOverflow(by: plausibleRatio)
        return overflow ? .max : max(product, plausibleBytes)
    }

    var notices: [String] { schema.notices(path) + timeNotices }

    /// The part with its columns in the order of the first file's.
    func reordered(as first: ParquetPart) throws(DataError) -> ParquetPart {
        func differs(_ detail: String) -> DataError { .partDiffers(file: path, from: first.path, detail: detail) }
        guard schema.fields.count == first.schema.fields.count else {
            throw differs("\(schema.fields.count) columns, not \(first.schema.fields.count)")
        }
        var known: [String: Int] = [:]
        for (place, field) in schema.fields.enumerated() { known[field.name] = place }
        var part = self
        part.places = []
        for field in first.schema.fields {
            guard let place = known[field.name] else {
                throw differs("no column \"\(escaped(field.name, limit: 60))\"")
            }
            let (own, other) = (schema.fields[place].meaning, field.meaning)
            guard own == .empty || other == .empty || own.words == other.words else {
                throw differs("\(own.words) in the column \"\(escaped(field.name, limit: 60))\", not \(other.words)")
            }
            part.places.append(place)
        }
        return part
    }

    /// The columns of the table; only those that are wanted are read.
    ///
    /// - Parameter notices: gets a notice of each column that became text because of a number beyond 2^53.
    func columns(_ kinds: [Table.Kind], notices: inout [String]) throws(DataError) -> [Table.Column] {
        let file = try InputFile(path)
        guard file.length == length else { throw .changes(file: path) }
        var room = Self.mostBytes(ofFile: length)
        var columns: [Table.Column] = []
        for (kind, place) in zip(kinds, places) {
            let field = schema.fields[place]
            guard kind != .skip else {
                columns.append(Table.Column(name: field.name, values: .skipped))
                continue
            }
            do throws(ParquetFault) {
                columns.append(try column(field, kind, file, &room))
            } catch .beyondDouble(let row) {
                let shown = "\(escaped(path, limit: 200)), row \(row + 1), column \"\(escaped(field.name, limit: 60))\""
                notices.append("\(shown): a whole number beyond 2^53 makes the column text")
                do throws(ParquetFault) {
                    columns.append(try column(field, .categorical, file, &room))
                } catch {
                    throw error.error(path, column: field.name)
                }
            } catch {
                throw error.error(path, column: field.name)
            }
        }
        return columns
    }

    private func column(
        _ field: ParquetSchema.Field, _ kind: Table.Kind, _ file: InputFile, _ room: inout Int
    ) throws(ParquetFault) -> Table.Column {
        // makes room at once only for as many rows as a file of this length may well hold
        let rows = min(footer.rowCount, 8 * min(length, 1 << 50))
        var column = ParquetColumn(field, kind: kind, rows: rows)
        for group in footer.groups where group.rowCount > 0 {
            try column.append(ParquetChunk(group.chunks[field.leaf], of: field, in: file), room: &room)
        }
        return try column.finished()
    }

    private var timeNotices: [String] {
        let names = schema.fields.filter { if case .time = $0.meaning { true } else { false } }.map(\.name)
        guard let first = names.first else { return [] }
        let others = names.count == 1 ? "" : " and \(names.count - 1) more"
        return [
            "\(escaped(path, limit: 200)): times of day become seconds since midnight, in the column "
                + "\"\(escaped(first, limit: 60))\"\(others)"
        ]
    }
}
