import Batchwise

extension DataDescription {
    /// The columns of a table, from two passes over its rows.
    static func columns(of rows: any TableRows) throws(DataError) -> [Column] {
        var summaries = rows.columns.map { ColumnSummary($0) }
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

    /// The statistics of a column over the rows that have been added.
    private struct ColumnSummary {
        private let description: TableColumn
        private var numbers = NumberSummary()
        private var counts: [Int]
        private var missing = 0
        /// For each text, whether it is a number.
        private let areNumbers: [Bool]
        private var firstText: (text: String, line: Int)?

        init(_ column: TableColumn) {
            description = column
            counts = [Int](repeating: 0, count: column.levels?.count ?? 0)
            areNumbers = (column.levels ?? []).map { level in
                Array(level.utf8).withUnsafeBufferPointer { WrittenNumber($0) != nil }
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
