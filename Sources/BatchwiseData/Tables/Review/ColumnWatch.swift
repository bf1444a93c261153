import Batchwise

/// The suspicions against one column, each until a row disproves it.
struct ColumnWatch {
    /// Rows below which equal, different or counted cells are no rarity.
    private static let fewestRows = 10
    private static let fewestIndexed = 3

    let place: Int
    private let column: TableColumn
    private let hint: ColumnNameHint
    private var oneValue = OneValue()
    private var rowNumbers = RowNumbers()
    private var differentNumbers = DifferentNumbers()
    private var differentTexts: DifferentTexts?
    private var copies: [TargetCopy]

    init(_ columns: [TableColumn], at place: Int, targets: [Int], hasHeader: Bool) {
        self.place = place
        column = columns[place]
        hint = ColumnNameHint(column.name, at: place, hasHeader: hasHeader)
        if let levels = column.levels, levels.count >= Self.fewestIndexed { differentTexts = DifferentTexts(levels) }
        copies = targets.map { TargetCopy(columns[place], target: $0, columns[$0]) }
    }

    private var mayBeIds: Bool { hint == .id || hint == .index }

    /// Whether further rows cannot tell more.
    var isSettled: Bool {
        guard oneValue.isDisproved, copies.allSatisfy(\.isDisproved) else { return false }
        if column.levels != nil { return differentTexts?.isDisproved ?? true }
        return column.isDate || rowNumbers.isDisproved && (!mayBeIds || differentNumbers.isDisproved)
    }

    mutating func add(_ run: Table) {
        guard !isSettled else { return }
        let values = run.columns[place].values
        switch values {
        case .numeric(let numbers):
            oneValue.add(numbers)
            if !column.isDate {
                rowNumbers.add(numbers)
                if mayBeIds { differentNumbers.add(numbers) }
            }
        case .categorical(let codes, let levels):
            oneValue.add(codes)
            differentTexts?.add(codes, levels, of: run)
        case .skipped: break
        }
        for index in copies.indices { copies[index].add(values, run.columns[copies[index].target].values) }
    }

    /// The finding in `rows` rows; nil where nothing is to be said.
    func finding(rows: Int) -> ColumnFinding? {
        guard !oneValue.isDisproved || rows < Self.fewestIndexed else {
            return finding(ofDifferent: rows)
        }
        guard rows >= Self.fewestRows, !oneValue.isDisproved else { return nil }
        guard let value = oneValue.value else { return .empty }
        // a cell without a value is another one
        guard !oneValue.hasMissing else { return nil }
        return .constant(shown(value))
    }

    private func finding(ofDifferent rows: Int) -> ColumnFinding? {
        if let copy = copies.lazy.compactMap({ $0.finding(rows: rows) }).first(where: \.isLeftOut) { return copy }
        let counts = column.levels == nil && !column.isDate && !rowNumbers.isDisproved
        let countsOnce = counts && rowNumbers.starts == 1
        let isNamed = hint == .id || hint == .row && rows >= Self.fewestRows
        if counts && hint == .index || countsOnce && isNamed { return .index(first: rowNumbers.first) }
        if column.levels == nil, mayBeIds, !differentNumbers.isDisproved, differentNumbers.isComplete,
            differentNumbers.count >= Self.fewestRows
        {
            return .ids
        }
        if let texts = differentTexts, texts.areNearlyAll, isEnough(texts.cells) { return .texts(texts) }
        if let told = copies.lazy.compactMap({ $0.finding(rows: rows) }).first { return told }
        if let texts = differentTexts, texts.areMany, texts.distinct > 50 { return .manyTexts(texts) }
        return countsOnce && rows >= 2 * Self.fewestRows ? .counts(first: rowNumbers.first) : nil
    }

    private func isEnough(_ cells: Int) -> Bool {
        cells >= (mayBeIds ? Self.fewestIndexed : 2 * Self.fewestRows)
    }

    private func shown(_ value: Double) -> String {
        if let levels = column.levels { return "\"\(escaped(levels[Int(value)], limit: 30))\"" }
        if column.isDate { return CSVDate.text(value) }
        return Int(exactly: value).map(String.init) ?? "\(value)"
    }
}
