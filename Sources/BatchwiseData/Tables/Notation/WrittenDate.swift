import Batchwise

/// A date as a cell has it, cut into its fields, whose order the column decides.
struct WrittenDate {
    /// A number and how many digits it is written with.
    typealias Field = (count: Int, value: Int)

    enum Fields {
        /// Three numbers, such as 3/4/2024.
        case digits(Field, Field, Field)
        /// The name of the month stands in the date.
        case named(day: Int, month: Int, year: Field)
        case month(year: Int, month: Int)
        case week(year: Int, week: Int, day: Int)
    }

    let fields: Fields
    /// The sign between the fields.
    let separator: UInt8
    /// Seconds since midnight in UTC.
    let time: Double
    /// Whether the cell has a day.
    var hasDay: Bool {
        switch fields {
        case .digits, .named: true
        case .month, .week: false
        }
    }

    private static let longest = 48

    init?(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard bytes.count >= 6, bytes.count <= Self.longest, bytes.contains(where: { $0 &- 48 < 10 }) else {
            return nil
        }
        var cursor = CellCursor(bytes)
        cursor.passBlanks()
        cursor.trimEnd()
        if let (fields, seconds) = Self.basic(&cursor), let zone = Self.zone(&cursor), cursor.isAtEnd {
            (self.fields, separator, time) = (fields, 0, Double(seconds - zone))
            return
        }
        guard let (fields, separator) = Self.fields(&cursor) else { return nil }
        (self.fields, self.separator) = (fields, separator)
        guard let time = Self.time(&cursor), cursor.isAtEnd else { return nil }
        self.time = time
    }

    /// Seconds since the beginning of 1970 where the fields stand in this order; nil where they are no date then.
    func seconds(_ order: DataSource.DateOrder) -> Double? {
        let day: Int?
        switch fields {
        case .digits(let first, let second, let third):
            if first.count == 4 {
                day = CSVDate.day(year: first.value, month: second.value, day: third.value)
            } else if third.count == 4 || order != .yearFirst {
                let isDayFirst = order != .monthFirst
                day = CSVDate.day(
                    year: Self.year(third), month: isDayFirst ? second.value : first.value,
                    day: isDayFirst ? first.value : second.value)
            } else {
                day = CSVDate.day(year: Self.year(first), month: second.value, day: third.value)
            }
        case .named(let written, let month, let year):
            day = CSVDate.day(year: Self.year(year), month: month, day: written)
        case .month(let year, let month): day = CSVDate.day(year: year, month: month, day: 1)
        case .week(let year, let week, let weekday): day = CSVDate.day(year: year, week: week, weekday: weekday)
        }
        return day.map { Double(86_400 * $0) + time }
    }

    /// Whether the year has two digits.
    var hasShortYear: Bool {
        switch fields {
        case .digits(let first, _, let third): first.count < 4 && third.count < 4
        case .named(_, _, let year): year.count < 4
        case .month, .week: false
        }
    }

    /// Two digits are a year from 1969 to 2068, as in POSIX.
    private static func year(_ field: Field) -> Int {
        field.count > 2 ? field.value : field.value < 69 ? 2000 + field.value : 1900 + field.value
    }
}
