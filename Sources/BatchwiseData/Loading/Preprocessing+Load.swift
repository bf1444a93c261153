import Batchwise

extension Preprocessing {
    /// Reads new examples as the model's training examples were read.
    ///
    /// The columns of a table are matched by name when training had a header (other columns are ignored), and by place
    /// where it or the new rows have none. Unknown categories and missing values are encoded as in training.
    ///
    /// - Parameters:
    ///   - path: a CSV, LIBSVM, IDX, NPY, NPZ (its test arrays, where it has some) or SQLite file, a pattern of
    ///     several, `arrays.npz:name`, an image, a folder or list of images, or `digits` for the bundled test digits.
    ///     Images of another size than the model's are resized.
    ///   - labels: the file of labels of an IDX or NPY file; nil looks for the sibling of a file named as MNIST's are.
    ///   - needsTarget: whether targets (and weights) are read, as for evaluating; otherwise they are left out.
    ///   - header: whether a table's first row names the columns; nil: as in training.
    ///   - rows: which rows of a database; nil: as in training.
    ///   - badLines: the treatment of lines of a table that cannot be read as they stand. Lines that are left out have no
    ///     example; `notes` says where they were.
    ///   - form: the encoding, separator and quotes of a table of text, as far as they are said.
    ///   - source: the data section that the model was trained with; only a list of images needs it.
    ///   - memory: bytes that features may take; arrays and converted data that are larger are read as they are needed.
    ///   - report: is told of every column of a table that has texts which training did not have.
    ///   - notes: is told how the rows of a table were read, where that is not as they stand.
    public func load(
        newRows path: String, labels: String? = nil, needsTarget: Bool = false, header: Bool? = nil,
        rows: DatabaseRows? = nil, badLines: DataSource.BadLines = .refuse,
        form: DataSource.TextForm = DataSource.TextForm(),
        source: DataSource? = nil,
        memory: Int = DataSource.usualMemory, unknown report: (UnknownTexts) -> Void = { _ in },
        notes: @escaping (TableNotes) -> Void = { _ in }
    ) throws(DataError) -> Dataset {
        var wanted = NewRows(labels: labels.map { [$0] } ?? [], needsTarget: needsTarget, header: header, rows: rows)
        wanted.memory = memory
        wanted.badLines = badLines
        wanted.form = form
        wanted.report = notes
        if case .imageList(let list) = source?.kind { wanted.list = list }
        return try load(newRows: [path], wanted, unknown: report)
    }

    /// Recognises the format of the files, which then reads the rows.
    package func load(
        newRows paths: [String], _ wanted: NewRows, unknown report: (UnknownTexts) -> Void = { _ in }
    ) throws(DataError) -> Dataset {
        try check()
        var reading = Reading(
            header: wanted.header, rows: wanted.rows, memory: wanted.memory, formats: wanted.formats)
        switch features {
        case .table(let encoder):
            reading.format = .csv
            reading.header = wanted.header ?? (encoder.hasHeader ? nil : false)
            if encoder.hasHeader { reading.names = ExpectedNames(of: encoder) }
            reading.badLines = wanted.badLines
            reading.form = wanted.form
            reading.rows = wanted.rows ?? encoder.database
        case .sparse: reading.format = .libsvm
        case .characters: reading.window = featureShape[0]
        case .uniform, .perFeature:
            reading.channels = ChannelOrder(axis: channels, modelShape: featureShape)
            guard let list = wanted.list else { break }
            (reading.format, reading.header) = (.csv, wanted.header ?? list.header)
        }
        return try wanted.formats.open(paths, reading).readNewRows(wanted, for: self, unknown: report)
    }

    /// The error for a file that is another kind of data than the model's training data.
    func otherKind(_ path: String, _ found: String) -> DataError {
        let trained =
            switch features {
            case .table: "a table"
            case .sparse: "LIBSVM text"
            case .characters: "plain text"
            case .uniform, .perFeature: "arrays of \(featureShape.map(String.init).joined(separator: "x"))"
            }
        return .unsupported(file: path, detail: "\(found), but the model was trained on \(trained)")
    }
}
