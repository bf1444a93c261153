import Batchwise

/// The way in which the dates of a column are written.
public struct DateNotation: Codable, Equatable, Sendable {
    /// The form of a date.
    public enum Form: String, Codable, Sendable {
        /// Fields with signs or names.
        case written
        /// Eight digits: 20240301.
        case compact
        /// Seven or eight digits: 1032024 and 13032024 of March 2024.
        case compactDayFirst = "compact-day-first"
        /// Fourteen digits: 20240301123005.
        case compactTime = "compact-time"
        /// Seconds since the beginning of 1970.
        case seconds
        /// Milliseconds since the beginning of 1970.
        case milliseconds
        /// Microseconds since the beginning of 1970.
        case microseconds
    }

    /// The order of fields of digits.
    public var order: DataSource.DateOrder
    /// The form of all dates.
    public var form: Form
    /// Texts that stand for no value.
    public var missing: [String]

    /// Dates of this form.
    public init(order: DataSource.DateOrder = .dayFirst, form: Form = .written, missing: [String] = []) {
        self.order = order
        self.form = form
        self.missing = missing
    }

    /// A cell as seconds since the beginning of 1970.
    func seconds(_ bytes: UnsafeBufferPointer<UInt8>) -> Double? {
        if let seconds = CSVDate.parse(bytes, bytes.indices) { return seconds }
        guard form == .written else { return CSVNumber.parse(bytes, bytes.indices).flatMap { seconds($0) } }
        return WrittenDate(bytes)?.seconds(order)
    }

    /// A number of a column of this form as seconds since the beginning of 1970.
    func seconds(_ number: Double) -> Double? {
        guard number.isFinite else { return nil }
        switch form {
        case .written: return nil
        case .seconds: return number
        case .milliseconds: return number / 1000
        case .microseconds: return number / 1_000_000
        case .compact:
            guard let digits = Int(exactly: number), (10_000_101...99_991_231).contains(digits) else { return nil }
            return Self.seconds(year: digits / 10_000, month: digits / 100 % 100, day: digits % 100)
        case .compactDayFirst:
            guard let digits = Int(exactly: number), (1_010_001...31_129_999).contains(digits) else { return nil }
            return Self.seconds(year: digits % 10_000, month: digits / 10_000 % 100, day: digits / 1_000_000)
        case .compactTime:
            guard let digits = Int(exactly: number), (10_000_101_000_000..<100_000_000_000_000).contains(digits),
                let day = DateNotation(form: .compact).seconds(Double(digits / 1_000_000)),
                digits / 10_000 % 100 < 24, digits / 100 % 100 < 60, digits % 100 < 60
            else { return nil }
            return day + Double(3600 * (digits / 10_000 % 100) + 60 * (digits / 100 % 100) + digits % 100)
        }
    }

    private static func seconds(year: Int, month: Int, day: Int) -> Double? {
        CSVDate.day(year: year, month: month, day: day).map { Double(86_400 * $0) }
    }
}

/// The forms that the dates of a column of numbers can have, where its name says that it has dates.
struct DateForms {
    private var forms: [DateNotation.Form]
    private var isEmpty = true

    init(name: String) { forms = NameWords.sayDate(name) ? Self.all : [] }

    private static let all: [DateNotation.Form] = [
        .compact, .compactDayFirst, .compactTime, .seconds, .milliseconds, .microseconds,
    ]

    mutating func add(_ numbers: some Sequence<Double>) {
        guard !forms.isEmpty else { return }
        for number in numbers where !number.isNaN {
            isEmpty = false
            forms.removeAll { !Self.isPlausible(number, $0) }
            if forms.isEmpty { return }
        }
    }

    /// The form that all numbers have; nil where they are no dates.
    var form: DateNotation.Form? { isEmpty ? nil : forms.first }

    private static func isPlausible(_ number: Double, _ form: DateNotation.Form) -> Bool {
        switch form {
        case .written: false
        case .compact: (18_000_101...22_001_231).contains(number) && DateNotation(form: .compact).seconds(number) != nil
        case .compactDayFirst:
            (1800...2200).contains(number.truncatingRemainder(dividingBy: 10_000))
                && DateNotation(form: form).seconds(number) != nil
        case .compactTime:
            (18_000_101_000_000...22_001_231_235_959).contains(number)
                && DateNotation(form: form).seconds(number) != nil
        // 1980 to 2050
        case .seconds: (315_532_800..<2_524_608_000).contains(number)
        case .milliseconds: (315_532_800_000..<2_524_608_000_000).contains(number)
        case .microseconds: (315_532_800_000_000..<2_524_608_000_000_000).contains(number)
        }
    }
}

/// The words of a column's name.
enum NameWords {
    private static let dates: Set<String> = [
        "date", "dates", "datetime", "timestamp", "time", "ts", "epoch", "datum", "fecha", "data", "dato", "day", "dt",
        "created", "updated", "when", "zeit", "zeitstempel", "heure", "hora", "unixtime", "unix",
    ]

    /// Whether a column's name says that it holds dates or times.
    static func sayDate(_ name: String) -> Bool {
        var words: [String] = [""]
        var wasLower = false
        for scalar in name.unicodeScalars {
            guard scalar.properties.isAlphabetic else {
                words.append("")
                wasLower = false
                continue
            }
            if scalar.properties.isUppercase, wasLower { words.append("") }
            wasLower = scalar.properties.isLowercase
            words[words.count - 1].unicodeScalars.append(scalar)
        }
        return words.contains { dates.contains($0.lowercased()) }
    }
}
