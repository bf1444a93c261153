// The names of months and weekdays in English, German, French, Spanish, Italian, Dutch and Portuguese.

private let months: [String: Int] = {
    let names = [
        "january jan januar jän januari janvier janv enero ene gennaio gen janeiro",
        "february feb februar februari février févr fév febrero febbraio fevereiro fev",
        "march mar märz mär mrz maart mrt mars marzo março",
        "april apr avril avr abril abr aprile",
        "may mai mei mayo maggio mag maio",
        "june jun juni juin junio giugno giu junho",
        "july jul juli juillet juil julio luglio lug julho",
        "august aug augustus août agosto ago",
        "september sep sept septembre septiembre settembre set setembro",
        "october oct oktober okt octobre octubre ottobre ott outubro out",
        "november nov novembre noviembre novembro",
        "december dec dezember dez décembre déc diciembre dic dicembre dezembro",
    ]
    var months: [String: Int] = [:]
    for (place, line) in names.enumerated() {
        for name in line.split(separator: " ") { months[String(name)] = place + 1 }
    }
    return months
}()

private let weekdays: Set<String> = [
    "mon", "monday", "tue", "tues", "tuesday", "wed", "wednesday", "thu", "thur", "thurs", "thursday", "fri", "friday",
    "sat", "saturday", "sun", "sunday", "mo", "montag", "di", "dienstag", "mi", "mittwoch", "do", "donnerstag", "fr",
    "freitag", "sa", "samstag", "so", "sonntag",
]

extension WrittenDate {
    /// Passes the name of a month.
    static func monthName(_ cursor: inout CellCursor) -> Int? {
        var after = cursor
        let word = after.word()
        guard (3...12).contains(word.count),
            let month = months[String(decoding: cursor.bytes[word], as: UTF8.self).lowercased()]
        else { return nil }
        cursor = after
        return month
    }

    static func isWeekday(_ word: String) -> Bool { word.utf8.count <= 10 && weekdays.contains(word.lowercased()) }
}
