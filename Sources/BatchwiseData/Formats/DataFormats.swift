import Batchwise

/// A list of formats. The first one that opens a file is the file's format.
package struct DataFormats: Sendable {
    private let formats: [any DataFormat.Type]

    package init(_ formats: [any DataFormat.Type]) { self.formats = formats }

    /// All formats. Formats that a name or magic bytes tell come before those of plain text, and CSV, which opens any
    /// text, is the last.
    package static let standard = DataFormats([
        BundledDigits.self, ConvertedData.self, ImageSource.self, JSONTable.self, ARFF.self, Workbook.self,
        CharacterText.self, NPZ.self, SQLiteTable.self, ParquetFile.self, NPY.self, IDX.self, UnreadFile.self,
        LIBSVM.self, CSV.self,
    ])

    /// The list with another format before its own.
    package func preceded(by format: any DataFormat.Type) -> DataFormats { DataFormats([format] + formats) }

    /// Opens files, each a path or a pattern, that are read as one in this order.
    ///
    /// - Throws: `DataError` where a file is missing or damaged, or of another format than the first.
    package func open(_ paths: [String], _ reading: Reading) throws(DataError) -> any DataFile {
        var files: [String] = []
        for path in paths { files += try FilePattern.files(path) }
        guard let first = files.first else { throw .missingFile("") }
        var reading = reading
        // several arrays become one in memory
        if files.count > 1 { reading.memory = .max }
        var opened = try open(first, reading)
        for path in files.dropFirst() { try opened.append(path, reading) }
        return opened
    }

    /// Opens one file.
    package func open(_ path: String, _ reading: Reading) throws(DataError) -> any DataFile {
        let file = try FoundFile(path, encoding: reading.form.encoding)
        for format in formats {
            if let opened = try format.open(file, reading) { return opened }
        }
        throw .unsupported(file: path, detail: "is of no format that is read here")
    }

    /// The labels in files, for which a table would make no sense.
    func labels(_ paths: [String]) throws(DataError) -> LabelArray {
        if let texts = try TextArray.read(paths) { return .texts(texts) }
        switch try open(paths, Reading(formats: self)) {
        case let npz as NPZ: return .numbers(try npz.array(npz.labels()))
        case let file as ArrayFile:
            if case .memory(let array) = file.rows { return .numbers(array) }
        default: break
        }
        throw .badLabels(file: paths[0], detail: "an IDX, NPY or NPZ file is needed")
    }
}
