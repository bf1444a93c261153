/// The rows of a database that become examples.
public enum DatabaseRows: Codable, Equatable, Sendable {
    /// All rows of a table or view.
    case table(String)
    /// The rows of a SELECT statement.
    case query(String)

    /// Reads the rows that one of two keys names; nil where neither is given.
    ///
    /// - Throws: `DataError.badSource` where both do.
    public init?(table: String?, query: String?) throws(DataError) {
        switch (table, query) {
        case (nil, nil): return nil
        case (let table?, nil): self = .table(table)
        case (nil, let query?): self = .query(query)
        default: throw .badSource("data.table and data.query exclude each other; remove one")
        }
    }
}
