import Batchwise
import Foundations

// The common step from cells to columns: a container hands over columns of numbers or texts, and their meaning is decided
// here.

/// The wishes of those who read a table.
package struct TableReading {
    /// The type of each column; nil takes every column as it is.
    var kinds: [Table.Kind]?
    var said = SaidNotation()
    /// For a model that has been trained, the notation of each column.
    var stored: [ColumnNotation?]?

    func kind(_ place: Int) -> Table.Kind { kinds?[place] ?? .either }

    /// The types that a container reads: texts whose meaning is decided later are all kept.
    static let all = TableReading()
}

extension Table {
    /// The table with the meaning of its columns decided: texts become numbers or dates where all of them are, and rows
    /// of totals and comments at its end are left out.
    ///
    /// - Parameter reread: reads the columns of these places as texts, because the points of their numbers may group
    ///   digits.
    /// - Throws: `DataError.notANumber` or `notADate` where a column must be numbers or dates.
    func decided(
        _ reading: TableReading, reread: ([Int]) throws(DataError) -> Table
    ) throws(DataError) -> Table {
        var table = self
        var texts = columns.indices.map { place -> ColumnTexts? in
            guard case .categorical(let codes, let levels) = columns[place].values else { return nil }
            return ColumnTexts(codes: codes, levels: levels)
        }
        let trailing = reading.stored == nil ? trailingRows(texts) : nil
        if let trailing, trailing.count > 0 {
            for row in rowCount - trailing.count..<rowCount {
                for place in columns.indices {
                    if case .categorical(let codes, _) = columns[place].values, codes[row] >= 0 {
                        texts[place]?.remove(Int(codes[row]))
                    }
                }
            }
            table.drop(last: trailing.count)
            table.notices += trailing.notices
        }
        let open = columns.indices.map { place in
            OpenColumn(
                name: columns[place].name, kind: reading.kind(place), texts: texts[place],
                points: points.isEmpty ? .none : points[place], stored: reading.stored?[place],
                isFromModel: reading.stored != nil)
        }
        let located = table
        var decisions = ColumnDecisions(open, said: reading.said, file: path) { row in
            (located.file(row), located.line(row), located.place(of: row))
        }
        let unsettled = decisions.unsettledPoints
        if !unsettled.isEmpty {
            var again = try reread(unsettled)
            guard again.rowCount == rowCount else { throw .changes(file: path) }
            again.drop(last: rowCount - table.rowCount)
            for place in unsettled {
                guard case .categorical(let codes, let levels) = again.columns[place].values else { continue }
                decisions.setTexts(ColumnTexts(codes: codes, levels: levels), of: place)
                table.columns[place] = again.columns[place]
            }
        }
        for (place, meaning) in try decisions.meanings().enumerated() {
            guard let meaning else { continue }
            table.columns[place] = table.columns[place].meaning(meaning)
            table.notations[place] = meaning.notation
        }
        if !reading.said.isPart { table.notices += table.noticesOfSums(texts) }
        for place in table.columns.indices where table.columns[place].isText {
            if texts[place]?.counts.contains(0) == true { table.columns[place] = table.columns[place].withUsedLevels }
            table.notices += textNotices[place] ?? []
        }
        table.decideNumbers(reading)
        for place in table.columns.indices where reading.stored == nil && reading.kind(place) == .either {
            if !table.columns[place].isText, !table.columns[place].isDate {
                table.notices += numberNotices[place] ?? []
            }
        }
        (table.textNotices, table.numberNotices) = ([:], [:])
        table.points = []
        table.notices += decisions.notices.all
        return table
    }

    /// Notices of rows among the others whose text says that they are sums; they are kept.
    private func noticesOfSums(_ texts: [ColumnTexts?]) -> [String] {
        columns.indices.compactMap { place -> String? in
            guard columns[place].isText, let texts = texts[place], texts.count <= 10_000 else { return nil }
            let sums = (0..<texts.count).filter { texts.counts[$0] > 0 && TrailingRows.isSum(texts.text($0)) }
            guard let first = sums.min(by: { texts.rows[$0] < texts.rows[$1] }) else { return nil }
            let row = texts.rows[first]
            return "\(escaped(file(row), limit: 200)): \(self.place(of: row)) seems to be a sum of other rows "
                + "(\"\(escaped(texts.text(first), limit: 40))\") and is kept; remove such rows if they are"
        }
    }

    private func trailingRows(_ texts: [ColumnTexts?]) -> TrailingRows {
        let last = max(0, rowCount - TrailingRows.most)..<rowCount
        let cells = last.map { row in
            columns.map { column -> TrailingRows.Cell in
                switch column.values {
                case .numeric(let numbers): numbers[row].isNaN ? .missing : .number
                case .categorical(let codes, _): codes[row] < 0 ? .missing : .text(Int(codes[row]))
                case .skipped: .missing
                }
            }
        }
        return TrailingRows(
            cells, rowCount: rowCount, names: columns.map(\.name), texts: texts,
            locate: { (file($0), line($0), place(of: $0)) })
    }

    private mutating func drop(last count: Int) {
        guard count > 0 else { return }
        rowCount -= count
        lines = Array(lines.prefix(rowCount))
        skippedRows = skippedRows.filter { $0 <= rowCount }
        for place in columns.indices {
            let column = columns[place]
            let values: Values =
                switch column.values {
                case .numeric(let numbers): .numeric(Array(numbers.prefix(rowCount)))
                case .categorical(let codes, let levels):
                    .categorical(codes: Array(codes.prefix(rowCount)), levels: levels)
                case .skipped: .skipped
                }
            columns[place] = Column(name: column.name, values: values, isDate: column.isDate)
        }
    }

    /// Columns of numbers whose name and numbers show that they are dates, or that the model was trained with as dates.
    private mutating func decideNumbers(_ reading: TableReading) {
        for place in columns.indices where !columns[place].isDate {
            guard case .numeric(let numbers) = columns[place].values else { continue }
            var notation: DateNotation?
            if case .dates(let stored)? = reading.stored.flatMap({ $0[place] }), reading.kind(place) == .date,
                stored.form != .written
            {
                notation = stored
            } else if reading.kind(place) == .either, reading.stored == nil,
                let form = Self.form(of: numbers, columns[place].name)
            {
                notation = DateNotation(form: form)
                notices.append(contentsOf: notation.map { [$0.notice(file: path, column: columns[place].name)] } ?? [])
            }
            guard let notation, notations[place] == nil else { continue }
            columns[place] = Column(
                name: columns[place].name, values: .numeric(numbers.map { notation.seconds($0) ?? .nan }), isDate: true)
            notations[place] = .dates(notation)
        }
    }
}

extension Table {
    fileprivate static func form(of numbers: [Double], _ name: String) -> DateNotation.Form? {
        var forms = DateForms(name: name)
        forms.add(numbers)
        return forms.form
    }
}

extension DateNotation {
    /// A notice that numbers are read as dates.
    func notice(file: String, column: String) -> String {
        let form =
            switch form {
            case .compact: "year, month and day"
            case .compactDayFirst: "day, month and year"
            case .compactTime: "year, month, day, hour, minute and second"
            case .milliseconds: "milliseconds since 1970"
            case .microseconds: "microseconds since 1970"
            case .seconds, .written: "seconds since 1970"
            }
        return
            "\(escaped(file, limit: 200)): the column \"\(escaped(column, limit: 60))\" is read as dates, because its name "
            + "says so and all its numbers can be \(form) (data.columns: {\(escaped(column, limit: 60)): standardise} takes numbers)"
    }
}

extension Table.Column {
    var isText: Bool { if case .categorical = values { true } else { false } }

    /// The column with the values of its texts.
    fileprivate func meaning(_ meaning: ColumnMeaning) -> Table.Column {
        guard case .categorical(let codes, _) = values, let numbers = meaning.values else { return self }
        return Table.Column(
            name: name, values: .numeric(codes.map { $0 < 0 ? .nan : numbers[Int($0)] }), isDate: meaning.isDate)
    }

    /// The column without texts that no row has.
    fileprivate var withUsedLevels: Table.Column {
        guard case .categorical(let codes, let levels) = values else { return self }
        var isUsed = [Bool](repeating: false, count: levels.count)
        for code in codes where code >= 0 { isUsed[Int(code)] = true }
        guard isUsed.contains(false) else { return self }
        var places = [Int32](repeating: -1, count: levels.count)
        var kept: [String] = []
        for (place, level) in levels.enumerated() where isUsed[place] {
            places[place] = Int32(kept.count)
            kept.append(level)
        }
        return Table.Column(
            name: name, values: .categorical(codes: codes.map { $0 < 0 ? -1 : places[Int($0)] }, levels: kept))
    }
}
