import Batchwise

extension DataSource {
    /// Reads the files, fits the preprocessing to the training examples and applies it to all.
    ///
    /// The result depends on the files, this value and the seed alone; the seed decides which rows a split holds out.
    ///
    /// - Parameters:
    ///   - seed: the recipe's seed.
    ///   - folder: where relative paths begin; empty: the working directory.
    ///   - memory: bytes that features may take; arrays and converted data that are larger are read as they are needed.
    ///   - progress: is told which part of many images has been read, from 0 to 1.
    public func load(
        seed: UInt64, relativeTo folder: String = "", memory: Int = Self.usualMemory,
        progress: (Double) -> Void = { _ in }
    ) throws(DataError) -> LoadedData {
        try load(Loading(seed: seed, folder: folder, memory: memory), progress: progress)
    }

    /// Recognises the format of the training files, which then loads them.
    package func load(
        _ loading: Loading, progress: (Double) -> Void = { _ in }
    ) throws(DataError) -> LoadedData {
        try check()
        return try open(in: loading.folder, memory: loading.memory, loading.formats)
            .load(self, loading, progress: progress)
    }

    /// Writes the examples as a folder of converted data, which trains to the same bits and is read faster.
    ///
    /// A table keeps its columns, with the types that they have here or that this value says, but those to ignore; the
    /// target is named when training.
    ///
    /// - Parameters:
    ///   - path: the folder, which must not be there yet.
    ///   - folder: where the source's relative paths begin.
    ///   - shardRows: rows of a file; nil makes files of about 1 GiB.
    ///   - report: is told every notice to a person about how the source was read.
    /// - Throws: `DataError` for the source, `FileError` for the folder.
    package func convert(
        to path: String, relativeTo folder: String = "", shardRows: Int? = nil,
        report: @escaping (String) -> Void = { _ in }
    ) throws {
        var conversion = Conversion(path: path, folder: folder, shardRows: shardRows, report: report)
        conversion.said = SaidNotation(decimal: columns.decimal, dates: columns.dates)
        try open(in: folder, memory: 0, .standard).convert(self, conversion)
    }

    private func open(in folder: String, memory: Int, _ formats: DataFormats) throws(DataError) -> any DataFile {
        var reading = Reading(header: columns.header, memory: memory, formats: formats)
        switch kind {
        case .automatic: reading.findsText = true
        case .images: break
        case .arrays(_, let channels): reading.channels.axis = channels
        case .table(let columns):
            reading.format = columns.isCSV ? .csv : nil
            reading.badLines = columns.badLines
            reading.names = ExpectedNames(columns)
            reading.form = columns.form
        case .database(let rows, _): reading.rows = rows
        case .sparse: reading.format = .libsvm
        case .imageList(let list): (reading.format, reading.header) = (.csv, list.header)
        case .text(let window): reading.window = window
        }
        return try formats.open(Self.paths(train, in: folder), reading)
    }

    private func check() throws(DataError) {
        try checkSplit()
        guard case .arrays(let labels, _) = kind, !labels.test.isEmpty, test.isEmpty else { return }
        throw .badSource("data.test-labels needs data.test")
    }

    /// The error where the files hold another kind of data than the recipe says.
    func otherKind(_ path: String) -> DataError {
        switch kind {
        case .table:
            .badSource(
                "data.target, weights, header, bad-lines, encoding, separator, quote, escape, ignore, columns and "
                    + "split.group are for tables, and \(path) is none")
        case .database: .badSource("data.table and data.query are for SQLite databases, and \(path) is none")
        case .arrays:
            .badSource(
                "data.labels is for IDX, NPY and NPZ files, and so is channels: first or last, and \(path) is none; a table has data.target, and the rows "
                    + "of LIBSVM files begin with their labels")
        case .images: .badSource("data.size and channels are for images, and \(path) holds none")
        case .imageList: .badSource("data.images is for a table of paths, and \(path) is none")
        case .automatic, .sparse, .text: .badSource("data.window and format are for text, and \(path) is none")
        }
    }

    /// The paths as seen from the working folder.
    static func paths(_ paths: [String], in folder: String) -> [String] { paths.map { path($0, in: folder) } }

    static func path(_ path: String, in folder: String) -> String {
        if path.hasPrefix("/") || folder.isEmpty || path == digits { return path }
        return folder.hasSuffix("/") ? folder + path : folder + "/" + path
    }
}
