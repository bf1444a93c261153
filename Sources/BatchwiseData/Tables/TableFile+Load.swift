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
        guard format != .parquet || said.header == nil && said.badLines == .refuse && said.form == DataSource.TextForm()
        else {
            throw .badSource(
                "data.header, bad-lines, encoding, separator, quote and escape are for text; leave them out for a Parquet "
                    + "file")
        }
        guard database == nil || said.form == DataSource.TextForm() else {
            throw .badSource("data.encoding, separator, quote and escape are for text, and a database is none")
        }
        guard ![.json, .arff].contains(format) || said.header == nil else {
            throw .badSource("data.header is for text and sheets; JSON and ARFF name their columns")
        }
        guard ![.json, .arff, .xlsx].contains(format) || said.form == .init(encoding: said.form.encoding) else {
            throw .badSource("data.separator, quote and escape are for text, and \(path) is \(format.rawValue)")
        }
        guard !said.targets.isEmpty else { throw .noTarget(file: path, columns: names) }
        var roles = try ColumnRoles(said, task: source.task, in: self)
        let (kept, anew) = keptColumns(loading.kept, roles)
        let cells = TableReading(
            kinds: kept?.kinds ?? roles.kinds, said: SaidNotation(decimal: said.decimal, dates: said.dates),
            stored: kept?.notations)
        let rows = try rows(cells, memory: loading.memory)
        let reviewed = kept == nil ? try roles.review(rows, hasHeader: hasHeader) : []
        let own = try rows.table(of: roles.targets + [roles.weights, roles.group].compactMap { $0 })

        let (raw, complete) = try RawTarget(own, places: roles.targets).withoutMissing()
        let completeTarget = complete.map { raw.rows($0.rows) } ?? raw
        let targetNames = roles.targets.map { rows.columns[$0].name }
        let reading = try completeTarget.reading(asked: loading.task(completeTarget, source, columns: targetNames))
        let groups = try roles.group.map { (place) throws(DataError) in try own.texts(in: place) }
        var parts = try source.parts(
            of: completeTarget, as: reading.task,
            groups: groups.map { groups in complete.map { $0.rows.map { groups[$0] } } ?? groups },
            testFraction: source.split.test ?? (source.test.isEmpty ? DataSource.defaultTestFraction : 0),
            seed: loading.seed, mayHoldOut: loading.mayHoldOut)
        if let complete { parts = parts.of(complete.rows) }
        let fitted = try loading.target(raw, as: reading.task, rows: parts.train, columns: targetNames)
        let encoder = try encoder(roles, rows, train: parts.train, standardise: source.standardise, kept)
        let preprocessing = Preprocessing(
            featureShape: [encoder.width], features: .table(encoder), target: fitted)

        let (features, unknown) = try encoder.features(
            of: rows, places: kept?.places ?? roles.features, memory: loading.memory)
        let all = try Dataset(
            count: rows.rowCount, featureShape: [encoder.width], features: features,
            targets: try raw.targets(for: fitted),
            weights: try roles.weights.map { (place) throws(DataError) in try own.weights(in: place) })
        let tests = DataSource.paths(source.test, in: loading.folder)
        var notices = rows.notes.notices + reviewed
        var wanted = NewRows(
            needsTarget: true, header: said.header, badLines: said.badLines, memory: loading.memory)
        wanted.formats = loading.formats
        wanted.form = said.form
        wanted.report = { notices += $0.notices }
        let testSet: Dataset? = tests.isEmpty ? nil : try preprocessing.load(newRows: tests, wanted)
        if let complete { notices.append(complete.notice) }
        if let kept { notices += unknown.map(\.notice) + [kept.notice].compactMap { $0 } }
        var loaded = try source.loaded(
            all, parts, test: testSet, preprocessing, target: (completeTarget, reading), notices: notices)
        loaded.leftOut = try leftOut(roles, said)
        (loaded.keepsFeatures, loaded.fittedAnew) = (kept != nil, anew)
        return loaded
    }

    /// The columns that nothing is learnt from, with the key that says so; other reasons are told by notices.
    private func leftOut(_ roles: ColumnRoles, _ said: DataSource.Columns) throws(DataError) -> [LeftOutColumn] {
        let used = Set(roles.features + roles.targets + [roles.weights, roles.group].compactMap { $0 })
        var reasons: [Int: String] = [:]
        for (column, rule) in said.rules where rule.kind == .ignore {
            reasons[try places.place(of: column)] = "data.columns"
        }
        for column in said.ignore { reasons[try places.place(of: column)] = "data.ignore" }
        return names.indices.filter { !used.contains($0) }.map {
            LeftOutColumn(name: names[$0], reason: reasons[$0] ?? "see the notes")
        }
    }

    /// The columns that a saved model reads, or why they are not here.
    private func keptColumns(_ kept: KeptPreprocessing?, _ roles: ColumnRoles) -> (KeptColumns?, reason: String?) {
        guard let kept, kept.features else { return (nil, nil) }
        guard let encoder = kept.table else { return (nil, "the saved model was not trained on a table") }
        switch KeptColumns.find(encoder, roles, in: self) {
        case .success(let found): return (found, nil)
        case .failure(let reason): return (nil, reason.text)
        }
    }

    /// Fits the encoder of every feature to the training rows.
    private func encoder(
        _ roles: ColumnRoles, _ rows: any TableRows, train: RowList, standardise: Bool, _ kept: KeptColumns?
    ) throws(DataError) -> TableEncoder {
        func description(_ place: Int) -> TableEncoder.Column {
            let column = rows.columns[place]
            return TableEncoder.Column(name: column.name, number: place + 1, isText: column.levels != nil)
        }
        let columns =
            if let kept { kept.encoders } else {
                try ColumnFit.encoders(
                    of: roles.features, in: rows, train: train, rules: roles.rules, standardise: standardise)
            }
        let encoder = TableEncoder(
            hasHeader: hasHeader, columnCount: names.count,
            columns: columns,
            targets: roles.targets.map(description), weights: roles.weights.map(description),
            database: database, dates: rows.columns.indices.filter { rows.columns[$0].isDate }.map { $0 + 1 },
            notations: rows.columns.map(\.notation))
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
