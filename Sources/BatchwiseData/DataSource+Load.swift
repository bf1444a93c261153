import Batchwise
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
        if train == Self.digits { return try loadDigits(seed: seed) }
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
        case .table(let table): return try load(table, seed: seed, folder: folder, memory: memory)
        case .sparse(let rows): return try load(rows, seed: seed, folder: folder, memory: memory)
        case .array(let array):
            return try load(try ArrayExamples(array, file: paths[0]), seed: seed, folder: folder, memory: memory)
        case .streamed(let array): return try load(array, seed: seed, folder: folder, memory: memory)
        case .arrays(let npz):
            let examples = try ArrayExamples(npz, try npz.features(forTesting: false))
            return try load(examples, seed: seed, folder: folder, memory: memory)
        }
    }

    private func load(
        _ examples: some ExampleFile, seed: UInt64, folder: String, memory: Int
    ) throws(DataError) -> LoadedData {
        guard targets.isEmpty, weights == nil, header == nil, ignore.isEmpty, columns.isEmpty, group == nil else {
            throw .badSource(
                "data.target, weights, header, ignore, columns and split.group are for tables, "
                    + "and \(examples.path) is none")
        }
        let raw = try examples.target(labels: Self.paths(labels, continued.labels, in: folder))
        let kept = test == nil && examples.keepsTestRows ? Self.defaultTestFraction : 0
        let parts = try parts(of: raw, groups: nil, testFraction: testFraction ?? kept, seed: seed)
        let preprocessing = Preprocessing(
            featureShape: examples.featureShape,
            features: try examples.fitted(rows: parts.areUncut ? nil : parts.train, standardise: standardise),
            target: try raw.fitted(as: task ?? raw.task, rows: parts.train))
        let all = try Dataset(
            count: examples.count, featureShape: examples.featureShape,
            features: try examples.features(for: preprocessing), targets: try raw.targets(for: preprocessing.target))
        var tests = Self.paths(test, continued.test, in: folder)
        if tests.isEmpty, testFraction == nil, fold == nil,
            let path = try SiblingFiles.test(ofTraining: examples.path)
        {
            tests = [path]
        }
        let testSet: Dataset? =
            tests.isEmpty
            ? nil
            : try preprocessing.load(
                newRows: tests, labels: Self.paths(testLabels, continued.testLabels, in: folder), needsTarget: true,
                memory: memory)
        return try loaded(all, parts, test: testSet, preprocessing)
    }

    /// The parts of a file's examples; `test` are those of another file.
    func loaded(
        _ all: Dataset, _ parts: Parts, test: Dataset?, _ preprocessing: Preprocessing, notices: [String] = []
    ) throws(DataError) -> LoadedData {
        var train = parts.areUncut ? all : all.rows(parts.train)
        guard train.weights?.contains(where: { $0 > 0 }) != false else {
            throw .badSource("data.weights is 0 in every row to train with")
        }
        if let classWeights { train = try train.weighted(by: classWeights) }
        return LoadedData(
            train: train, test: test ?? (parts.test.isEmpty ? nil : all.rows(parts.test)),
            validation: parts.validation.isEmpty ? nil : all.rows(parts.validation), preprocessing: preprocessing,
            notices: notices)
    }

    private func loadDigits(seed: UInt64) throws(DataError) -> LoadedData {
        guard fold == nil else {
            throw .badSource("the digits have test examples of their own; folds are of a data file")
        }
        var other = self
        (other.task, other.validationFraction, other.splitMethod) = (nil, nil, .random)
        guard other == DataSource(train: train), task != .regression else {
            throw .badSource("the digits are complete: remove the other keys of data than split.validation")
        }
        let (train, test) = Dataset.digits()
        guard case .bytes(_, let scale, let shift) = train.features,
            case .classes(let classes, let names) = train.targets
        else { throw .badSource("the digits are not as expected") }
        var split =
            splitMethod == .stratified ? Split(classes: classes, seed: seed) : Split(count: train.count, seed: seed)
        let validation = split.take(validationFraction ?? 0)
        return LoadedData(
            train: validation.isEmpty ? train : train.rows(split.rest),
            test: test, validation: validation.isEmpty ? nil : train.rows(validation),
            preprocessing: Preprocessing(
                featureShape: train.featureShape, features: .uniform(scale: scale, shift: shift),
                target: .classes(names: names)))
    }

    private func check() throws(DataError) {
        try checkSplit()
        for (first, rest) in [
            (labels, continued.labels), (test, continued.test), (testLabels, continued.testLabels),
        ] where first == nil && !rest.isEmpty {
            throw .badSource("data continues \(rest[0]), and no file comes before it")
        }
        guard test != nil || testLabels == nil else { throw .badSource("data.test-labels needs data.test") }
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
