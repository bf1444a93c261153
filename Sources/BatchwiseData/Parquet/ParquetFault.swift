import Batchwise

/// A fault of a Parquet file, found where neither the path nor the column is at hand.
enum ParquetFault: Error {
    /// Bytes that break the format's rules.
    case damaged(String)
    /// Something that the format allows and that is not read here, with the way out.
    case unsupported(String)
    /// A cell that cannot be used; rows count from 0 in the file.
    case cell(row: Int, String)
    /// A whole number that a Double cannot tell from its neighbours; rows count from 0 in the file.
    case beyondDouble(row: Int)
    /// The file itself cannot be read.
    case file(DataError)

    /// The error for a person.
    func error(_ path: String, column: String? = nil) -> DataError {
        let place = column.map { "the column \"\(escaped($0, limit: 60))\": " } ?? ""
        return switch self {
        case .damaged(let detail): .corruptFile(file: path, format: "Parquet", detail: place + detail)
        case .unsupported(let detail): .unsupported(file: path, detail: place + detail)
        case .cell(let row, let detail):
            .badCell(file: path, place: "row \(row + 1)", column: column ?? "", detail: detail)
        case .beyondDouble(let row):
            .badCell(
                file: path, place: "row \(row + 1)", column: column ?? "",
                detail: "a number beyond 2^53, which is read as text only")
        case .file(let error): error
        }
    }
}
