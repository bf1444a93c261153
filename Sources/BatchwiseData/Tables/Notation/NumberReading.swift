import Batchwise
import Foundations

/// The texts of a column read as numbers, with the decimal sign that evidence or else a setting gives it.
struct NumberReading {
    private(set) var cells: ReadCells
    /// A whole number that a Double cannot tell from its neighbours.
    private(set) var beyondDouble: Int?
    private let evidence: NumberEvidence
    private let decimal: DecimalSign
    private let unit: String
    /// A text whose sign nothing settles.
    private let doubt: (sign: DecimalSign, text: Int)?

    init(
        _ evidence: NumberEvidence, _ texts: ColumnTexts, _ column: OpenColumn, said: DecimalSign?, file: DecimalSign?
    ) {
        self.evidence = evidence
        let stored = column.storedNumbers
        switch evidence.settled {
        case .any: (decimal, doubt) = (said ?? file ?? stored?.decimal ?? .point, nil)
        case .certain(let sign): (decimal, doubt) = (sign, nil)
        case .doubtful(let sign, let text):
            // what the file shows of itself counts before the file that a model was trained with
            if let known = said ?? file ?? (column.isFromModel ? stored?.decimal ?? .point : nil) {
                (decimal, doubt) = (known, nil)
            } else {
                // a point is a decimal sign and a comma groups, unless the whole numbers between suggest otherwise
                let groups = sign == .point && evidence.suggestsGroups(.point)
                (decimal, doubt) = (groups ? .comma : .point, (sign, text))
            }
        }
        unit = stored?.unit ?? evidence.units.max { ($0.value.cells, $1.key) < ($1.value.cells, $0.key) }?.key ?? ""
        let missing = Set(stored?.missing ?? [])
        let notation = NumberNotation(decimal: decimal, unit: unit.isEmpty ? nil : unit)
        var values: [Double?] = []
        var areMarks: [Bool] = []
        values.reserveCapacity(texts.count)
        areMarks.reserveCapacity(texts.count)
        var beyond: Int?
        let wanted = Array(unit.utf8)
        let takesBare = column.isFromModel
        for text in 0..<texts.count {
            texts.withBytes(text) { bytes in
                areMarks.append(
                    MissingWords.isMark(bytes)
                        || !missing.isEmpty && missing.contains(String(decoding: bytes, as: UTF8.self)))
                guard let number = WrittenNumber(bytes), let value = notation.value(number, bytes) else {
                    return values.append(nil)
                }
                // a bare 0 is 0 in any unit, and new rows may leave the unit out
                let fits =
                    bytes[number.unit].elementsEqual(wanted) || number.unit.isEmpty && (value == 0 || takesBare)
                values.append(fits ? value : nil)
                if abs(value) >= 0x1p53, number.isBeyondDouble(bytes, notation.decimal), texts.counts[text] > 0,
                    beyond.map({ texts.rows[text] < texts.rows[$0] }) ?? true
                {
                    beyond = text
                }
            }
        }
        cells = ReadCells(values: values, areMarks: areMarks)
        beyondDouble = beyond
    }

    func notation(missing: [String]) -> NumberNotation {
        NumberNotation(decimal: decimal, unit: unit.isEmpty ? nil : unit, missing: missing)
    }

    /// Notes the guesses, and the unit.
    func note(
        _ notices: inout ColumnNotices, _ column: OpenColumn, _ texts: ColumnTexts, _ decisions: ColumnDecisions
    ) {
        if let doubt, let value = cells.values[doubt.text] {
            let sign = doubt.sign == .point ? "point" : "comma"
            let isDecimal = doubt.sign == decimal
            let other = isDecimal ? decimal.other : decimal
            notices.add(
                .doubt, column.name,
                "has \"\(escaped(texts.text(doubt.text), limit: 30))\" in \(decisions.words(doubt.text, texts)), read as "
                    + "\(numberText(value)): nothing in the file settles whether its \(sign) is a decimal sign or separates "
                    + "thousands; data.decimal: \"\((isDecimal ? other : doubt.sign).rawValue)\" in the recipe reads it the "
                    + "other way")
        }
        if let text = evidence.scaledText {
            notices.add(
                .unit, column.name,
                "has numbers such as \"\(escaped(texts.text(text), limit: 30))\" in \(decisions.words(text, texts)), "
                    + "whose letter multiplies them: read as \(numberText(cells.values[text].flatMap { $0 } ?? .nan))")
        }
        guard !unit.isEmpty, unit != "%", !column.isFromModel, Currency.isKnown(unit) == false else { return }
        notices.add(.unit, column.name, "is read as numbers in \"\(escaped(unit, limit: 20))\"")
    }

    /// Notes where numbers in different units make the column text.
    func noteUnits(
        _ notices: inout ColumnNotices, _ column: OpenColumn, _ texts: ColumnTexts, _ decisions: ColumnDecisions
    ) {
        guard (2...3).contains(evidence.units.count), evidence.cells == texts.cellCount, texts.count > 12 else {
            return
        }
        let shown = evidence.units.sorted { texts.rows[$0.value.text] < texts.rows[$1.value.text] }.map { unit in
            "\"\(escaped(texts.text(unit.value.text), limit: 30))\" in \(decisions.words(unit.value.text, texts))"
        }
        notices.add(
            .mixed, column.name, "is text, because its numbers have different units: \(shown.joined(separator: ", "))")
    }
}

extension WrittenNumber {
    /// Whether the number is whole and beyond 2^53, so that a Double cannot tell it from its neighbours.
    func isBeyondDouble(_ bytes: UnsafeBufferPointer<UInt8>, _ decimal: DecimalSign) -> Bool {
        guard !hasExponent, scale == 0 else { return false }
        switch signs {
        case .none, .grouping: break
        case .doubtful(let sign, _): guard sign != decimal else { return false }
        case .decimal: return false
        }
        var magnitude: UInt64 = 0
        for byte in bytes[core] where byte &- 48 < 10 && magnitude <= 1 << 53 {
            magnitude = magnitude * 10 + UInt64(byte - 48)
        }
        return magnitude > 1 << 53
    }
}
