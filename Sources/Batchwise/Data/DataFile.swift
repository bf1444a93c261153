/// A data file of any format that is read here: its content tells which, then its name.
enum DataFile {
    case array(NumericArray)
    case sparse(LIBSVM)
    case table(CSV)

    /// - Parameters:
    ///   - format: what the file's text is; nil finds out.
    ///   - header: whether a table's first row names the columns; nil finds out.
    init(path: String, format: DataSource.Format? = nil, header: Bool? = nil) throws(DataError) {
        let source = try ByteSource(path: path)
        if NPY.recognises(source.head) {
            self = .array(try NPY.read(source))
        } else if IDX.recognises(source.head) {
            self = .array(try IDX.read(source))
        } else if ImageDecoder.recognises(source.head) {
            throw .unsupported(
                file: path,
                detail: "is an image; examples are a folder of class folders of images, or a list of them (data.images)"
            )
        } else if let name = Self.otherFormat(source.head) {
            throw .unsupported(file: path, detail: "is \(name), which is not read here; save it as CSV, NPY or IDX")
        } else if Self.isLIBSVM(source, format) {
            self = .sparse(try LIBSVM(source))
        } else {
            self = .table(try CSV(source, header: header))
        }
    }

    /// An array, where a table would make no sense.
    static func array(path: String) throws(DataError) -> NumericArray {
        guard case .array(let array) = try DataFile(path: path) else {
            throw .badLabels(file: path, detail: "an IDX or NPY file is needed")
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
            ("a zip archive (NPZ, XLSX)", [0x50, 0x4B, 3, 4]), ("a Parquet file", Array("PAR1".utf8)),
            ("an SQLite database", Array("SQLite format 3".utf8)), ("an HDF5 file", [0x89, 0x48, 0x44, 0x46]),
            ("a Python pickle", [0x80, 4, 0x95]), ("bzip2 data", Array("BZh".utf8)),
            ("xz data", [0xFD, 0x37, 0x7A, 0x58, 0x5A]), ("Zstandard data", [0x28, 0xB5, 0x2F, 0xFD]),
        ]
        return known.first { head.starts(with: $0.magic) }?.name
    }
}
