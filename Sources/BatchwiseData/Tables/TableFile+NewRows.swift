import Batchwise

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
        let reading = TableReading(
            kinds: places.kinds, said: SaidNotation(isPart: wanted.isPart), stored: places.notations)
        let rows = try rows(reading, memory: wanted.memory)
        let (features, unknown) = try encoder.features(of: rows, places: places.columns, memory: wanted.memory)
        unknown.forEach(report)
        var notices = places.notices + rows.notes.notices
        if let findings = wanted.findings {
            try rows.forEachRun { (run, _) in findings.survey.add(run, encoder, places: places.columns) }
            findings.names += try rowNames(wanted)
        }
        let own = try rows.table(of: places.targets + [places.weights].compactMap { $0 })
        var targets = Dataset.Targets.none
        if wanted.needsTarget {
            let raw = try RawTarget(own, places: places.targets)
            targets = try raw.targets(for: preprocessing.target)
            notices += [raw.noticeOfNames(for: preprocessing.target)].compactMap { $0 }
        }
        wanted.report(TableNotes(notices: notices, skippedRows: rows.notes.skippedRows))
        var weights: [Float]?
        if let place = places.weights { weights = try own.weights(in: place) }
        return try Dataset(
            count: rows.rowCount, featureShape: preprocessing.featureShape, features: features, targets: targets,
            weights: weights)
    }
}

extension TableFile {
    /// The cells of the columns that name rows, as the file writes them.
    private func rowNames(_ wanted: NewRows) throws(DataError) -> [RowNames] {
        guard !wanted.ids.isEmpty else { return [] }
        var kinds = [Table.Kind](repeating: .skip, count: names.count)
        var chosen: [Int] = []
        for name in wanted.ids {
            let place = try places.place(of: name)
            kinds[place] = .categorical
            chosen.append(place)
        }
        let table = try rows(kinds: kinds, memory: wanted.memory).table(of: chosen)
        return chosen.map { place in
            guard case .categorical(let codes, let levels) = table.columns[place].values else {
                return RowNames(title: names[place], texts: [])
            }
            return RowNames(title: names[place], texts: codes.map { $0 < 0 ? "" : levels[Int($0)] })
        }
    }
}
