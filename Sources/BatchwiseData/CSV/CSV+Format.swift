import Batchwise

extension CSV: DataFormat, TableFile {
    /// Opens any text, because every other format has been asked before.
    package static func open(_ file: FoundFile, _ reading: Reading) throws(DataError) -> (any DataFile)? {
        guard let bytes = file.bytes else { return nil }
        return try CSV(
            TextOrigin(path: file.path, form: reading.form), bytes, header: reading.header, names: reading.names,
            badLines: reading.badLines)
    }

    package mutating func append(_ path: String, _ reading: Reading) throws(DataError) {
        var reading = reading
        reading.format = .csv
        // A header in a later file, where the first has none, would be taken for a row of texts.
        if hasHeader { reading.header = true }
        guard let more = try reading.formats.open(path, reading) as? CSV else {
            throw .partDiffers(file: path, from: self.path, detail: "no table of text")
        }
        try append(more)
    }
}
