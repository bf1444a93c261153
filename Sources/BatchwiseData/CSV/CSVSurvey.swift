import Batchwise

/// The types and meanings of the columns of CSV files, found in passes over all rows without keeping them.
struct CSVSurvey {
    /// The type that each column is read as: numbers, dates, texts, or not wanted.
    private(set) var kinds: [Table.Kind]
    /// The meaning of each column of texts that are numbers or dates; nil for other columns.
    private(set) var meanings: [ColumnMeaning?]
    /// The notation of columns of numbers that are dates.
    private(set) var dates: [DateNotation?]
    /// The texts of each column, by their numbers in ``meanings``.
    private(set) var levels: [CSVLevels]
    /// The number of rows without those at the end that are none of the data.
    private(set) var rowCount = 0
    /// Whether float32 holds all numbers as they are.
    private(set) var fitFloat = true
    private(set) var notices: [String] = []
    /// The first line of a column of texts all of which stand in single quotes; nil where there is none.
    private(set) var lineOfSingleQuotes: Int?

    /// Bytes that the texts of a column may take before it is known whether they are numbers.
    private static let mostTextBytes = 1 << 28

    private let said: SaidNotation

    init(_ csv: CSV, kinds: [Table.Kind], said: SaidNotation) throws(DataError) {
        self.said = SaidNotation(decimal: said.decimal, dates: said.dates, hasTypedNumbers: csv.hasTypedNumbers)
        let none = [Bool](repeating: false, count: kinds.count)
        var (areTexts, areDates, areNumbers) = (none, none, none)
        var points = kinds.map { _ in PlainPoints.none }
        var forms = csv.names.map { DateForms(name: $0) }
        var (count, fits) = (0, true)
        for part in csv.allParts {
            var reader = CSVReader(part.csv, kinds: part.own(kinds), keepsTexts: false)
            let first = count
            try reader.forEachRun { run in
                count += run.count
                for place in kinds.indices {
                    let column = run.column(part.places[place])
                    if fits { fits = Self.fitFloat(column) }
                    if kinds[place] == .either { forms[place].add(column) }
                }
            }
            guard count > first else { throw .noRows(part.csv.path) }
            for place in kinds.indices {
                let own = part.places[place]
                points[place] = points[place].joined(with: reader.points(own))
                switch reader.reading(own) {
                case .texts: areTexts[place] = true
                case .dates: areDates[place] = true
                case .numbers: areNumbers[place] = areNumbers[place] || reader.hasNumbers(own)
                }
            }
        }
        (rowCount, fitFloat) = (count, fits)
        self.kinds = kinds
        meanings = kinds.map { _ in nil }
        dates = kinds.map { _ in nil }
        levels = kinds.map { _ in CSVLevels() }
        for place in kinds.indices where kinds[place] != .skip && kinds[place] != .categorical {
            let isMixed = areDates[place] && areNumbers[place]
            if areTexts[place] || isMixed {
                self.kinds[place] = .categorical
            } else if kinds[place] == .either {
                self.kinds[place] = areDates[place] ? .date : .numeric
                guard !areDates[place], let form = forms[place].form else { continue }
                dates[place] = DateNotation(form: form)
                notices.append(DateNotation(form: form).notice(file: csv.path, column: csv.names[place]))
                fitFloat = false
            }
        }
        let open = csv.names.indices.map { place in
            OpenColumn(name: csv.names[place], kind: kinds[place], points: points[place])
        }
        let settled = ColumnDecisions(open, said: said, file: csv.path) {
            _ in (csv.path, 0, "")
        }
        let isDoubtful = settled.unsettledPoints
        guard self.kinds.contains(.categorical) || !isDoubtful.isEmpty else { return }
        try decide(csv, open, isDoubtful)
    }

    /// Decides the columns that are texts so far, or may group digits, from a pass over their texts.
    private mutating func decide(_ csv: CSV, _ open: [OpenColumn], _ doubtful: [Int]) throws(DataError) {
        for place in doubtful { kinds[place] = .categorical }
        var counts = CSVTextCounts(csv)
        for part in csv.allParts {
            var reader = CSVReader(part.csv, kinds: part.own(kinds), levels: part.own(levels))
            try reader.forEachRun(mostLevelBytes: Self.mostTextBytes) { counts.add($0, part, kinds) }
            for place in kinds.indices { levels[place] = reader.levels(part.places[place]) }
        }
        guard counts.rowCount == rowCount else { throw .changes(file: csv.path) }
        lineOfSingleQuotes = levels.first(where: \.areInSingleQuotes)?.lineOfSingleQuotes
        var texts: [ColumnTexts?] = []
        for place in kinds.indices {
            texts.append(
                kinds[place] == .categorical ? counts.texts(place, try levels[place].texts(path: csv.path)) : nil)
        }
        let locate: ColumnDecisions.Locate = { [lines = counts.lines, path = csv.path] row in
            let line = Int(lines[row] ?? 0)
            return (path, line, "line \(line)")
        }
        let trailing = TrailingRows(
            counts.last, rowCount: rowCount, names: csv.names, texts: texts, locate: counts.locateLast(csv.path))
        counts.remove(last: trailing.count, from: &texts)
        rowCount -= trailing.count
        notices += trailing.notices
        var columns = open
        for place in kinds.indices { columns[place].texts = texts[place] }
        var decisions = ColumnDecisions(
            columns, said: said, file: csv.path, locate: locate)
        meanings = try decisions.meanings()
        notices += decisions.notices.all
        for place in kinds.indices {
            if case .texts? = meanings[place] { meanings[place] = nil }
            if let values = meanings[place]?.values {
                fitFloat = fitFloat && values.withUnsafeBufferPointer { Self.fitFloat($0) }
            } else if kinds[place] == .categorical, levels[place].byteCount > ConvertedManifest.mostLevelBytes {
                throw .tooManyTexts(file: csv.path, column: csv.names[place])
            }
        }
    }

    /// Whether a column is written as texts.
    func isText(_ place: Int) -> Bool { kinds[place] == .categorical && meanings[place] == nil }

    /// The cell to write for a cell that has been read; nil where the file has changed.
    @inline(__always)
    func cell(_ read: Double, _ place: Int) -> Double? {
        if let notation = dates[place] { return notation.seconds(read) ?? .nan }
        guard kinds[place] == .categorical, let values = meanings[place]?.values else { return read }
        if read < 0 { return .nan }
        return Int(read) < values.count ? values[Int(read)] : nil
    }

    private static func fitFloat(_ numbers: UnsafeBufferPointer<Double>) -> Bool {
        numbers.allSatisfy { Double(Float($0)) == $0 || $0.isNaN }
    }
}
