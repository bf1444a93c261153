extension DataSource {
    /// Reads the files, fits the preprocessing to the training examples and applies it to all.
    ///
    /// The result depends on the files, this value and the seed alone; the seed decides which rows a split keeps back.
    ///
    /// - Parameters:
    ///   - seed: the recipe's seed.
    ///   - folder: where relative paths begin; empty: the working directory.
    ///   - memory: bytes that features may take; arrays and converted data that are larger are read as they are needed.
    ///   - progress: told now and then which part of many images is read, from 0 to 1.
    public func load(
        seed: UInt64, relativeTo folder: String = "", memory: Int = Self.usualMemory,
        progress: (Double) -> Void = { _ in }
    ) throws(DataError) -> LoadedData {
        try check()
        if train == Self.digits { return try loadDigits() }
        if readsImages(in: folder) {
            return try loadImages(seed: seed, folder: folder, memory: memory, progress: progress)
        }
        guard images == Images() else {
            throw .badSource("data.size, channels and images-folder are for images, and \(train) holds none")
        }
        if let window { return try loadCharacters(window: window, folder: folder) }
        let paths = Self.paths(train, continued.train, in: folder)
        let rows = try DatabaseRows(table: table, query: query)
        let file = try DataFile(paths: paths, format: format, header: header, rows: rows, memory: memory)
        if rows != nil {
            guard case .table(let table) = file, table.database != nil else {
                throw .badSource("data.table and data.query are for SQLite databases, and \(paths[0]) is none")
            }
        }
        switch file {
        case .table(let table): return try load(table, seed: seed, folder: folder)
        case .sparse(let rows): return try load(rows, seed: seed, folder: folder, memory: memory)
        case .array(let array):
            return try load(try ArrayExamples(array, file: paths[0]), seed: seed, folder: folder, memory: memory)
        case .streamed(let array): return try load(array, seed: seed, folder: folder, memory: memory)
        case .arrays(let npz):
            let examples = try ArrayExamples(npz, try npz.features(forTesting: false))
            return try load(examples, seed: seed, folder: folder, memory: memory)
        }
    }

    private func load(_ file: some TableFile, seed: UInt64, folder: String) throws(DataError) -> LoadedData {
        guard labels == nil, testLabels == nil else {
            throw .badSource("data.labels is for IDX, NPY and NPZ files; a table has data.target")
        }
        guard file.database == nil || header == nil else {
            throw .badSource("data.header is for CSV files; the columns of a database have names")
        }
        guard let target else { throw .noTarget(file: file.path, columns: file.names) }
        let targetPlace = try file.place(of: target)
        let weightsPlace = try weights.map { (name) throws(DataError) in try file.place(of: name) }
        var kinds = file.names.map { _ in Table.Kind.either }
        for name in ignore { kinds[try file.place(of: name)] = .skip }
        kinds[targetPlace] = task == .regression ? .numeric : .either
        if let weightsPlace { kinds[weightsPlace] = .numeric }
        guard targetPlace != weightsPlace else { throw .badSource("data.target and data.weights are the same column") }
        let table = try file.table(kinds: kinds)

        let raw = try RawTarget(table, place: targetPlace)
        let rows = try splitRows(
            table.rowCount, fraction: testFraction ?? (test == nil ? Self.defaultTestFraction : 0), seed: seed)
        let fitted = try raw.fitted(as: task ?? raw.task, rows: rows.train)
        var encoders: [ColumnEncoder] = []
        for (place, column) in table.columns.enumerated() {
            guard place != targetPlace, place != weightsPlace, kinds[place] != .skip else { continue }
            let encoder = try ColumnEncoder.fitted(to: column, number: place + 1, rows: rows.train, file: file.path)
            encoders.append(standardise ? encoder : encoder.plain)
        }
        let encoder = TableEncoder(
            hasHeader: file.hasHeader, columnCount: file.names.count, columns: encoders,
            target: table.description(of: targetPlace), weights: weightsPlace.map(table.description(of:)),
            database: file.database, dates: table.columns.indices.filter { table.columns[$0].isDate }.map { $0 + 1 })
        guard encoder.width > 0 else { throw .noFeatures(file: file.path) }
        let preprocessing = Preprocessing(
            featureShape: [encoder.width], features: .table(encoder), target: fitted)

        let all = try Dataset(
            count: table.rowCount, featureShape: [encoder.width],
            features: .floats(try encoder.features(of: table, places: encoders.map { $0.number - 1 })),
            targets: try raw.targets(for: fitted),
            weights: try weightsPlace.map { (place) throws(DataError) in try table.weights(in: place) })
        let training = rows.test.isEmpty ? all : all.rows(rows.train)
        guard training.weights?.contains(where: { $0 > 0 }) != false else {
            throw .badSource("data.weights is 0 in every row to train with")
        }
        var testSet = rows.test.isEmpty ? nil : all.rows(rows.test)
        if let test {
            testSet = try preprocessing.load(
                newRows: Self.paths(test, continued.test, in: folder), needsTarget: true, header: header)
        }
        return LoadedData(train: training, test: testSet, preprocessing: preprocessing)
    }

    private func load(
        _ examples: some ExampleFile, seed: UInt64, folder: String, memory: Int
    ) throws(DataError) -> LoadedData {
        guard target == nil, weights == nil, header == nil, ignore.isEmpty else {
            throw .badSource("data.target, weights, header and ignore are for tables, and \(examples.path) is none")
        }
        let raw = try examples.target(labels: Self.paths(labels, continued.labels, in: folder))
        let kept = test == nil && examples.keepsTestRows ? Self.defaultTestFraction : 0
        let rows = try splitRows(examples.count, fraction: testFraction ?? kept, seed: seed)
        let preprocessing = Preprocessing(
            featureShape: examples.featureShape,
            features: try examples.fitted(rows: rows.test.isEmpty ? nil : rows.train, standardise: standardise),
            target: try raw.fitted(as: task ?? raw.task, rows: rows.train))
        let all = try Dataset(
            count: examples.count, featureShape: examples.featureShape,
            features: try examples.features(for: preprocessing), targets: try raw.targets(for: preprocessing.target))
        var tests = Self.paths(test, continued.test, in: folder)
        if tests.isEmpty, testFraction == nil, let path = try SiblingFiles.test(ofTraining: examples.path) {
            tests = [path]
        }
        if !tests.isEmpty {
            let testSet = try preprocessing.load(
                newRows: tests, labels: Self.paths(testLabels, continued.testLabels, in: folder), needsTarget: true,
                memory: memory)
            return LoadedData(train: all, test: testSet, preprocessing: preprocessing)
        }
        guard !rows.test.isEmpty else { return LoadedData(train: all, test: nil, preprocessing: preprocessing) }
        return LoadedData(train: all.rows(rows.train), test: all.rows(rows.test), preprocessing: preprocessing)
    }

    private func loadDigits() throws(DataError) -> LoadedData {
        guard self == DataSource(train: train) || self == DataSource(train: train, task: .classification) else {
            throw .badSource("the digits are complete: remove the other keys of data")
        }
        let (train, test) = Dataset.digits()
        guard case .bytes(_, let scale, let shift) = train.features, case .classes(_, let names) = train.targets else {
            throw .badSource("the digits are not as expected")
        }
        return LoadedData(
            train: train, test: test,
            preprocessing: Preprocessing(
                featureShape: train.featureShape, features: .uniform(scale: scale, shift: shift),
                target: .classes(names: names)))
    }

    private func check() throws(DataError) {
        if let testFraction {
            guard testFraction >= 0, testFraction < 1 else {
                throw .badSource("data.split.test is \(testFraction); a number from 0 to below 1 is needed")
            }
            guard test == nil || testFraction == 0 else {
                throw .badSource("data.test and data.split.test exclude each other; remove one")
            }
        }
        for (first, rest) in [
            (labels, continued.labels), (test, continued.test), (testLabels, continued.testLabels),
        ] where first == nil && !rest.isEmpty {
            throw .badSource("data.continued has \(rest[0]), which continues nothing")
        }
        guard test != nil || testLabels == nil else { throw .badSource("data.test-labels needs data.test") }
    }

    func splitRows(
        _ count: Int, fraction: Double, seed: UInt64
    ) throws(DataError) -> (train: [Int], test: [Int]) {
        guard fraction > 0 else { return (Array(0..<count), []) }
        let rows = Split.rows(count: count, testFraction: fraction, seed: seed)
        guard !rows.train.isEmpty else {
            throw .badSource("data.split.test is \(fraction), which leaves none of \(count) examples to train with")
        }
        return rows
    }

    /// A path and those that continue it; none where there is no first.
    static func paths(_ first: String?, _ rest: [String], in folder: String) -> [String] {
        first.map { first in ([first] + rest).map { path($0, in: folder) } } ?? []
    }

    static func path(_ path: String, in folder: String) -> String {
        if path.hasPrefix("/") || folder.isEmpty { return path }
        return folder.hasSuffix("/") ? folder + path : folder + "/" + path
    }
}

extension Table {
    fileprivate func description(of place: Int) -> TableEncoder.Column {
        let isText = if case .categorical = columns[place].values { true } else { false }
        return TableEncoder.Column(name: columns[place].name, number: place + 1, isText: isText)
    }
}
