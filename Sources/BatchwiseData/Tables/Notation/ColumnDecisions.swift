import Batchwise
import Foundations

/// Decides the meaning of the columns of a table, each from all its different texts; other columns of the table settle
/// doubts.
struct ColumnDecisions {
    /// The place of a row: its file, and its line in a text or its number.
    typealias Locate = (_ row: Int) -> (file: String, line: Int, words: String)

    let file: String
    let locate: Locate
    private(set) var columns: [OpenColumn]
    let said: SaidNotation
    private var numbers: [NumberEvidence?]
    private var dates: [DateEvidence?]
    var notices: ColumnNotices

    init(_ columns: [OpenColumn], said: SaidNotation, file: String, locate: @escaping Locate) {
        self.columns = columns
        self.said = said
        self.file = file
        self.locate = locate
        numbers = columns.map { column in column.isOpen ? column.texts.map { NumberEvidence($0) } : nil }
        dates = columns.map { column in column.isOpen ? column.texts.map { DateEvidence($0) } : nil }
        notices = ColumnNotices(file: file)
    }

    /// The columns of plain numbers that must be read as texts, because their points may group digits: none where
    /// another column, the recipe or the model says that points are decimal signs.
    var unsettledPoints: [Int] {
        let inFile = fileDecimal
        return columns.indices.filter { place in
            let column = columns[place]
            guard column.points == .doubtful, column.texts == nil else { return false }
            let own = column.isFromModel ? column.storedNumbers?.decimal ?? .point : nil
            return said.decimal ?? inFile ?? own != .point
        }
    }

    /// Takes the texts of columns of numbers that have been read once more.
    mutating func setTexts(_ texts: ColumnTexts, of place: Int) {
        columns[place].texts = texts
        (numbers[place], dates[place]) = (NumberEvidence(texts), DateEvidence(texts))
    }

    /// The decimal sign that columns of the file surely have, or that its container writes; nil where none has one, or
    /// they differ.
    private var fileDecimal: DecimalSign? {
        var found: Set<DecimalSign> = said.hasTypedNumbers ? [.point] : []
        guard !said.isPart else { return found.first }
        for (place, column) in columns.enumerated() {
            if column.points == .decimal { found.insert(.point) }
            guard let evidence = numbers[place], let texts = column.texts, 2 * evidence.cells > texts.cellCount,
                case .certain(let sign) = evidence.settled
            else { continue }
            found.insert(sign)
        }
        return found.count == 1 ? found.first : nil
    }

    private var fileOrder: DataSource.DateOrder? {
        guard !said.isPart else { return nil }
        var found: Set<DataSource.DateOrder> = []
        for (place, column) in columns.enumerated() {
            guard let evidence = dates[place], let texts = column.texts, 2 * evidence.cells > texts.cellCount,
                case .certain(let order) = evidence.settled
            else { continue }
            found.insert(order)
        }
        return found.count == 1 ? found.first : nil
    }

    /// The meaning of every column of texts; nil for other columns.
    mutating func meanings() throws(DataError) -> [ColumnMeaning?] {
        var meanings: [ColumnMeaning?] = []
        let (decimal, order) = (fileDecimal, fileOrder)
        for place in columns.indices {
            guard columns[place].isOpen, let texts = columns[place].texts else {
                meanings.append(nil)
                continue
            }
            meanings.append(try meaning(place, texts, decimal, order))
        }
        return meanings
    }

    private mutating func meaning(
        _ place: Int, _ texts: ColumnTexts, _ fileDecimal: DecimalSign?, _ fileOrder: DataSource.DateOrder?
    ) throws(DataError) -> ColumnMeaning {
        var column = columns[place]
        guard let numbers = numbers[place], let dates = dates[place] else { return .texts }
        let wantsDates = column.kind == .date || dates.cells > numbers.cells
        if column.kind == .date, dates.cells == 0, column.stored == nil, let form = form(texts) {
            column.stored = .dates(DateNotation(form: form))
        }
        if wantsDates, dates.cells > 0 || column.kind == .date {
            let reading = DateReading(dates, texts, column, said: said.dates, file: fileOrder)
            if let meaning = try accepted(reading.cells, column, texts, isDate: true) {
                reading.note(&notices, column, texts, self)
                return .dates(reading.notation(missing: meaning.missing), values: meaning.values)
            }
            return .texts
        }
        let reading = NumberReading(numbers, texts, column, said: said.decimal, file: fileDecimal)
        if column.kind == .either, let text = reading.beyondDouble {
            notices.add(
                .numbers, column.name,
                "has whole numbers beyond 2^53, first in \(words(text, texts)); all of it is text, so that no two of them "
                    + "become one (data.columns: {\(escaped(column.name, limit: 60)): standardise} rounds them)")
            return .texts
        }
        if let meaning = try accepted(reading.cells, column, texts, isDate: false) {
            reading.note(&notices, column, texts, self)
            return .numbers(reading.notation(missing: meaning.missing), values: meaning.values)
        }
        reading.noteUnits(&notices, column, texts, self)
        return .texts
    }

    /// The form of dates that are written as numbers, in a column that the recipe says is dates.
    private func form(_ texts: ColumnTexts) -> DateNotation.Form? {
        var forms = DateForms(name: "date")
        for text in 0..<texts.count where texts.counts[text] > 0 {
            texts.withBytes(text) { bytes in
                if !MissingWords.isMark(bytes) { forms.add([CSVNumber.parse(bytes, bytes.indices) ?? 0]) }
            }
        }
        return forms.form
    }

    /// "line 3", where a text stands first.
    func words(_ text: Int, _ texts: ColumnTexts) -> String { locate(texts.rows[text]).words }
}
