import Batchwise
import Foundations

/// The places of the columns of a table, by name or number.
struct ColumnPlaces {
    private let file: String
    private let names: [String]
    private let places: [String: Int]

    private let repeated: Set<String>

    /// - Parameter repeated: names that several columns have in the file.
    init(_ names: [String], repeated: Set<String> = [], file: String) {
        self.file = file
        self.repeated = repeated
        self.names = names
        places = Dictionary(names.lazy.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// A column by its name or, when none has that name, by its number from 1.
    func place(of column: String) throws(DataError) -> Int {
        guard !repeated.contains(column) else { throw .duplicateColumn(file: file, name: column) }
        if let place = places[column] { return place }
        // the number may be the smallest there is
        if let number = Int(column), number >= 1, number <= names.count { return number - 1 }
        throw unknown(column)
    }

    private func unknown(_ name: String) -> DataError {
        .unknownColumn(file: file, name: name, nearest: nearestName(to: name, in: names), columns: names)
    }
}
