/// How the rows of a table were read, where that is not as they stand in the file.
public struct TableNotes: Equatable, Sendable {
    /// Notices to a person, a line each.
    public let notices: [String]
    /// For each line that `data.bad-lines: skip` left out, the number of rows before it.
    public let skippedRows: [Int]
}
