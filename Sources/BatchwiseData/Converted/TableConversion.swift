import Batchwise

// Writes tables as converted data: one array, in which a row holds the numbers of all columns.

extension ConvertedDataWriter {
    /// The manifest of a table; numbers are float32 where that holds all of them.
    fileprivate static func manifest(
        hasHeader: Bool, _ columns: [ConvertedManifest.Column], fitFloat: Bool
    ) -> ConvertedManifest {
        let rows = ConvertedManifest.Field(
            name: "rows", element: fitFloat ? .float : .double, shape: [columns.count])
        return ConvertedManifest(
            kind: .table, header: hasHeader, columns: columns, keepsTestRows: true, fields: [rows])
    }

    /// Adds rows whose cells lie one after the other.
    fileprivate mutating func append(rows: Int, _ cells: [Double], fitFloat: Bool) throws {
        if fitFloat {
            try cells.map { Float($0) }.withUnsafeBytes { try append(rows: rows, [$0]) }
        } else {
            try cells.withUnsafeBytes { try append(rows: rows, [$0]) }
        }
    }
}

/// Whether float32 holds all of these numbers as they are.
private func fitFloat(_ numbers: some Sequence<Double>) -> Bool {
    numbers.allSatisfy { Double(Float($0)) == $0 || $0.isNaN }
}

extension Table {
    /// Writes the columns that have not been skipped.
    func convert(to path: String, hasHeader: Bool, _ shardRows: Int?) throws {
        var fits = true
        var fields: [ConvertedManifest.Column] = []
        let kept = columns.filter { $0.values != .skipped }
        for column in kept {
            let description = column.description
            fields.append(.init(name: column.name, levels: description.levels, isDate: column.isDate ? true : nil))
            if case .numeric(let numbers) = column.values { fits = fits && fitFloat(numbers) }
            if let levels = description.levels {
                try requireRoom(levels, column: column.name, file: self.path)
            }
        }
        fits = fits && fields.allSatisfy { $0.levels?.count ?? 0 < 1 << 24 }
        var writer = try ConvertedDataWriter(
            to: path, ConvertedDataWriter.manifest(hasHeader: hasHeader, fields, fitFloat: fits), count: rowCount,
            shardRows: shardRows)
        let length = max(1, (1 << 17) / kept.count)
        for first in stride(from: 0, to: rowCount, by: length) {
            let rows = first..<min(first + length, rowCount)
            var cells = [Double](repeating: .nan, count: rows.count * kept.count)
            for (place, column) in kept.enumerated() {
                for row in rows {
                    let at = (row - first) * kept.count + place
                    switch column.values {
                    case .numeric(let numbers): cells[at] = numbers[row]
                    case .categorical(let codes, _): cells[at] = Double(codes[row])
                    case .skipped: break
                    }
                }
            }
            try writer.append(rows: rows.count, cells, fitFloat: fits)
        }
        try writer.finish()
    }
}

/// The manifest has the texts of all columns, and must be read again as a whole.
private func requireRoom(_ levels: [String], column: String, file: String) throws(DataError) {
    guard levels.reduce(0, { $0 + $1.utf8.count }) > ConvertedManifest.mostLevelBytes else { return }
    throw .tooManyTexts(file: file, column: column)
}

extension CSV {
    /// Writes all columns but those to skip, in two passes over the text: the first finds the types of the columns, the
    /// second writes their cells.
    package func convert(kinds: [Table.Kind], _ conversion: Conversion) throws {
        do {
            try write(kinds: kinds, conversion)
        } catch let error as DataError {
            guard let other = try readAnew(after: error) else { throw error }
            try other.write(kinds: kinds, conversion)
        }
    }

    /// - Throws: `DataError` that `readAnew(after:)` knows where the text must be read in another way.
    private func write(kinds: [Table.Kind], _ conversion: Conversion) throws {
        let kinds = known(kinds)
        let path = conversion.path
        let survey = try CSVSurvey(self, kinds: kinds, said: conversion.said)
        if let line = survey.lineOfSingleQuotes, let other = try withSingleQuotes(line: line) {
            return try other.write(kinds: kinds, conversion)
        }
        let kept = kinds.indices.filter { kinds[$0] != .skip }
        let fields = kept.map { place in
            let isDate =
                survey.kinds[place] == .date || survey.meanings[place]?.isDate == true || survey.dates[place] != nil
            return ConvertedManifest.Column(name: names[place], isDate: isDate ? true : nil)
        }
        let (fits, count) = (survey.fitFloat, survey.rowCount)
        var writer = try ConvertedDataWriter(
            to: path, ConvertedDataWriter.manifest(hasHeader: hasHeader, fields, fitFloat: fits), count: count,
            shardRows: conversion.shardRows)
        var levels = survey.levels
        var written = 0
        for part in allParts {
            var reader = CSVReader(part.csv, kinds: part.own(survey.kinds), levels: part.own(levels))
            var failure: (any Error)?
            do {
                try reader.forEachRun { (run) throws(DataError) in
                    let rows = min(run.count, count - written)
                    written += rows
                    var cells = [Double](repeating: .nan, count: rows * kept.count)
                    for (index, place) in kept.enumerated() {
                        let column = run.column(part.places[place])
                        for row in 0..<rows {
                            guard let cell = survey.cell(column[row], place) else {
                                throw .changes(file: part.csv.path)
                            }
                            cells[row * kept.count + index] = cell
                        }
                    }
                    do {
                        if rows > 0 { try writer.append(rows: rows, cells, fitFloat: fits) }
                    } catch {
                        failure = error
                        // this error ends the reading
                        throw .changes(file: path)
                    }
                }
            } catch {
                throw failure ?? error
            }
            for place in names.indices { levels[place] = reader.levels(part.places[place]) }
            reader.notices(rows: reader.rowCount).forEach(conversion.report)
            let texts = reader.textNotices()
            for place in kept where survey.isText(place) { texts[part.places[place]]?.forEach(conversion.report) }
        }
        survey.notices.forEach(conversion.report)
        guard written == count else { throw DataError.changes(file: self.path) }
        for (index, place) in kept.enumerated() where survey.isText(place) {
            guard levels[place].byteCount <= ConvertedManifest.mostLevelBytes else {
                throw DataError.tooManyTexts(file: self.path, column: names[place])
            }
            writer.setLevels(try levels[place].texts(path: self.path), ofColumn: index)
        }
        try writer.finish()
    }
}
