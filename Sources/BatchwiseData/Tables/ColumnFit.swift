import Batchwise

/// Fits the encoder of a column to the training rows, from two passes over them in their order: the same to the last
/// bit however many rows are in memory at a time. Levels that only other rows have count as unknown.
struct ColumnFit {
    private let place: Int
    private let name: String
    /// The fit of a column of numbers or of texts.
    private var numbers: NumberFit?
    private var texts: TextFit?

    /// The encoders of these columns of a table.
    ///
    /// - Parameters:
    ///   - train: the rows to fit to, in ascending order.
    ///   - rules: the rule of each column of the table.
    ///   - standardise: whether numbers and places are standardised by default.
    static func encoders(
        of places: [Int], in rows: any TableRows, train: RowList, rules: [ColumnRule], standardise: Bool
    ) throws(DataError) -> [ColumnEncoder] {
        var fits: [ColumnFit] = []
        for place in places {
            fits.append(try ColumnFit(rows.columns[place], place, rules[place], standardise: standardise, rows.path))
        }
        try rows.forEachRun(of: train) { (run, train) throws(DataError) in
            for fit in fits.indices { try fits[fit].add(run, train) }
        }
        for fit in fits.indices { try fits[fit].endFirstPass() }
        if fits.contains(where: \.needsSecondPass) {
            try rows.forEachRun(of: train) { (run, train) in
                for fit in fits.indices { fits[fit].addDistances(run, train) }
            }
        }
        var encoders: [ColumnEncoder] = []
        for fit in fits { encoders.append(try fit.encoder()) }
        return encoders
    }

    private init(
        _ column: TableColumn, _ place: Int, _ rule: ColumnRule, standardise: Bool, _ file: String
    ) throws(DataError) {
        self.place = place
        name = column.name
        if let levels = column.levels {
            texts = try TextFit(name, levels, rule, standardise: standardise, file: file)
        } else {
            numbers = NumberFit(name, rule, standardise: standardise, file: file)
        }
    }

    private mutating func add(_ run: Table, _ train: [Int]) throws(DataError) {
        switch run.columns[place].values {
        case .numeric(let values):
            if numbers?.isLogarithmic == true { try run.requireLogarithms(in: place) }
            numbers?.add(values, train)
        case .categorical(let codes, _): try texts?.add(codes, train, of: run)
        case .skipped: break
        }
    }

    private mutating func endFirstPass() throws(DataError) { try numbers?.endFirstPass() }

    private var needsSecondPass: Bool { numbers != nil }

    private mutating func addDistances(_ run: Table, _ train: [Int]) {
        if case .numeric(let values) = run.columns[place].values { numbers?.addDistances(values, train) }
    }

    private func encoder() throws(DataError) -> ColumnEncoder {
        let encoding = if let numbers { try numbers.encoding() } else { try texts?.encoding() ?? .oneHot(levels: []) }
        return ColumnEncoder(
            name: name, number: place + 1, encoding: encoding, smallest: numbers?.range?.lowerBound,
            largest: numbers?.range?.upperBound)
    }
}

extension TableRows {
    /// Runs of rows, and which of each are wanted, by their place in it.
    fileprivate func forEachRun(
        of wanted: RowList, _ body: (_ run: Table, _ rows: [Int]) throws(DataError) -> Void
    ) throws(DataError) {
        var next = 0
        try forEachRun { (run, first) throws(DataError) in
            let start = next
            while next < wanted.count, wanted[next] < first + run.rowCount { next += 1 }
            try body(run, first == 0 ? Array(wanted[start..<next]) : wanted[start..<next].map { $0 - first })
        }
    }
}
