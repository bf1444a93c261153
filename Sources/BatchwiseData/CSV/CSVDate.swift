import Batchwise

/// Dates and times in cells, by ISO 8601: `2024-03-01`, `2024-03-01 12:30`, `2024-03-01T12:30:05.123+02:00`.
package enum CSVDate {
    /// A cell as seconds since the beginning of 1970, or nil where it is no date. Without a zone a time is UTC.
    static func parse(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Double? {
        // a cell whose fifth byte is no hyphen is no date; most texts end here
        guard range.count >= 10, bytes[range.lowerBound + 4] == UInt8(ascii: "-") else { return nil }
        var cursor = Cursor(bytes: bytes, at: range.lowerBound, end: range.upperBound)
        guard let year = cursor.number(digits: 4, in: 0...9999), cursor.passes("-"),
            let month = cursor.number(digits: 2, in: 1...12), cursor.passes("-"),
            let day = cursor.number(digits: 2, in: 1...length(ofMonth: month, year))
        else { return nil }
        let midnight = 86_400 * (days(before: month, year) + day - 1)
        if cursor.isAtEnd { return Double(midnight) }

        guard cursor.passes("T") || cursor.passes(" "), let hour = cursor.number(digits: 2, in: 0...23),
            cursor.passes(":"), let minute = cursor.number(digits: 2, in: 0...59)
        else { return nil }
        var (second, fraction) = (0, 0.0)
        if cursor.passes(":") {
            guard let written = cursor.number(digits: 2, in: 0...59) else { return nil }
            second = written
            if cursor.passes(".") {
                guard let written = cursor.fraction() else { return nil }
                fraction = written
            }
        }
        guard let zone = cursor.zone(), cursor.isAtEnd else { return nil }
        return Double(midnight + 3600 * hour + 60 * minute + second - zone) + fraction
    }

    /// Seconds since the beginning of 1970 as a date, with the time of day in UTC where it is not midnight. Seconds before
    /// the year 0 or after the year 9999, which no cell can hold, stay a number.
    package static func text(_ seconds: Double) -> String {
        guard calendar.contains(seconds) else { return "\(seconds) seconds after 1970" }
        let whole = Int(seconds.rounded(.down))
        let day = whole >= 0 ? whole / 86_400 : (whole - 86_399) / 86_400
        // a year is at least 365 days, so the search goes back a few times
        var year = 1970 + day / 365 + 1
        while days(before: 1, year) > day { year -= 1 }
        var month = 12
        while days(before: month, year) > day { month -= 1 }
        func padded(_ number: Int, _ digits: Int) -> String {
            String(repeating: "0", count: max(0, digits - String(number).count)) + String(number)
        }
        let date = "\(padded(year, 4))-\(padded(month, 2))-\(padded(day - days(before: month, year) + 1, 2))"
        let time = whole - 86_400 * day
        guard time != 0 else { return date }
        return "\(date)T\(padded(time / 3600, 2)):\(padded(time / 60 % 60, 2)):\(padded(time % 60, 2))Z"
    }

    /// The seconds of the years 0 to 9999.
    static let calendar = Double(86_400 * days(before: 1, 0))..<Double(86_400 * days(before: 1, 10_000))

    /// The days from 1970 to a day of the calendar; nil where it has no such day.
    static func day(year: Int, month: Int, day: Int) -> Int? {
        guard (0...9999).contains(year), (1...12).contains(month), (1...length(ofMonth: month, year)).contains(day)
        else {
            return nil
        }
        return days(before: month, year) + day - 1
    }

    /// The days from 1970 to a day of a week by ISO 8601, whose first week has the first Thursday; nil where the year
    /// has no such week.
    static func day(year: Int, week: Int, weekday: Int) -> Int? {
        guard (1...9998).contains(year), (1...53).contains(week), (1...7).contains(weekday) else { return nil }
        func start(_ year: Int) -> Int {
            let fourth = days(before: 1, year) + 3
            return fourth - Self.weekday(fourth)
        }
        let day = start(year) + 7 * (week - 1) + weekday - 1
        return start(year) + 7 * (week - 1) < start(year + 1) ? day : nil
    }

    /// The weekday of a day counted from 1970, 0 for Monday.
    static func weekday(_ day: Int) -> Int { ((day + 3) % 7 + 7) % 7 }

    /// The days from 1970 to the first of a month, negative for earlier ones.
    private static func days(before month: Int, _ year: Int) -> Int {
        // whole years since year 0, which is a leap year, and the leap days among them
        let leaps = year == 0 ? 0 : (year - 1) / 4 - (year - 1) / 100 + (year - 1) / 400 + 1
        let months = (1..<month).reduce(0) { $0 + length(ofMonth: $1, year) }
        return 365 * year + leaps + months - 719_528
    }

    private static func length(ofMonth month: Int, _ year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// A reader of the bytes of a cell.
    private struct Cursor {
        let bytes: UnsafeBufferPointer<UInt8>
        var at: Int
        let end: Int

        var isAtEnd: Bool { at == end }

        mutating func passes(_ character: Unicode.Scalar) -> Bool {
            guard at < end, bytes[at] == UInt8(ascii: character) else { return false }
            at += 1
            return true
        }

        mutating func number(digits: Int, in range: ClosedRange<Int>) -> Int? {
            guard at + digits <= end else { return nil }
            var value = 0
            for _ in 0..<digits {
                let digit = bytes[at] &- UInt8(ascii: "0")
                guard digit < 10 else { return nil }
                value = 10 * value + Int(digit)
                at += 1
            }
            return range.contains(value) ? value : nil
        }

        /// At most nine digits behind the point.
        mutating func fraction() -> Double? {
            var (value, scale) = (0.0, 1.0)
            while at < end, scale < 1e9, let digit = number(digits: 1, in: 0...9) {
                value = 10 * value + Double(digit)
                scale *= 10
            }
            return scale > 1 ? value / scale : nil
        }

        /// Seconds east of UTC: nothing or `Z` is 0, else `+02:00`, `+0200` or `+02`.
        mutating func zone() -> Int? {
            if isAtEnd || passes("Z") { return 0 }
            let isEast = passes("+")
            guard isEast || passes("-"), let hours = number(digits: 2, in: 0...23) else { return nil }
            let hasColon = passes(":")
            guard let minutes = isAtEnd && !hasColon ? 0 : number(digits: 2, in: 0...59) else { return nil }
            return (isEast ? 1 : -1) * (3600 * hours + 60 * minutes)
        }
    }
}
