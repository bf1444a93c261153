import Batchwise
import Foundation

/// New rows for a model that come through a pipe, a part at a time: separated values with the header of training, or
/// JSON lines.
package final class StreamedRows {
    private let encoder: TableEncoder
    private let preprocessing: Preprocessing
    private let wanted: NewRows
    private let stream: RecordStream
    /// The table of the first rows, whose dialect and names hold for all.
    private var table: CSV?
    private var isJSON: Bool?

    /// A part of the rows.
    package struct Part {
        /// The rows; nil where all of them were left out.
        package let rows: Dataset?
        /// The number of rows before each line that was left out.
        package let skippedRows: [Int]
    }

    /// - Parameters:
    ///   - descriptor: where the rows are read; it is not closed.
    ///   - wanted: how rows are read. Its findings are those of all parts so far.
    package init(
        _ descriptor: Int32, for preprocessing: Preprocessing, _ wanted: NewRows
    ) throws(DataError) {
        guard case .table(let encoder) = preprocessing.features, encoder.database == nil else {
            throw .unsupported(
                file: Self.name,
                detail: "is read as rows of a table, and the model was trained on something else; name a file")
        }
        self.encoder = encoder
        self.preprocessing = preprocessing
        self.wanted = wanted
        stream = RecordStream(descriptor, name: Self.name)
    }

    package static let name = "standard input"

    /// The next rows; nil at the end.
    ///
    /// - Parameter report: is told of every column that has texts which training did not have.
    package func next(unknown report: (UnknownTexts) -> Void) throws(DataError) -> Part? {
        while let chunk = try stream.next() {
            // the end of a text may be blank
            guard chunk.records > 0 else { continue }
            if let part = try part(chunk, report) { return part }
        }
        guard table != nil else { throw .emptyFile(Self.name) }
        return nil
    }

    private func part(
        _ chunk: RecordStream.Chunk, _ report: (UnknownTexts) -> Void
    ) throws(DataError) -> Part? {
        let first = isJSON == nil
        let isJSON = isJSON ?? JSONRows.isAt(chunk.bytes)
        self.isJSON = isJSON
        var wanted = wanted
        wanted.isPart = true
        var skippedRows: [Int] = []
        let told = wanted.report
        wanted.report = {
            skippedRows = $0.skippedRows
            told($0)
        }
        let csv: CSV
        if isJSON {
            let json = JSONRows(columns: encoder.columns.map(\.name) + wanted.ids, file: Self.name)
            let rows = try json.rows(chunk.bytes, line: chunk.line)
            let begun =
                if let table { table } else { try CSV(path: Self.name, bytes: json.header + rows, header: true) }
            var continued = begun.continued(rows, line: chunk.line)
            continued.areRowsOfJSON = true
            csv = continued
        } else if let table {
            csv = table.continued(chunk.bytes, line: chunk.line)
        } else {
            csv = try CSV(
                path: Self.name, bytes: chunk.bytes, header: wanted.header ?? encoder.hasHeader,
                badLines: wanted.badLines, form: wanted.form)
        }
        table = csv
        let rows: Dataset
        do throws(DataError) {
            rows = try csv.readNewRows(wanted, for: preprocessing, unknown: report)
        } catch {
            guard case .noRows = error, !first else { throw error }
            // only blank lines and comments, or lines that are left out
            guard wanted.badLines == .skip else { return nil }
            return Part(rows: nil, skippedRows: [Int](repeating: 0, count: chunk.records))
        }
        return Part(rows: rows, skippedRows: skippedRows)
    }
}
