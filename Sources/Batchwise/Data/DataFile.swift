/// A data file of any format that is read here: its content tells which, then its name.
enum DataFile {
    case array(NumericArray)
    case sparse(LIBSVM)
    case table(CSV)

    /// - Parameters:
    ///   - path: a file, or a pattern of several that are read as one.
    ///   - format: what the file's text is; nil finds out.
    ///   - header: whether a table's first row names the columns; nil finds out.
    init(path: String, format: DataSource.Format? = nil, header: Bool? = nil) throws(DataError) {
        try self.init(paths: [path], format: format, header: header)
    }

    /// The files, each of them a path or a pattern, one after the other. All are of the kind of the first.
    init(paths: [String], format: DataSource.Format? = nil, header: Bool? = nil) throws(DataError) {
        var files: [String] = []
        for path in paths { files += try FilePattern.files(path) }
        guard let first = files.first else { throw .missingFile("") }
        self = try Self(file: first, format: format, header: header)
        for path in files.dropFirst() { try append(path, header: header) }
    }

    private init(file path: String, format: DataSource.Format?, header: Bool?) throws(DataError) {
        let source = try ByteSource(path: path)
        if NPY.recognises(source.head) {
            self = .array(try NPY.read(source))
        } else if IDX.recognises(source.head) {
            self = .array(try IDX.read(source))
        } else if let name = Self.otherFormat(source.head) {
            throw .unsupported(file: path, detail: "is \(name), which is not read here; save it as CSV, NPY or IDX")
        } else if Self.isLIBSVM(source, format) {
            self = .sparse(try LIBSVM(source))
        } else {
            self = .table(try CSV(source, header: header))
        }
    }

    /// Puts the examples of another file behind these.
    private mutating func append(_ path: String, header: Bool?) throws(DataError) {
        switch self {
        case .table(var csv):
            // a header that the first file lacks would be taken for a row of texts
            let header = csv.hasHeader ? true : header
            guard case .table(let more) = try Self(file: path, format: .csv, header: header) else {
                throw .partDiffers(file: path, from: csv.path, detail: "no table")
            }
            try csv.append(more)
            self = .table(csv)
        case .sparse(var rows):
            guard case .sparse(let more) = try Self(file: path, format: .libsvm, header: nil) else {
                throw .partDiffers(file: path, from: rows.path, detail: "no LIBSVM text")
            }
            rows.append(more)
            self = .sparse(rows)
        case .array(var array):
            guard case .array(let more) = try Self(file: path, format: nil, header: nil), array.append(more) else {
                throw .partDiffers(file: path, from: "the first", detail: "examples of another shape or type")
            }
            self = .array(array)
        }
    }

    /// An array, where a table would make no sense.
    static func array(paths: [String]) throws(DataError) -> NumericArray {
        guard case .array(let array) = try DataFile(paths: paths) else {
            throw .badLabels(file: paths[0], detail: "an IDX or NPY file is needed")
        }
        return array
    }

    private static func isLIBSVM(_ source: ByteSource, _ format: DataSource.Format?) -> Bool {
        if let format { return format == .libsvm }
        let name = source.path.lowercased()
        let endings = [".svm", ".libsvm", ".svmlight"]
        return endings.contains { name.hasSuffix($0) || name.hasSuffix($0 + ".gz") } || LIBSVM.recognises(source.head)
    }

    private static func otherFormat(_ head: [UInt8]) -> String? {
        let known: [(name: String, magic: [UInt8])] = [
            ("a zip archive (NPZ, XLSX)", [0x50, 0x4B, 3, 4]), ("a PNG image", [0x89, 0x50, 0x4E, 0x47]),
            ("a JPEG image", [0xFF, 0xD8, 0xFF]), ("a Parquet file", Array("PAR1".utf8)),
            ("an SQLite database", Array("SQLite format 3".utf8)), ("an HDF5 file", [0x89, 0x48, 0x44, 0x46]),
            ("a Python pickle", [0x80, 4, 0x95]), ("bzip2 data", Array("BZh".utf8)),
            ("xz data", [0xFD, 0x37, 0x7A, 0x58, 0x5A]), ("Zstandard data", [0x28, 0xB5, 0x2F, 0xFD]),
        ]
        return known.first { head.starts(with: $0.magic) }?.name
    }
}
