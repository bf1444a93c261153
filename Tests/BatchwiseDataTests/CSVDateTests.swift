import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseData
@testable import Foundations

/// Dates as cells of tables; the seconds are those of Python 3.11's `datetime.fromisoformat`, in UTC.
@Suite struct CSVDateTests {
    private func parse(_ text: String) -> Double? {
        Array(text.utf8).withUnsafeBufferPointer { CSVDate.parse($0, 0..<$0.count) }
    }

    static let dates: [(String, Double)] = [
        ("1970-01-01", 0),
        ("2024-03-01", 1_709_251_200),
        ("2024-02-29", 1_709_164_800),
        ("2000-02-29", 951_782_400),
        ("1900-03-01", -2_203_891_200),
        ("1969-12-31", -86400),
        ("0001-01-01", -62_135_596_800),
        ("9999-12-31", 253_402_214_400),
        ("2024-03-01 12:30", 1_709_296_200),
        ("2024-03-01T12:30:05", 1_709_296_205),
        ("2024-03-01 12:30:05.125", 1709296205.125),
        ("2024-03-01T12:30:05Z", 1_709_296_205),
        ("2024-03-01T12:30:05+02:00", 1_709_289_005),
        ("2024-03-01T12:30-0530", 1_709_316_000),
        ("1969-12-31T23:59:59.5Z", -0.5),
        ("2024-12-31T23:59:59+14", 1_735_639_199),
        ("1582-10-15", -12_219_292_800),
        ("2100-02-28T00:00:01Z", 4_107_456_001),
    ]

    @Test(arguments: dates) func secondsAreThoseOfPython(text: String, expected: Double) {
        #expect(parse(text) == expected)
    }

    @Test(arguments: [
        "2024-3-1", "2024-13-01", "2024-00-01", "2024-02-30", "2023-02-29", "1900-02-29", "2024-04-31", "2024-03-01 ",
        "2024-03-01T", "2024-03-01T24:00", "2024-03-01T12", "2024-03-01T12:60", "2024-03-01T12:30:60", "20240301",
        "2024-03-01T12:30:", "2024-03-01T12:30:05.", "2024-03-01T12:30+", "2024-03-01T12:30+2", "2024-03-01T12:30+02:",
        "2024-03-01T12:30Zx", "2024/03/01", "01-03-2024", "-2024-03-01", "2024-03-01T12:30:05.1234567890", "abcd-ef-gh",
        "2024-03-0\u{661}",
    ])
    func whatIsNoDate(text: String) {
        #expect(parse(text) == nil)
    }

    @Test(arguments: [
        ("2024-03-01", "2024-03-01"), ("2024-02-29 23:59:59", "2024-02-29T23:59:59Z"), ("0001-01-01", "0001-01-01"),
        ("1969-12-31T12:00+02:00", "1969-12-31T10:00:00Z"), ("9999-12-31", "9999-12-31"), ("2000-12-31", "2000-12-31"),
    ])
    func datesAreWritten(text: String, expected: String) {
        #expect(parse(text).map(CSVDate.text) == expected)
    }

    @Test func aColumnOfDatesIsSeconds() throws {
        let column = try table("day,n\n,1\n1970-01-02,2\nNA,3\n1970-01-03 00:00:30,4\n").columns[0]
        guard case .numeric(let seconds) = column.values else {
            Issue.record("not numeric")
            return
        }
        #expect(column.isDate)
        #expect(seconds.map { $0.isNaN ? -1 : $0 } == [-1, 86_400, -1, 172_830])
    }

    /// Columns with a number, or anything else, among dates.
    @Test(arguments: ["2024", "soon", "2024-02-30"])
    func aColumnThatStopsBeingDatesIsText(other: String) throws {
        let days = (0..<1000).map { "2024-03-\($0 % 20 + 10),1\n" }.joined()
        let others = String(repeating: "\(other),2\n", count: 700)
        for text in ["day,n\n\(days)\(others)", "day,n\n\(others)\(days)"] {
            let column = try table(text, header: true).columns[0]
            guard case .categorical(let codes, let levels) = column.values else {
                Issue.record("not categorical")
                continue
            }
            #expect(!column.isDate && codes.count == 1700 && levels.count == 21)
            #expect(codes.count { levels[Int($0)] == "2024-03-11" } == 50)
            #expect(codes.count { levels[Int($0)] == other } == 700)
        }
    }

    @Test func aModelOfDatesReadsDates() throws {
        let rows = (10..<30).map { "2024-03-\($0),\($0 * $0)" }
        let file = try TemporaryFile("day,price\n" + rows.joined(separator: "\n"))
        var source = DataSource(train: file.path, target: "price", testFraction: 0)
        source.task = .regression
        let loaded = try source.load(seed: 1)
        let again = try loaded.preprocessing.load(newRows: file.path)
        #expect(features(again, row: 3) == features(loaded.train, row: 3))
        let numbers = try TemporaryFile("day,price\n5,1\n")
        let error = failure { () throws(DataError) in try loaded.preprocessing.load(newRows: numbers.path) }
        #expect(error == .notADate(file: numbers.path, line: 2, column: "day", found: "5"))
    }

    /// Dates of converted data may have been changed to any number.
    @Test(arguments: [1e19, -1e19, .infinity, -.infinity, .nan, 1e300, 253_402_300_800, -62_167_219_201])
    func secondsBeyondTheCalendarStayANumber(seconds: Double) {
        #expect(CSVDate.text(seconds) == "\(seconds) seconds after 1970")
    }

    @Test func theCalendarEndsWithItsLastSeconds() {
        #expect(CSVDate.text(253_402_300_799) == "9999-12-31T23:59:59Z")
        #expect(CSVDate.text(-62_167_219_200) == "0000-01-01")
    }

    @Test func descriptionsSayDates() throws {
        let file = try TemporaryFile("day\n2024-03-01\n2024-02-01T12:00\n\n2024-03-01\n")
        let column = try DataDescription(of: file.path, header: true).columns[0]
        #expect(column.content == .dates(earliest: 1_706_788_800, latest: 1_709_251_200, distinct: 2))
    }
}
