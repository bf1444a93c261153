import Batchwise

extension TableFile {
    /// Reads a table: finds the roles of its columns and the rows for training, and fits the features to those rows.
    package func load(
        _ source: DataSource, _ loading: Loading, progress: (Double) -> Void
    ) throws(DataError) -> LoadedData {
        if case .imageList = source.kind {
            return try ImageSource(path: path, origin: .list(self)).load(source, loading, progress: progress)
        }
        let said = try columns(source)
        guard database == nil || said.header == nil else {
            throw .badSource("data.header is for CSV files; the columns of a database have names")
        }
        guard database == nil || said.badLines == .refuse else {
            throw .badSource("data.bad-lines is for CSV files; a database has no lines")
        }
        guard !said.targets.isEmpty else { throw .noTarget(file: path, columns: names) }
        let roles = try ColumnRoles(said, task: source.task, in: self)
        let rows = try rows(kinds: roles.kinds, memory: loading.memory)
        let own = try rows.table(of: roles.targets + [roles.weights, roles.group].compactMap { $0 })

        let (raw, complete) = try RawTarget(own, places: roles.targets).withoutMissing()
        let groups = try roles.group.map { (place) throws(DataError) in try own.texts(in: place) }
        var parts = try source.parts(
            of: complete.map { raw.rows($0.rows) } ?? raw,
            groups: groups.map { groups in complete.map { $0.rows.map { groups[$0] } } ?? groups },
            testFraction: source.split.test ?? (source.test.isEmpty ? DataSource.defaultTestFraction : 0),
            seed: loading.seed, mayHoldOut: loading.mayHoldOut)
        if let complete { parts = parts.of(complete.rows) }
        let fitted = try raw.fitted(as: source.task ?? raw.task, rows: parts.train)
        let encoder = try encoder(roles, rows, train: parts.train, standardise: source.standardise)
        let preprocessing = Preprocessing(
            featureShape: [encoder.width], features: .table(encoder), target: fitted)

        let all = try Dataset(
            count: rows.rowCount, featureShape: [encoder.width],
            features: try encoder.features(of: rows, places: roles.features, memory: loading.memory).features,
            targets: try raw.targets(for: fitted),
            weights: try roles.weights.map { (place) throws(DataError) in try own.weights(in: place) })
        let tests = DataSource.paths(source.test, in: loading.folder)
        var notices = rows.notes.notices
        var wanted = NewRows(
            needsTarget: true, header: said.header, badLines: said.badLines, memory: loading.memory)
        wanted.formats = loading.formats
        wanted.report = { notices += $0.notices }
        let testSet: Dataset? = tests.isEmpty ? nil : try preprocessing.load(newRows: tests, wanted)
        if let complete { notices.append(complete.notice) }
        return try source.loaded(all, parts, test: testSet, preprocessing, notices: notices)
    }

    /// Fits the encoder of every feature to the training rows.
    private func encoder(
        _ roles: ColumnRoles, _ rows: any TableRows, train: RowList, standardise: Bool
    ) throws(DataError) -> TableEncoder {
        func description(_ place: Int) -> TableEncoder.Column {
            let column = rows.columns[place]
            return TableEncoder.Column(name: column.name, number: place + 1, isText: column.levels != nil)
        }
        let encoder = TableEncoder(
            hasHeader: hasHeader, columnCount: names.count,
            columns: try ColumnFit.encoders(
                of: roles.features, in: rows, train: train, rules: roles.rules, standardise: standardise),
            targets: roles.targets.map(description), weights: roles.weights.map(description),
            database: database, dates: rows.columns.indices.filter { rows.columns[$0].isDate }.map { $0 + 1 })
        guard encoder.width > 0 else { throw .noFeatures(file: path) }
        return encoder
    }
}

extension Table {
    /// The texts of a column, none of which may be missing.
    fileprivate func texts(in place: Int) throws(DataError) -> [String] {
        guard case .categorical(let codes, let levels) = columns[place].values else { return [] }
        if let row = codes.firstIndex(where: { $0 < 0 }) { throw missingValue(row: row, column: columns[place].name) }
        return codes.map { levels[Int($0)] }
    }
}
