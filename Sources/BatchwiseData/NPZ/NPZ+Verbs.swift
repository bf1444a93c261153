import Batchwise

/// The verbs choose an array of the archive by its name, and leave the rest to it.
extension NPZ {
    /// All arrays with their shapes.
    func describe(labels: String?) throws(DataError) -> DataDescription {
        var columns: [DataDescription.Column] = []
        var notices: [String] = []
        for name in names {
            if let texts = try TextArray(of: try source(name)) {
                var column = DataDescription.Column(name, codes: texts.codes, levels: texts.levels)
                column.shape = texts.shape
                columns.append(column)
                continue
            }
            let array = try array(name)
            var column = try DataDescription.Column.described(.memory(array), name: name).0
            column.shape = array.shape
            columns.append(column)
            let found = try channels.found(Array(array.shape.dropFirst()), in: path(of: name))
            notices += [found.notice].compactMap { $0 }
        }
        var description = DataDescription(format: .npz, rows: 0, shape: [], columns: columns)
        description.notices = notices
        return description
    }

    func load(_ source: DataSource, _ loading: Loading, progress: (Double) -> Void) throws(DataError) -> LoadedData {
        try features(isTest: false).load(source, loading, progress: progress)
    }

    func readNewRows(
        _ wanted: NewRows, for preprocessing: Preprocessing, unknown report: (UnknownTexts) -> Void
    ) throws(DataError) -> Dataset {
        try features(isTest: true).readNewRows(wanted, for: preprocessing, unknown: report)
    }

    func convert(_ source: DataSource, _ conversion: Conversion) throws {
        try features(isTest: false).convert(source, conversion)
    }

    /// The features of the training or of the test examples.
    private func features(isTest: Bool) throws(DataError) -> ArrayFile {
        let name = try features(forTesting: isTest)
        return try ArrayFile(array(name), path: path(of: name), channels: channels)
    }
}
