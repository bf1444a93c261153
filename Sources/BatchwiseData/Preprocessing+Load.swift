import Foundations
import Batchwise
extension Preprocessing {
    /// Reads new examples as the model's training examples were read.
    ///
    /// The columns of a table are matched by name when training had a header (other columns are ignored), else by
    /// place. Unknown categories and missing values are encoded as in training.
    ///
    /// - Parameters:
    ///   - path: a CSV, LIBSVM, IDX, NPY, NPZ (its test arrays, where it has some) or SQLite file, a pattern of several,
    ///     `arrays.npz:name`, an image, a folder or list of images, or `digits` for the bundled test digits. Images of
    ///     another size than the model's are resized.
    ///   - labels: the file of labels of an IDX or NPY file; nil looks for the sibling of a file named as MNIST's are.
    ///   - needsTarget: whether targets (and weights) are read, as for evaluating; otherwise they are left out.
    ///   - header: whether a table's first row names the columns; nil: as in training.
    ///   - rows: which rows of a database; nil: as in training.
    ///   - source: the data section that the model was trained with; only a list of images needs it.
    ///   - memory: bytes that features may take; arrays and converted data that are larger are read as they are needed.
    ///   - report: is told of every column of a table that has texts which training did not have.
    public func load(
        newRows path: String, labels: String? = nil, needsTarget: Bool = false, header: Bool? = nil,
        rows: DatabaseRows? = nil, source: DataSource? = nil, memory: Int = DataSource.usualMemory,
        unknown report: (UnknownTexts) -> Void = { _ in }
    ) throws(DataError) -> Dataset {
        try load(
            newRows: [path], labels: labels.map { [$0] } ?? [], needsTarget: needsTarget, header: header, rows: rows,
            source: source, memory: memory, unknown: report)
    }

    /// The same for several files that are read as one.
    func load(
        newRows paths: [String], labels: [String] = [], needsTarget: Bool = false, header: Bool? = nil,
        rows: DatabaseRows? = nil, source: DataSource? = nil, memory: Int = DataSource.usualMemory,
        unknown report: (UnknownTexts) -> Void = { _ in }
    ) throws(DataError) -> Dataset {
        try check()
        let path = paths[0]
        if path == DataSource.digits { return try requireShape(Dataset.digits().test, path) }
        if let images = try loadImages(
            path, source: source, header: header, needsTarget: needsTarget, memory: memory)
        {
            return images
        }
        switch features {
        case .table(let encoder):
            let data = try DataFile(
                paths: paths, format: .csv, header: header ?? encoder.hasHeader, rows: rows ?? encoder.database)
            guard case .table(let file) = data else {
                throw .unsupported(file: path, detail: "is an array, but the model was trained on a table")
            }
            return try dataset(file, encoder, needsTarget: needsTarget, memory: memory, unknown: report)
        case .characters(let vocabulary):
            return try characters(path, vocabulary, needsTarget: needsTarget)
        case .sparse:
            guard case .sparse(let rows) = try DataFile(paths: paths, format: .libsvm) else {
                throw .unsupported(file: path, detail: "is an array, but the model was trained on LIBSVM text")
            }
            return try dataset(rows, labels: labels, needsTarget: needsTarget)
        case .uniform, .perFeature:
            switch try DataFile(paths: paths, header: header, rows: rows, memory: memory) {
            case .array(let array):
                return try dataset(try ArrayExamples(array, file: path), labels: labels, needsTarget: needsTarget)
            case .streamed(let array): return try dataset(array, labels: labels, needsTarget: needsTarget)
            case .arrays(let npz):
                let examples = try ArrayExamples(npz, try npz.features(forTesting: true))
                return try dataset(examples, labels: labels, needsTarget: needsTarget)
            case .table, .sparse:
                let shape = featureShape.map(String.init).joined(separator: "x")
                throw .unsupported(file: path, detail: "is a table, but the model was trained on arrays of \(shape)")
            }
        }
    }

    func dataset(_ examples: some ExampleFile, labels: [String], needsTarget: Bool) throws(DataError) -> Dataset {
        let features = try examples.features(for: self)
        let targets = needsTarget ? try examples.target(labels: labels).targets(for: target) : .none
        return try Dataset(count: examples.count, featureShape: featureShape, features: features, targets: targets)
    }

    func dataset(
        _ file: some TableFile, _ encoder: TableEncoder, needsTarget: Bool, memory: Int,
        unknown report: (UnknownTexts) -> Void
    ) throws(DataError) -> Dataset {
        let wanted = try TablePlaces(encoder, in: file, needsTarget: needsTarget)
        let rows = try file.rows(kinds: wanted.kinds, memory: memory)
        let (features, unknown) = try encoder.features(of: rows, places: wanted.columns, memory: memory)
        unknown.forEach(report)
        let own = try rows.table(of: wanted.targets + [wanted.weights].compactMap { $0 })
        var targets = Dataset.Targets.none
        if needsTarget { targets = try RawTarget(own, places: wanted.targets).targets(for: target) }
        var weights: [Float]?
        if let place = wanted.weights { weights = try own.weights(in: place) }
        return try Dataset(
            count: rows.rowCount, featureShape: featureShape, features: features, targets: targets,
            weights: weights)
    }

    private func requireShape(_ dataset: Dataset, _ file: String) throws(DataError) -> Dataset {
        guard dataset.featureShape == featureShape else {
            throw .shapeDiffers(file: file, expected: featureShape, found: dataset.featureShape)
        }
        return dataset
    }
}

/// Where a new table has the columns that a model needs.
private struct TablePlaces {
    var columns: [Int] = []
    var targets: [Int] = []
    var weights: Int?
    var kinds: [Table.Kind]

    init(_ encoder: TableEncoder, in file: some TableFile, needsTarget: Bool) throws(DataError) {
        kinds = [Table.Kind](repeating: .skip, count: file.names.count)
        let isByName = encoder.hasHeader && file.hasHeader
        // Rows to predict may come without the targets' columns, so what stands behind one is one place further left.
        let lacksTargets =
            !isByName && !needsTarget && file.names.count == encoder.columnCount - encoder.targets.count
        guard isByName || lacksTargets || file.names.count == encoder.columnCount else {
            throw .columnCount(file: file.path, expected: encoder.columnCount, found: file.names.count)
        }
        func place(_ name: String, _ number: Int) throws(DataError) -> Int {
            guard isByName else {
                return number - 1 - (lacksTargets ? encoder.targets.count { $0.number < number } : 0)
            }
            guard let place = file.names.firstIndex(of: name) else {
                throw .unknownColumn(
                    file: file.path, name: name, nearest: nearestName(to: name, in: file.names), columns: file.names)
            }
            return place
        }
        for column in encoder.columns {
            let at = try place(column.name, column.number)
            columns.append(at)
            kinds[at] = encoder.dates.contains(column.number) ? .date : column.kind
        }
        guard needsTarget else { return }
        for target in encoder.targets {
            let at = try place(target.name, target.number)
            kinds[at] = encoder.dates.contains(target.number) ? .date : target.isText ? .categorical : .numeric
            targets.append(at)
        }
        if let weights = encoder.weights {
            let at = try place(weights.name, weights.number)
            kinds[at] = .numeric
            self.weights = at
        }
    }
}

extension RawTarget {
    /// The targets in columns of a table; several are numbers.
    init(_ table: Table, places: [Int]) throws(DataError) {
        let names = places.map { table.columns[$0].name }
        let values: Values
        if let place = places.first, places.count == 1 {
            switch table.columns[place].values {
            case .numeric(let numbers): values = .numbers(numbers)
            case .categorical(let codes, let levels): values = .texts(codes: codes, levels: levels)
            case .skipped: values = .texts(codes: [], levels: [])
            }
        } else {
            let columns = places.map { place in
                if case .numeric(let numbers) = table.columns[place].values { numbers } else { [Double]() }
            }
            values = .numbers((0..<table.rowCount).flatMap { row in columns.map { $0[row] } })
        }
        self.init(
            file: table.path, values: values, width: max(1, places.count), origin: .table(table, columns: names))
    }
}
