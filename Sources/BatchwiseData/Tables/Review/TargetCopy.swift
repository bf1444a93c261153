/// Whether a column tells a target in every row: because it is the same, a line of it, or goes with one class a value.
struct TargetCopy {
    /// Numbers of more values than this are no names of classes.
    private static let mostClasses = 64
    private static let mostLevels = 1000
    /// Rows from which on it is no chance that a column tells the target.
    private static let fewestRows = 20

    let target: Int
    private let name: String
    private var isEqual = true
    private var equalRows = 0
    private var line = LineOfTarget()
    private var hasLine: Bool
    private var classes = ClassesOfValues()
    /// For each text of the column, the number of the same text among those of the target.
    private let sameText: [Int32]?
    private var valueCodes: [Double: Int32] = [:]
    private var targetCodes: [Double: Int32] = [:]

    init(_ column: TableColumn, target: Int, _ description: TableColumn) {
        self.target = target
        name = description.name
        hasLine = column.levels == nil && description.levels == nil
        // texts nearly all different are no names of classes
        if column.levels?.count ?? 0 > Self.mostLevels { classes.giveUp() }
        guard let levels = column.levels, let texts = description.levels else {
            sameText = nil
            isEqual = hasLine
            return
        }
        isEqual = levels.count == texts.count
        let places = Dictionary(
            texts.lazy.enumerated().map { ($1, Int32($0)) }, uniquingKeysWith: { first, _ in first })
        sameText = isEqual ? levels.map { places[$0] ?? -1 } : []
    }

    /// Whether nothing is left to find out.
    var isDisproved: Bool { !isEqual && !hasLine && classes.isDisproved }

    mutating func add(_ column: Table.Values, _ target: Table.Values) {
        guard !isDisproved else { return }
        switch (column, target) {
        case (.numeric(let numbers), .numeric(let targets)):
            for row in numbers.indices where !numbers[row].isNaN && !targets[row].isNaN {
                add(number: numbers[row], targets[row])
                if isDisproved { return }
            }
        case (.categorical(let codes, _), .categorical(let targets, _)):
            for row in codes.indices where codes[row] >= 0 && targets[row] >= 0 {
                if isEqual {
                    isEqual = sameText?[Int(codes[row])] == targets[row]
                    equalRows += 1
                }
                add(value: codes[row], of: targets[row])
                if isDisproved { return }
            }
        case (.numeric(let numbers), .categorical(let targets, _)):
            for row in numbers.indices where !numbers[row].isNaN && targets[row] >= 0 {
                add(value: Self.code(numbers[row], &valueCodes), of: targets[row])
                if isDisproved { return }
            }
        case (.categorical(let codes, _), .numeric(let targets)):
            for row in codes.indices where codes[row] >= 0 && !targets[row].isNaN {
                add(value: codes[row], of: Self.code(targets[row], &targetCodes))
                if isDisproved { return }
            }
        case (.skipped, _), (_, .skipped): isEqual = false
        }
    }

    private mutating func add(number: Double, _ target: Double) {
        if isEqual {
            isEqual = number == target
            equalRows += 1
        }
        if hasLine {
            line.add(x: number, y: target)
            hasLine = !line.isDisproved
        }
        guard !classes.isDisproved else { return }
        add(value: Self.code(number, &valueCodes), of: Self.code(target, &targetCodes))
    }

    private mutating func add(value: Int32?, of target: Int32?) {
        guard let value, let target else { return classes.giveUp() }
        if !classes.isDisproved { classes.add(value: value, of: target) }
    }

    private static func code(_ number: Double, _ codes: inout [Double: Int32]) -> Int32? {
        if let code = codes[number] { return code }
        guard codes.count < mostClasses else { return nil }
        let code = Int32(codes.count)
        codes[number] = code
        return code
    }

    /// The finding in `all` rows; nil where the column does not tell the target, or has too few values to say.
    func finding(rows all: Int) -> ColumnFinding? {
        func areEnough(_ rows: Int, _ fewest: Int) -> Bool { rows >= fewest && 2 * rows >= all }
        if isEqual, areEnough(equalRows, Self.fewestRows / 2), classes.isDisproved || classes.distinct > 1 {
            return .copy(target: name, isText: sameText != nil)
        }
        if !classes.isDisproved, areEnough(classes.rows, max(Self.fewestRows, 10 * classes.distinct)),
            classes.classCount > 1
        {
            return classes.isOneToOne ? .renamed(target: name) : .classes(target: name)
        }
        if hasLine, areEnough(line.rows, Self.fewestRows), !line.isConstant {
            return .line(target: name, slope: line.slope, offset: line.offset)
        }
        return nil
    }
}
