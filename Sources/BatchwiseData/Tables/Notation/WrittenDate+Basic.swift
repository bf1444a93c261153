import Batchwise

// A date and a time without signs between the digits, as ISO 8601 calls basic: 20240301T123005Z.

extension WrittenDate {
    /// Passes the day, the T and the time of day without its zone; nil where the cell has another form.
    static func basic(_ cursor: inout CellCursor) -> (fields: Fields, seconds: Int)? {
        var ahead = cursor
        let day = ahead.digits(atMost: 8)
        guard day.count == 8, ahead.passes("T") else { return nil }
        let time = ahead.digits(atMost: 6)
        guard time.count == 6 || time.count == 4, !ahead.nextIsDigit else { return nil }
        let (minutes, second) = time.count == 6 ? (time.value / 100, time.value % 100) : (time.value, 0)
        guard minutes / 100 < 24, minutes % 100 < 60, second < 60 else { return nil }
        cursor = ahead
        let fields = Fields.digits((4, day.value / 10_000), (2, day.value / 100 % 100), (2, day.value % 100))
        return (fields, 3600 * (minutes / 100) + 60 * (minutes % 100) + second)
    }
}
