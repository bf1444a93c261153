import Batchwise
/// A data file of any format that is read here: its content tells which, then its name.
enum DataFile {
    case array(NumericArray)
    case sparse(LIBSVM)
    case arrays(NPZ)
    case table(any TableFile)
    /// An array that may stay in its files: one larger than the memory it may take, or converted.
    case streamed(StreamedArray)

    /// - Parameters:
    ///   - path: a file, or a pattern of several that are read as one.
    ///   - format: what the file's text is; nil finds out.
    ///   - header: whether a table's first row names the columns; nil finds out.
    ///   - rows: which rows of a database; nil takes its only table.
    ///   - memory: bytes that an array may take; a larger one stays in its file where its numbers can be read there.
    init(
        path: String, format: DataSource.Format? = nil, header: Bool? = nil, rows: DatabaseRows? = nil,
        memory: Int = .max
    ) throws(DataError) {
        try self.init(paths: [path], format: format, header: header, rows: rows, memory: memory)
    }

    /// The files, each of them a path or a pattern, one after the other. All are of the kind of the first.
    init(
        paths: [String], format: DataSource.Format? = nil, header: Bool? = nil, rows: DatabaseRows? = nil,
        memory: Int = .max
    ) throws(DataError) {
        var files: [String] = []
        for path in paths { files += try FilePattern.files(path) }
        guard let first = files.first else { throw .missingFile("") }
        // several arrays become one in memory
        let memory = files.count > 1 ? .max : memory
        self = try Self(file: first, format: format, header: header, rows: rows, memory: memory)
        for path in files.dropFirst() { try append(path, header: header) }
    }

    private init(
        file path: String, format: DataSource.Format?, header: Bool?, rows: DatabaseRows? = nil, memory: Int = .max
    ) throws(DataError) {
        if ConvertedData.recognises(path) {
            self = try ConvertedData(path: path).file(memory: memory)
            return
        }
        let place = DataPath(path)
        let source = try ByteSource(path: place.file)
        let isArchive = source.packing == .none && NPZ.recognises(source.head)
        if let name = place.array {
            guard isArchive else { throw .missingFile(path) }
            self = .array(try NPZ(path: place.file).array(name))
        } else if isArchive {
            self = .arrays(try NPZ(path: path))
        } else if source.packing == .none, SQLiteDatabase.recognises(source.head) {
            self = .table(try SQLiteTable(path: path, rows: rows))
        } else if NPY.recognises(source.head) {
            if source.atMost > memory, let shards = try NPY.shards(try ByteSource(path: path)) {
                self = .streamed(StreamedArray(shards, path: path, memory: memory))
            } else {
                self = .array(try NPY.read(source))
            }
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

    /// Puts the examples of another file behind these.
    private mutating func append(_ path: String, header: Bool?) throws(DataError) {
        switch self {
        case .table(let first):
            // a header that the first file lacks would be taken for a row of texts
            let header = first.hasHeader ? true : header
            guard var csv = first as? CSV, case .table(let more) = try Self(file: path, format: .csv, header: header),
                let more = more as? CSV
            else { throw .partDiffers(file: path, from: first.path, detail: "no table of text") }
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
        case .arrays, .streamed:
            throw .unsupported(file: path, detail: "cannot be read behind NPZ files or converted data")
        }
    }

    /// The labels in files, where a table would make no sense.
    static func labels(paths: [String]) throws(DataError) -> NumericArray {
        switch try DataFile(paths: paths) {
        case .array(let array): return array
        case .arrays(let npz): return try npz.array(npz.labels())
        case .table, .sparse, .streamed: throw .badLabels(file: paths[0], detail: "an IDX, NPY or NPZ file is needed")
        }
    }

    private static func isLIBSVM(_ source: ByteSource, _ format: DataSource.Format?) -> Bool {
        if let format { return format == .libsvm }
        let name = source.path.lowercased()
        let endings = [".svm", ".libsvm", ".svmlight"]
        return endings.contains { ending in
            ([""] + Packing.endings).contains { name.hasSuffix(ending + $0) }
        } || LIBSVM.recognises(source.head)
    }

    private static func otherFormat(_ head: [UInt8]) -> String? {
        let known: [(name: String, magic: [UInt8])] = [
            ("a zip archive inside another file", [0x50, 0x4B, 3, 4]), ("a Parquet file", Array("PAR1".utf8)),
            ("a packed SQLite database", Array("SQLite format 3".utf8)), ("an HDF5 file", [0x89, 0x48, 0x44, 0x46]),
            ("a Python pickle", [0x80, 4, 0x95]), ("bzip2 data", Array("BZh".utf8)),
            ("xz data", [0xFD, 0x37, 0x7A, 0x58, 0x5A]),
        ]
        return known.first { head.starts(with: $0.magic) }?.name
    }
}
