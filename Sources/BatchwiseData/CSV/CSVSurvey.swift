import Batchwise

/// The types of the columns of CSV files, found in one pass over all rows without keeping them.
struct CSVSurvey {
    /// The type of each column: numbers, dates, texts, or not wanted.
    private(set) var kinds: [Table.Kind]
    private(set) var rowCount = 0
    /// Whether float32 holds all numbers as they are.
    private(set) var fitFloat = true

    init(_ csv: CSV, kinds: [Table.Kind]) throws(DataError) {
        let none = [Bool](repeating: false, count: kinds.count)
        var (areTexts, areDates, areNumbers) = (none, none, none)
        var (count, fits) = (0, true)
        for part in csv.allParts {
            var reader = CSVReader(part.csv, kinds: part.own(kinds), keepsTexts: false)
            let first = count
            try reader.forEachRun { run in
                count += run.count
                for place in kinds.indices where fits {
                    fits = run.column(place).allSatisfy { Double(Float($0)) == $0 || $0.isNaN }
                }
            }
            guard count > first else { throw .noRows(part.csv.path) }
            for place in kinds.indices {
                switch reader.reading(part.places[place]) {
                case .texts: areTexts[place] = true
                case .dates: areDates[place] = true
                case .numbers: areNumbers[place] = areNumbers[place] || reader.hasNumbers(part.places[place])
                }
            }
        }
        (rowCount, fitFloat) = (count, fits)
        self.kinds = kinds
        for place in kinds.indices where kinds[place] == .either {
            let isMixed = areDates[place] && areNumbers[place]
            self.kinds[place] = areTexts[place] || isMixed ? .categorical : areDates[place] ? .date : .numeric
        }
    }
}
