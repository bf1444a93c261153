import Batchwise

extension NewRows {
    /// Rows that are read as those of training.
    package static var usual: NewRows { NewRows() }

    /// The names of the columns of a table; nil where the file is none.
    package func columnNames(of path: String) throws(DataError) -> [String]? {
        let reading = Reading(format: .csv, header: header, badLines: badLines, rows: rows, formats: formats)
        return (try formats.open([path], reading) as? any TableFile)?.names
    }
}

extension DataFormats {
    /// The kind of data in a file, in words: "a table", or "a file of examples".
    package func kind(of path: String) throws(DataError) -> String {
        try open([path], Reading()) is any TableFile ? "a table" : "a file of examples"
    }
}
