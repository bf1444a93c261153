import Batchwise
// What a description says of one column, from its numbers, bytes or texts.

extension DataDescription {
    /// The columns of a table, from two passes over its rows.
    static func columns(of rows: any TableRows, comma: CSVNumber.Comma) throws(DataError) -> [Column] {
        var summaries = rows.columns.map { ColumnSummary($0, comma: comma) }
        try rows.forEachRun { run, _ in
            for place in summaries.indices { summaries[place].add(run.columns[place].values, of: run) }
        }
        for place in summaries.indices { summaries[place].endFirstPass() }
        if summaries.contains(where: { $0.hasNumbers }) {
            try rows.forEachRun { run, _ in
                for place in summaries.indices { summaries[place].addDistances(run.columns[place].values) }
            }
        }
        return summaries.map(\.column)
    }

    /// What is known of a column when some of its rows have been seen.
    private struct ColumnSummary {
        private let description: TableColumn
        private var numbers = NumberSummary()
        private var counts: [Int]
        private var missing = 0
        /// Of each text, whether it is a number.
        private let areNumbers: [Bool]
        private var firstText: (text: String, line: Int)?

        init(_ column: TableColumn, comma: CSVNumber.Comma) {
            description = column
            counts = [Int](repeating: 0, count: column.levels?.count ?? 0)
            areNumbers = (column.levels ?? []).map { level in
                let bytes = Array(level.utf8)
                return CSVNumber.parse(bytes, bytes.indices, comma: comma) != nil
            }
        }

        var hasNumbers: Bool { description.levels == nil }

        mutating func add(_ values: Table.Values, of run: Table) {
            switch values {
            case .numeric(let all): for number in all { numbers.add(number) }
            case .categorical(let codes, let levels):
                for (row, code) in codes.enumerated() {
                    guard code >= 0 else {
                        missing += 1
                        continue
                    }
                    counts[Int(code)] += 1
                    if firstText == nil, !areNumbers[Int(code)] { firstText = (levels[Int(code)], run.line(row)) }
                }
            case .skipped: break
            }
        }

        mutating func endFirstPass() { numbers.endFirstPass() }

        mutating func addDistances(_ values: Table.Values) {
            if case .numeric(let all) = values { for number in all { numbers.addDistance(number) } }
        }

        var column: Column {
            guard let levels = description.levels else {
                let column = numbers.column(description.name)
                guard description.isDate, case .numbers(let smallest, let largest, _, _, let distinct) = column.content
                else { return column }
                return Column(
                    name: column.name, missing: column.missing,
                    content: .dates(earliest: smallest, latest: largest, distinct: distinct))
            }
            var column = Column(description.name, counts: counts, levels: levels, missing: missing)
            let numbers = levels.indices.reduce(0) { areNumbers[$1] ? $0 + counts[$1] : $0 }
            if numbers > 0, let (text, line) = firstText {
                column.mixture = Mixture(numbers: numbers, firstText: text, line: line)
            }
            return column
        }
    }
}

/// What is known of numbers, of which NaN are missing, when each has been seen once, and then once more.
private struct NumberSummary {
    private var (all, smallest, largest) = (0, Double.infinity, -Double.infinity)
    private var moments = RunningMoments()
    private var distinct: Set<Double> = []

    mutating func add(_ number: Double) {
        all += 1
        guard !number.isNaN else { return }
        moments.add(number)
        (smallest, largest) = (min(smallest, number), max(largest, number))
        if distinct.count <= 1000 { distinct.insert(number) }
    }

    mutating func endFirstPass() { moments.endFirstPass() }

    mutating func addDistance(_ number: Double) {
        if !number.isNaN { moments.addDistance(number) }
    }

    func column(_ name: String) -> DataDescription.Column {
        guard moments.count > 0 else { return .init(name: name, missing: all, content: .nothing) }
        return .init(
            name: name, missing: all - moments.count,
            content: .numbers(
                smallest: smallest, largest: largest, mean: moments.mean,
                deviation: moments.isConstant ? 0 : moments.deviation,
                distinct: distinct.count > 1000 ? nil : distinct.count))
    }
}

extension DataDescription.Column {
    /// Numbers of which NaN are missing.
    init(_ name: String, _ numbers: some Collection<Double>) {
        self.init(name, forEach: { (body) throws(Never) in for number in numbers { body(number) } })
    }

    /// Numbers that are handed over twice.
    private init<Failure>(_ name: String, forEach: ((Double) -> Void) throws(Failure) -> Void) throws(Failure) {
        var summary = NumberSummary()
        try forEach { summary.add($0) }
        summary.endFirstPass()
        try forEach { summary.addDistance($0) }
        self = summary.column(name)
    }

    /// The features of an array, and how many are not zero.
    static func described(_ rows: ArrayRows, name: String = "features") throws(DataError) -> (Self, nonZero: Int) {
        if rows.element.isByte {
            var counts = [Int](repeating: 0, count: 256)
            try rows.forEachRun { _, bytes in
                let found = Moments.counts(bytes.bindMemory(to: UInt8.self), width: bytes.count, rows: RowList?.none)
                for byte in counts.indices { counts[byte] += found[byte] }
            }
            return (Self(name, counts: counts), counts.reduce(0, +) - counts[0])
        }
        var nonZero = 0
        func forEach(_ body: (Double) -> Void) throws(DataError) {
            nonZero = 0
            try rows.forEachRun { _, bytes in
                func each<Number>(_: Number.Type, _ value: (Number) -> Double) {
                    for number in bytes.bindMemory(to: Number.self) {
                        let number = value(number)
                        if number != 0 { nonZero += 1 }
                        body(number)
                    }
                }
                switch rows.element {
                case .byte, .boolean: each(UInt8.self) { Double($0) }
                case .int32: each(Int32.self) { Double($0) }
                case .int64: each(Int64.self) { Double($0) }
                case .float: each(Float.self) { Double($0) }
                case .double: each(Double.self) { $0 }
                }
            }
        }
        return (try Self(name, forEach: forEach), nonZero)
    }

    /// Bytes.
    init(_ name: String, bytes: [UInt8]) {
        self.init(name, counts: Moments.counts(bytes, width: bytes.count, rows: RowList?.none))
    }

    /// Bytes, by how often each occurs.
    private init(_ name: String, counts: [Int]) {
        let present = counts.indices.filter { counts[$0] > 0 }
        let moments = Moments(counts: counts)
        self.name = name
        missing = 0
        guard let smallest = present.first, let largest = present.last else {
            content = .nothing
            return
        }
        content = .numbers(
            smallest: Double(smallest), largest: Double(largest), mean: moments.mean,
            deviation: smallest == largest ? 0 : moments.deviation, distinct: present.count)
    }

    init(_ name: String, codes: [Int32], levels: [String]) {
        var counts = [Int](repeating: 0, count: levels.count)
        for code in codes where code >= 0 { counts[Int(code)] += 1 }
        self.init(name, counts: counts, levels: levels, missing: codes.count { $0 < 0 })
    }

    /// Texts, by how often each occurs.
    fileprivate init(_ name: String, counts: [Int], levels: [String], missing: Int) {
        let order = levels.indices.sorted { (counts[$1], levels[$0]) < (counts[$0], levels[$1]) }
        self.name = name
        self.missing = missing
        content = .texts(order.map { DataDescription.Share(name: levels[$0], count: counts[$0]) })
    }

    /// Labels: classes with their counts, or amounts.
    init(_ target: RawTarget) {
        switch target.values {
        case .texts(let codes, let levels): self.init("labels", codes: codes, levels: levels)
        case .numbers(let numbers):
            guard target.task == .classification,
                let fitted = try? target.fitted(as: .classification, rows: []),
                case .classes(let classes, let names) = try? target.targets(for: fitted)
            else {
                self.init("labels", numbers)
                return
            }
            self.init("labels", codes: classes, levels: names)
        }
    }
}
