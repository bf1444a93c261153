import Batchwise

/// The evidence that the different texts of a column give of their notation, as numbers.
struct NumberEvidence {
    /// Different texts that show that a sign is decimal, or that it groups digits, or neither.
    struct Signs {
        var decimal = 0
        var grouping = 0
        var doubtful = 0
        var doubtfulWithZero = 0
    }

    /// The meaning of point and comma in a column.
    enum Settled: Equatable {
        /// No number has either sign, so that any decimal sign will do.
        case any
        case certain(DecimalSign)
        /// A sign stands before exactly three digits wherever it stands, and a first text shows it.
        case doubtful(DecimalSign, text: Int)
    }

    private(set) var point = Signs()
    private(set) var comma = Signs()
    /// Whole numbers without a sign, of at most three digits and of more.
    private(set) var small = 0
    private(set) var large = 0
    /// The cells that are numbers in some notation.
    private(set) var cells = 0
    /// The units, with the number of cells that have each and the first text.
    private(set) var units: [String: (cells: Int, text: Int)] = [:]
    /// A text with a letter that scales its number.
    private(set) var scaledText: Int?
    private var doubtfulText: [DecimalSign: Int] = [:]

    init(_ texts: ColumnTexts) {
        for text in 0..<texts.count where texts.counts[text] > 0 {
            texts.withBytes(text) { bytes in
                if let number = WrittenNumber(bytes) { add(number, bytes, text, texts) }
            }
        }
    }

    private mutating func add(
        _ number: WrittenNumber, _ bytes: UnsafeBufferPointer<UInt8>, _ text: Int, _ texts: ColumnTexts
    ) {
        let count = texts.counts[text]
        cells += count
        switch number.signs {
        case .none(let digits, let isGrouped): if digits > 3, !isGrouped { large += 1 } else { small += 1 }
        case .decimal(.point): point.decimal += 1
        case .decimal(.comma): comma.decimal += 1
        case .grouping(.point): point.grouping += 1
        case .grouping(.comma): comma.grouping += 1
        case .doubtful(let sign, let endsInZero):
            if sign == .point { point.doubtful += 1 } else { comma.doubtful += 1 }
            if endsInZero { if sign == .point { point.doubtfulWithZero += 1 } else { comma.doubtfulWithZero += 1 } }
            let first = doubtfulText[sign]
            if first == nil || texts.rows[text] < texts.rows[first ?? text] { doubtfulText[sign] = text }
        }
        if number.scale != 0 { scaledText = scaledText ?? text }
        let unit = number.unit.isEmpty ? "" : String(decoding: bytes[number.unit], as: UTF8.self)
        let known = units[unit]
        let first = known.map { texts.rows[$0.text] <= texts.rows[text] ? $0.text : text } ?? text
        units[unit] = ((known?.cells ?? 0) + count, first)
    }

    /// The decimal sign that the texts show.
    var settled: Settled {
        let (forPoint, forComma) = (point.decimal + comma.grouping, comma.decimal + point.grouping)
        if forPoint + forComma > 0 { return .certain(forPoint >= forComma ? .point : .comma) }
        guard point.doubtful + comma.doubtful > 0 else { return .any }
        let sign = point.doubtful > comma.doubtful ? DecimalSign.point : .comma
        let signs = sign == .point ? point : comma
        // decimal places would not be three wherever there are any, and end in a zero
        if sign == .comma, isGrouped(signs), point.doubtful == 0 { return .certain(.point) }
        return .doubtful(sign, text: doubtfulText[sign] ?? 0)
    }

    /// Whether the whole numbers that stand between suggest that a sign groups digits: numbers below 1000 lack it, all
    /// others have three digits behind it.
    func suggestsGroups(_ sign: DecimalSign) -> Bool { isGrouped(sign == .point ? point : comma) }

    private func isGrouped(_ signs: Signs) -> Bool {
        small > 0 && large == 0 && (signs.doubtfulWithZero > 0 || signs.doubtful >= 50)
    }
}
