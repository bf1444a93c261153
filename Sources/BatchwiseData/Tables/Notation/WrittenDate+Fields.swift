import Batchwise

// The day, month and year of a date, and its time of day.

extension WrittenDate {
    static func fields(_ cursor: inout CellCursor) -> (Fields, UInt8)? {
        var word = cursor
        if !cursor.nextIsDigit, isWeekday(String(decoding: cursor.bytes[word.word()], as: UTF8.self)) {
            cursor = word
            while cursor.passes(",") || cursor.passes(".") || cursor.passesBlank() {}
        }
        guard cursor.nextIsDigit else { return monthFirst(&cursor) }
        let first = cursor.digits(atMost: 4)
        if first.count == 4, cursor.passes("-W") || cursor.passes("W") { return week(first.value, &cursor) }
        let separator = cursor.next ?? 0
        var isSeparated = cursor.passes("/") || cursor.passes("-") || cursor.passes(".")
        let isTight = cursor.nextIsDigit
        if !isTight || !isSeparated {
            _ =
                first.count < 3
                && (cursor.passes("st") || cursor.passes("nd") || cursor.passes("rd") || cursor.passes("th"))
            while cursor.passesBlank() { isSeparated = true }
            if cursor.passes("de ") { cursor.passBlanks() }
            return named(first, &cursor)
        }
        let second = cursor.digits(atMost: 4)
        guard cursor.next == separator else {
            // a month and a year
            if first.count == 4, second.count == 2, separator != UInt8(ascii: ".") {
                return (.month(year: first.value, month: second.value), separator)
            }
            guard first.count <= 2, second.count == 4, separator != UInt8(ascii: ".") else { return nil }
            return (.month(year: second.value, month: first.value), separator)
        }
        cursor.at += 1
        let third = cursor.digits(atMost: 4)
        guard (1...2).contains(second.count), [1, 2, 4].contains(third.count), [1, 2, 4].contains(first.count),
            first.count != 4 || third.count <= 2, !cursor.nextIsDigit
        else { return nil }
        return (.digits(first, second, third), separator)
    }

    /// A day or year, the name of a month, and the other of day and year.
    private static func named(_ first: Field, _ cursor: inout CellCursor) -> (Fields, UInt8)? {
        guard let month = monthName(&cursor) else { return nil }
        passBetween(&cursor)
        let last = cursor.digits(atMost: 4)
        guard !cursor.nextIsDigit, first.count == 4 || first.count <= 2 else { return nil }
        if first.count == 4 {
            return (1...2).contains(last.count) ? (.named(day: last.value, month: month, year: first), 0) : nil
        }
        guard last.count == 4 || last.count == 2 else { return nil }
        return (.named(day: first.value, month: month, year: last), 0)
    }

    /// The name of a month, and a day and a year or a year alone.
    private static func monthFirst(_ cursor: inout CellCursor) -> (Fields, UInt8)? {
        guard let month = monthName(&cursor) else { return nil }
        passBetween(&cursor)
        let first = cursor.digits(atMost: 4)
        if first.count == 4 { return (.month(year: first.value, month: month), 0) }
        guard (1...2).contains(first.count) else { return nil }
        _ = cursor.passes("st") || cursor.passes("nd") || cursor.passes("rd") || cursor.passes("th")
        passBetween(&cursor)
        let year = cursor.digits(atMost: 4)
        guard year.count == 4 else { return nil }
        return (.named(day: first.value, month: month, year: year), 0)
    }

    private static func passBetween(_ cursor: inout CellCursor) {
        while cursor.passes(".") || cursor.passes(",") || cursor.passes("-") || cursor.passes("/")
            || cursor.passesBlank()
        {}
        if cursor.passes("de ") { cursor.passBlanks() }
    }

    private static func week(_ year: Int, _ cursor: inout CellCursor) -> (Fields, UInt8)? {
        let week = cursor.digits(atMost: 2)
        guard week.count == 2 else { return nil }
        var day = 1
        if cursor.passes("-") {
            let written = cursor.digits(atMost: 1)
            guard written.count == 1 else { return nil }
            day = written.value
        }
        return (.week(year: year, week: week.value, day: day), UInt8(ascii: "W"))
    }

    /// Seconds since midnight: 0 where the cell has no time.
    static func time(_ cursor: inout CellCursor) -> Double? {
        if cursor.isAtEnd { return 0 }
        _ = cursor.passes(",")
        guard cursor.passes("T") || cursor.passesBlank() else { return nil }
        cursor.passBlanks()
        let hour = cursor.digits(atMost: 2)
        guard hour.count > 0, cursor.passes(":") || cursor.passes(".") || cursor.passes("h") else { return nil }
        let minute = cursor.digits(atMost: 2)
        guard minute.count == 2, minute.value < 60 else { return nil }
        var second = 0.0
        if cursor.passes(":") {
            let written = cursor.digits(atMost: 2)
            guard written.count == 2, written.value < 60 else { return nil }
            second = Double(written.value)
            if cursor.passes(".") || cursor.passes(",") {
                let places = cursor.digits()
                guard places.count > 0, !cursor.nextIsDigit else { return nil }
                var scale = 1.0
                for _ in 0..<places.count { scale *= 10 }
                second += Double(places.value) / scale
            }
        }
        var hours = hour.value
        var ahead = cursor
        ahead.passBlanks()
        if let half = half(&ahead) {
            guard (1...12).contains(hours) else { return nil }
            hours = hours % 12 + half
            cursor = ahead
        }
        guard hours < 24, let zone = zone(&cursor) else { return nil }
        return Double(3600 * hours + 60 * minute.value - zone) + second
    }

    /// The hours that AM or PM adds.
    private static func half(_ cursor: inout CellCursor) -> Int? {
        if cursor.passes("AM") || cursor.passes("am") || cursor.passes("a.m.") { return 0 }
        return cursor.passes("PM") || cursor.passes("pm") || cursor.passes("p.m.") ? 12 : nil
    }

    /// Seconds east of UTC.
    static func zone(_ cursor: inout CellCursor) -> Int? {
        cursor.passBlanks()
        if cursor.isAtEnd || cursor.passes("Z") || cursor.passes("UTC") || cursor.passes("GMT") { return 0 }
        let isEast = cursor.passes("+")
        guard isEast || cursor.passes("-") || cursor.passes("\u{2212}") else { return nil }
        let hours = cursor.digits(atMost: 2)
        guard hours.count == 2, hours.value < 24 else { return nil }
        let hasColon = cursor.passes(":")
        let minutes = cursor.digits(atMost: 2)
        guard minutes.count == 2 && minutes.value < 60 || minutes.count == 0 && !hasColon else { return nil }
        return (isEast ? 1 : -1) * (3600 * hours.value + 60 * minutes.value)
    }
}
