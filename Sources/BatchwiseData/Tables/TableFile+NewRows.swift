import Batchwise
import Foundations

extension TableFile {
    /// Reads the columns that the model was trained with; other columns are ignored. A table of the paths of images is
    /// read as those images where the model was trained with one.
    package func readNewRows(
        _ wanted: NewRows, for preprocessing: Preprocessing, unknown report: (UnknownTexts) -> Void
    ) throws(DataError) -> Dataset {
        guard case .table(let encoder) = preprocessing.features else {
            guard wanted.list != nil, case .uniform = preprocessing.features else {
                throw preprocessing.otherKind(path, "is a table")
            }
            return try ImageSource(path: path, origin: .list(self))
                .readNewRows(wanted, for: preprocessing, unknown: report)
        }
        let places = try TablePlaces(encoder, in: self, needsTarget: wanted.needsTarget)
        let rows = try rows(kinds: places.kinds, memory: wanted.memory)
        let (features, unknown) = try encoder.features(of: rows, places: places.columns, memory: wanted.memory)
        unknown.forEach(report)
        wanted.report(rows.notes)
        let own = try rows.table(of: places.targets + [places.weights].compactMap { $0 })
        var targets = Dataset.Targets.none
        if wanted.needsTarget {
            targets = try RawTarget(own, places: places.targets).targets(for: preprocessing.target)
        }
        var weights: [Float]?
        if let place = places.weights { weights = try own.weights(in: place) }
        return try Dataset(
            count: rows.rowCount, featureShape: preprocessing.featureShape, features: features, targets: targets,
            weights: weights)
    }
}

/// The places in a new table of the columns that a model needs.
private struct TablePlaces {
    var columns: [Int] = []
    var targets: [Int] = []
    var weights: Int?
    var kinds: [Table.Kind]

    init(_ encoder: TableEncoder, in file: some TableFile, needsTarget: Bool) throws(DataError) {
        kinds = [Table.Kind](repeating: .skip, count: file.names.count)
        let isByName = encoder.hasHeader && file.hasHeader
        // Rows to predict may lack the columns of targets, so columns behind these are further left.
        let lacksTargets =
            !isByName && !needsTarget && file.names.count == encoder.columnCount - encoder.targets.count
        guard isByName || lacksTargets || file.names.count == encoder.columnCount else {
            throw .columnCount(file: file.path, expected: encoder.columnCount, found: file.names.count)
        }
        let places = file.places
        func place(_ name: String, _ number: Int) throws(DataError) -> Int {
            guard isByName else {
                return number - 1 - (lacksTargets ? encoder.targets.count { $0.number < number } : 0)
            }
            return try places.place(named: name)
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
