import Batchwise
import Foundations

/// The texts of a column read as dates, with the order of their fields that evidence or else a setting gives them.
struct DateReading {
    private(set) var cells: ReadCells
    private let evidence: DateEvidence
    private let form: DateNotation.Form
    private let order: DataSource.DateOrder
    private let isDoubtful: Bool

    init(
        _ evidence: DateEvidence, _ texts: ColumnTexts, _ column: OpenColumn, said: DataSource.DateOrder?,
        file: DataSource.DateOrder?
    ) {
        self.evidence = evidence
        let stored = column.storedDates
        form = stored?.form ?? .written
        switch evidence.settled {
        case .any: (order, isDoubtful) = (said ?? file ?? stored?.order ?? .dayFirst, false)
        case .certain(let found): (order, isDoubtful) = (found, false)
        case .doubtful(let orders):
            // what the file shows of itself counts before the file that a model was trained with
            let known = [said, file, stored?.order].compactMap { $0 }.first { orders.contains($0) }
            (order, isDoubtful) = (known ?? evidence.usual(of: orders), known == nil)
        }
        let notation = DateNotation(order: order, form: form)
        let missing = Set(stored?.missing ?? [])
        // dates without a day are no neighbours of days
        let isMixed = evidence.isMixed && column.kind == .either
        var values: [Double?] = []
        var areMarks: [Bool] = []
        for text in 0..<texts.count {
            texts.withBytes(text) { bytes in
                areMarks.append(
                    MissingWords.isMark(bytes)
                        || !missing.isEmpty && missing.contains(String(decoding: bytes, as: UTF8.self)))
                var seconds = notation.seconds(bytes)
                if isMixed, seconds != nil, CSVDate.parse(bytes, bytes.indices) == nil,
                    WrittenDate(bytes)?.hasDay == false
                {
                    seconds = nil
                }
                values.append(seconds)
            }
        }
        cells = ReadCells(values: values, areMarks: areMarks)
    }

    func notation(missing: [String]) -> DateNotation { DateNotation(order: order, form: form, missing: missing) }

    /// Notes the guesses.
    func note(
        _ notices: inout ColumnNotices, _ column: OpenColumn, _ texts: ColumnTexts, _ decisions: ColumnDecisions
    ) {
        if isDoubtful, let text = evidence.orderedText, let seconds = cells.values[text].flatMap({ $0 }) {
            notices.add(
                .order, column.name,
                "has \"\(escaped(texts.text(text), limit: 30))\" in \(decisions.words(text, texts)), read as "
                    + "\(CSVDate.text(seconds)): nothing in the file settles the order of day and month; "
                    + "data.dates: \(order == .dayFirst ? "month-first" : "day-first") in the recipe reads it the other way"
            )
        }
        if let text = evidence.shortYearText, let seconds = cells.values[text].flatMap({ $0 }), !column.isFromModel {
            notices.add(
                .years, column.name,
                "has years of two digits, which are those from 1969 to 2068: \"\(escaped(texts.text(text), limit: 30))\" "
                    + "in \(decisions.words(text, texts)) is \(CSVDate.text(seconds))")
        }
    }
}
