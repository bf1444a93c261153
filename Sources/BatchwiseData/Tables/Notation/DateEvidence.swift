import Batchwise

/// The evidence that the different texts of a column give of the order of day, month and year.
struct DateEvidence {
    /// The order of the fields of digits.
    enum Settled: Equatable {
        /// No text has fields whose order could be another.
        case any
        case certain(DataSource.DateOrder)
        /// All texts are dates in each of these orders.
        case doubtful([DataSource.DateOrder])
    }

    /// The cells that are dates in some order.
    private(set) var cells = 0
    /// For each order, the different texts that are dates in it.
    private var valid: [DataSource.DateOrder: Int] = [:]
    private var isUnordered = true
    private var hasLongYears = false
    /// The first text whose order the other texts must settle, the first year of two digits, and the sign between the
    /// fields.
    private(set) var orderedText: Int?
    private(set) var shortYearText: Int?
    private(set) var separator: UInt8 = 0
    /// Cells with a day, and cells of a month or week alone.
    private var days = 0
    /// Different texts that are a year and a month, and those among them whose month is the year after: 2008/09.
    private var months = (all: 0, seasons: 0)

    init(_ texts: ColumnTexts) {
        for text in 0..<texts.count where texts.counts[text] > 0 {
            texts.withBytes(text) { bytes in
                let count = texts.counts[text]
                if CSVDate.parse(bytes, bytes.indices) != nil {
                    cells += count
                    days += count
                    return
                }
                guard let date = WrittenDate(bytes) else { return }
                var isDate = false
                for order in DataSource.DateOrder.allCases where date.seconds(order) != nil {
                    valid[order, default: 0] += 1
                    isDate = true
                }
                guard isDate else { return }
                cells += count
                if date.hasDay { days += count }
                if case .month(let year, let month) = date.fields {
                    months.all += 1
                    if month == (year + 1) % 100 { months.seasons += 1 }
                }
                if date.hasShortYear, isEarlier(text, shortYearText, texts) { shortYearText = text }
                guard case .digits(let first, _, let third) = date.fields, first.count < 4 else { return }
                isUnordered = false
                if third.count == 4 { hasLongYears = true }
                separator = date.separator
                if isEarlier(text, orderedText, texts) { orderedText = text }
            }
        }
        if areSeasons { cells = 0 }
    }

    /// Whether the texts are seasons or business years from one year to the next, which are no months.
    private var areSeasons: Bool { months.all > 2 && months.seasons == months.all }

    private func isEarlier(_ text: Int, _ other: Int?, _ texts: ColumnTexts) -> Bool {
        other.map { texts.rows[text] < texts.rows[$0] } ?? true
    }

    /// Whether days and bare months stand beside each other.
    var isMixed: Bool { days > 0 && days < cells }

    var settled: Settled {
        if isUnordered { return .any }
        let orders = DataSource.DateOrder.allCases.filter { $0 != .yearFirst || !hasLongYears }
        let most = orders.map { valid[$0] ?? 0 }.max() ?? 0
        let best = orders.filter { valid[$0] ?? 0 == most }
        return best.count == 1 ? .certain(best[0]) : .doubtful(best)
    }

    /// The order that dates of doubtful order usually have.
    func usual(of orders: [DataSource.DateOrder]) -> DataSource.DateOrder {
        let usual: DataSource.DateOrder = separator == UInt8(ascii: "/") ? .monthFirst : .dayFirst
        return orders.contains(usual) ? usual : orders[0]
    }
}
