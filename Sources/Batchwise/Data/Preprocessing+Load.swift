extension Preprocessing {
    /// Reads new examples as the model's training examples were read.
    ///
    /// The columns of a table are matched by name when training had a header (other columns are ignored), else by
    /// place. Unknown categories and missing values are encoded as in training.
    ///
    /// - Parameters:
    ///   - path: a CSV, LIBSVM, IDX or NPY file, or `digits` for the bundled test digits.
    ///   - labels: the file of labels of an IDX or NPY file; nil looks for the sibling of a file named as MNIST's are.
    ///   - needsTarget: whether targets (and weights) are read, as for evaluating; otherwise they are left out.
    ///   - header: whether a table's first row names the columns; nil: as in training.
    ///   - report: is told of every column of a table that has texts which training did not have.
    public func load(
        newRows path: String, labels: String? = nil, needsTarget: Bool = false, header: Bool? = nil,
        unknown report: (UnknownTexts) -> Void = { _ in }
    ) throws(DataError) -> Dataset {
        try check()
        if path == DataSource.digits { return try requireShape(Dataset.digits().test, path) }
        switch features {
        case .table(let encoder):
            guard case .table(let csv) = try DataFile(path: path, format: .csv, header: header ?? encoder.hasHeader)
            else {
                throw .unsupported(file: path, detail: "is an array, but the model was trained on a table")
            }
            return try dataset(csv, encoder, needsTarget: needsTarget, unknown: report)
        case .sparse:
            guard case .sparse(let rows) = try DataFile(path: path, format: .libsvm) else {
                throw .unsupported(file: path, detail: "is an array, but the model was trained on LIBSVM text")
            }
            return try dataset(rows, labels: labels, needsTarget: needsTarget)
        case .uniform, .perFeature:
            guard case .array(let array) = try DataFile(path: path, header: header) else {
                let shape = featureShape.map(String.init).joined(separator: "x")
                throw .unsupported(file: path, detail: "is text, but the model was trained on arrays of \(shape)")
            }
            return try dataset(try ArrayExamples(array, file: path), labels: labels, needsTarget: needsTarget)
        }
    }

    func dataset(_ examples: some ExampleFile, labels: String?, needsTarget: Bool) throws(DataError) -> Dataset {
        let features = try examples.features(for: self)
        let targets = needsTarget ? try examples.target(labels: labels).targets(for: target) : .none
        return try Dataset(count: examples.count, featureShape: featureShape, features: features, targets: targets)
    }

    func dataset(
        _ csv: CSV, _ encoder: TableEncoder, needsTarget: Bool, unknown report: (UnknownTexts) -> Void
    ) throws(DataError) -> Dataset {
        let wanted = try TablePlaces(encoder, in: csv, needsTarget: needsTarget)
        let table = try csv.table(kinds: wanted.kinds)
        let (features, unknown) = try encoder.features(of: table, places: wanted.columns)
        unknown.forEach(report)
        var targets = Dataset.Targets.none
        if needsTarget { targets = try RawTarget(table, places: wanted.targets).targets(for: target) }
        var weights: [Float]?
        if let place = wanted.weights { weights = try table.weights(in: place) }
        return try Dataset(
            count: table.rowCount, featureShape: featureShape, features: .floats(features), targets: targets,
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

    init(_ encoder: TableEncoder, in csv: CSV, needsTarget: Bool) throws(DataError) {
        kinds = [Table.Kind](repeating: .skip, count: csv.names.count)
        let isByName = encoder.hasHeader && csv.hasHeader
        // Rows to predict may come without the targets' columns, so what stands behind one is one place further left.
        let lacksTargets =
            !isByName && !needsTarget && csv.names.count == encoder.columnCount - encoder.targets.count
        guard isByName || lacksTargets || csv.names.count == encoder.columnCount else {
            throw .columnCount(file: csv.path, expected: encoder.columnCount, found: csv.names.count)
        }
        func place(_ name: String, _ number: Int) throws(DataError) -> Int {
            guard isByName else {
                return number - 1 - (lacksTargets ? encoder.targets.count { $0.number < number } : 0)
            }
            guard let place = csv.names.firstIndex(of: name) else {
                throw .unknownColumn(
                    file: csv.path, name: name, nearest: nearestName(to: name, in: csv.names), columns: csv.names)
            }
            return place
        }
        for column in encoder.columns {
            let at = try place(column.name, column.number)
            columns.append(at)
            kinds[at] = column.kind
        }
        guard needsTarget else { return }
        for target in encoder.targets {
            let at = try place(target.name, target.number)
            kinds[at] = target.isText ? .categorical : .numeric
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
