import Batchwise
extension DataSource {
    /// Reads a table: what its columns are for, which rows are for training, and features fitted to those.
    func load(
        _ file: some TableFile, seed: UInt64, folder: String, memory: Int
    ) throws(DataError) -> LoadedData {
        guard labels == nil, testLabels == nil else {
            throw .badSource("data.labels is for IDX, NPY and NPZ files; a table has data.target")
        }
        guard file.database == nil || header == nil else {
            throw .badSource("data.header is for CSV files; the columns of a database have names")
        }
        guard !targets.isEmpty else { throw .noTarget(file: file.path, columns: file.names) }
        let roles = try ColumnRoles(self, in: file)
        let rows = try file.rows(kinds: roles.kinds, memory: memory)
        let own = try rows.table(of: roles.targets + [roles.weights, roles.group].compactMap { $0 })

        let raw = try RawTarget(own, places: roles.targets)
        let parts = try parts(
            of: raw, groups: try roles.group.map { (place) throws(DataError) in try own.texts(in: place) },
            testFraction: testFraction ?? (test == nil ? Self.defaultTestFraction : 0), seed: seed)
        let fitted = try raw.fitted(as: task ?? raw.task, rows: parts.train)
        func description(_ place: Int) -> TableEncoder.Column {
            let column = rows.columns[place]
            return TableEncoder.Column(name: column.name, number: place + 1, isText: column.levels != nil)
        }
        let encoder = TableEncoder(
            hasHeader: file.hasHeader, columnCount: file.names.count,
            columns: try ColumnFit.encoders(
                of: roles.features, in: rows, train: parts.train, rules: roles.rules, standardise: standardise),
            targets: roles.targets.map(description), weights: roles.weights.map(description),
            database: file.database, dates: rows.columns.indices.filter { rows.columns[$0].isDate }.map { $0 + 1 })
        guard encoder.width > 0 else { throw .noFeatures(file: file.path) }
        let preprocessing = Preprocessing(
            featureShape: [encoder.width], features: .table(encoder), target: fitted)

        let all = try Dataset(
            count: rows.rowCount, featureShape: [encoder.width],
            features: try encoder.features(of: rows, places: roles.features, memory: memory).features,
            targets: try raw.targets(for: fitted),
            weights: try roles.weights.map { (place) throws(DataError) in try own.weights(in: place) })
        let tests = Self.paths(test, continued.test, in: folder)
        let testSet: Dataset? =
            tests.isEmpty
            ? nil : try preprocessing.load(newRows: tests, needsTarget: true, header: header, memory: memory)
        return try loaded(all, parts, test: testSet, preprocessing)
    }
}

extension Table {
    /// The texts of a column that may miss none.
    fileprivate func texts(in place: Int) throws(DataError) -> [String] {
        guard case .categorical(let codes, let levels) = columns[place].values else { return [] }
        if let row = codes.firstIndex(where: { $0 < 0 }) { throw missingValue(row: row, column: columns[place].name) }
        return codes.map { levels[Int($0)] }
    }
}
