import Foundation
import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseData
@testable import Foundations

/// Dates as people write them; the seconds are those of Python 3.11's `datetime`, in UTC.
@Suite struct DateNotationTests {
    private func seconds(_ text: String, _ order: DataSource.DateOrder = .dayFirst) -> Double? {
        Array(text.utf8).withUnsafeBufferPointer { DateNotation(order: order).seconds($0) }
    }

    @Test(
        arguments: [
            ("13.01.2021", .dayFirst, 1_610_496_000),
            ("1/2/2021", .dayFirst, 1_612_137_600),
            ("1/2/2021", .monthFirst, 1_609_545_600),
            ("2021/03/04", .dayFirst, 1_614_816_000),
            ("13-Jan-2021", .dayFirst, 1_610_496_000),
            ("3 Mar 2024", .dayFirst, 1_709_424_000),
            ("Mar 3, 2024", .dayFirst, 1_709_424_000),
            ("March 3rd, 2024", .dayFirst, 1_709_424_000),
            ("3. März 2024", .dayFirst, 1_709_424_000),
            ("3 de marzo de 2024", .dayFirst, 1_709_424_000),
            ("Monday, 4 March 2024", .dayFirst, 1_709_510_400),
            ("4 mars 2024", .dayFirst, 1_709_510_400),
            ("2024-03", .dayFirst, 1_709_251_200),
            ("03/2024", .dayFirst, 1_709_251_200),
            ("Mar 2024", .dayFirst, 1_709_251_200),
            ("2024-W09", .dayFirst, 1_708_905_600),
            ("2020-W53-7", .dayFirst, 1_609_632_000),
            ("01/02/99", .monthFirst, 915_235_200),
            ("21-03-14", .yearFirst, 1_615_680_000),
            ("29/02/2024 13:05", .dayFirst, 1_709_211_900),
            ("2/28/2024 1:05:09 PM", .monthFirst, 1_709_125_509),
            ("2/28/2024 12:05 AM", .monthFirst, 1_709_078_700),
            ("28.02.2024, 23:59:59", .dayFirst, 1_709_164_799),
            ("2024/02/28T10:00:00+02:00", .dayFirst, 1_709_107_200),
            ("1900/03/01", .dayFirst, -2_203_891_200),
            ("20240228T235959Z", .dayFirst, 1_709_164_799),
            ("20240228T1000+0200", .dayFirst, 1_709_107_200),
        ] as [(String, DataSource.DateOrder, Double)])
    func secondsAreThoseOfPython(text: String, order: DataSource.DateOrder, expected: Double) {
        #expect(seconds(text, order) == expected, "\(text)")
    }

    @Test(arguments: [
        "", "13", "13.1", "1.2.3", "192.168.1.1", "32/01/2021", "13/13/2021", "29/02/2023", "2021/13/01", "3 Foo 2024",
        "March", "2024-W54", "2023-W53", "2024-W00", "1/2/2021 25:00", "1/2/2021 13:00 PM", "1/2/2021 1:60", "12:30",
        "1-2/2021", "may be", "3 Mar", "20240301", "20240230T101010Z", "20240228T2460", "1/2/20211", "11/22", "2021-3",
    ])
    func whatIsNoDate(text: String) {
        #expect(seconds(text) == nil, "\(text)")
    }

    @Test func thirteenSettlesTheOrder() throws {
        for (cells, expected) in [
            (["01/02/2021", "13/02/2021"], [1_612_137_600.0, 1_613_174_400]),
            (["02/01/2021", "02/13/2021"], [1_612_137_600, 1_613_174_400]),
            (["01.02.2021", "13.02.2021"], [1_612_137_600, 1_613_174_400]),
        ] {
            let found = try table("when,y\n" + cells.map { "\($0),1\n" }.joined(), header: true)
            #expect(found.columns[0].values == .numeric(expected) && found.columns[0].isDate && found.notices == [])
        }
    }

    @Test func aDoubtfulOrderIsNoticed() throws {
        let found = try table("when,y\n01/02/2021,1\n03/04/2021,2\n", header: true)
        #expect(found.columns[0].values == .numeric([1_609_545_600, 1_614_816_000]))
        #expect(found.notices.count == 1 && found.notices[0].contains("\"01/02/2021\" in line 2"))
        #expect(found.notices[0].contains("data.dates: day-first"))
        let settled = try table("a,b\n01/02/2021,13/01/2021\n03/04/2021,14/01/2021\n", header: true)
        #expect(settled.columns[0].values == .numeric([1_612_137_600, 1_617_408_000]) && settled.notices == [])
    }

    @Test func twoDigitYearsAreNoticed() throws {
        let found = try table("when,y\n13/01/99,1\n14/02/05,2\n", header: true)
        #expect(found.columns[0].values == .numeric([916_185_600, 1_108_339_200]))
        #expect(found.notices.count == 1 && found.notices[0].contains("1999-01-13"))
    }

    @Test func aRecipeSettlesTheOrder() throws {
        let rows = (1...12).map { "0\($0 % 9 + 1)/0\($0 % 5 + 1)/2021,\($0 * $0).5\n" }.joined()
        let file = try TemporaryFile("when,price\n" + rows)
        var source = DataSource(train: file.path, target: "price", testFraction: 0)
        let doubtful = try source.load(seed: 1)
        #expect(doubtful.notices.contains { $0.contains("data.dates: day-first") })
        source.columns.dates = .dayFirst
        let settled = try source.load(seed: 1)
        #expect(!settled.notices.contains { $0.contains("data.dates") })
        #expect(features(settled.train, row: 0) != features(doubtful.train, row: 0))
        // new rows whose order is in doubt are read as training was
        let new = try TemporaryFile("when\n02/02/2021\n02/03/2021\n")
        let again = try settled.preprocessing.load(newRows: new.path)
        #expect(features(again, row: 0) == features(settled.train, row: 0))
    }

    @Test func numbersAreDatesWhereTheirNameSaysSo() throws {
        let compact = try table("date,n\n20240301,1\n20240302,2\n", header: true)
        #expect(compact.columns[0].values == .numeric([1_709_251_200, 1_709_337_600]) && compact.columns[0].isDate)
        #expect(compact.notices.count == 1)
        #expect(try !table("id,n\n20240301,1\n20240302,2\n", header: true).columns[0].isDate)
        #expect(try !table("date,n\n20240301,1\n20241302,2\n", header: true).columns[0].isDate)
        let epoch = try table("createdAt,n\n1709251200,1\n1709337600,2\n", header: true)
        #expect(epoch.columns[0].values == .numeric([1_709_251_200, 1_709_337_600]) && epoch.columns[0].isDate)
        let micros = try table("timestamp,n\n1709251200000000,1\n1709337600000000,2\n", header: true)
        #expect(micros.columns[0].values == .numeric([1_709_251_200, 1_709_337_600]))
        let times = try table("time,n\n20240301123005,1\n20240302000000,2\n", header: true)
        #expect(times.columns[0].values == .numeric([1_709_296_205, 1_709_337_600]) && times.columns[0].isDate)
        let dayFirst = try table("date,n\n01032024,1\n13032024,2\n", header: true)
        #expect(dayFirst.columns[0].values == .numeric([1_709_251_200, 1_710_288_000]) && dayFirst.columns[0].isDate)
        #expect(dayFirst.notices.count == 1, "\(dayFirst.notices)")
        let millis = try table("timestamp,n\n1709251200000,1\n1709337600000,2\n", header: true)
        #expect(millis.columns[0].values == .numeric([1_709_251_200, 1_709_337_600]))
    }

    /// Seasons and business years look like months.
    @Test func seasonsAreNoMonths() throws {
        for sign in ["/", "-"] {
            let seasons = (1...9).map { "200\($0)\(sign)\($0 < 9 ? "0" : "")\($0 + 1),\($0)\n" }.joined()
            #expect(try !table("season,n\n\(seasons)", header: true).columns[0].isDate)
            let months = (1...9).map { "2001\(sign)0\($0),\($0)\n" }.joined()
            #expect(try table("month,n\n\(months)", header: true).columns[0].isDate)
        }
    }

    @Test func anISODateBesideOthersIsADate() throws {
        let found = try table("when,y\n2021-02-01,1\n13.02.2021,2\n", header: true)
        #expect(found.columns[0].values == .numeric([1_612_137_600, 1_613_174_400]) && found.columns[0].isDate)
    }

    // MARK: Features

    /// The places are those of Python: 2024-03-01 was a Friday, and 12:00 is the middle of a day.
    @Test func cyclesOfADate() {
        #expect(DateCycle.week.phase(1_709_251_200) == 4.0 / 7)
        #expect(DateCycle.day.phase(1_709_251_200 + 43_200) == 0.5)
        #expect(abs(DateCycle.year.phase(1_709_251_200) - 60.0 / 365.2425) < 0.004)
        #expect(DateCycle.week.phase(-86_400) == 2.0 / 7 && DateCycle.day.phase(-1) == 86_399.0 / 86_400)
    }

    @Test func datesBecomeCycles() throws {
        let rows = (0..<800).map { day in
            "\(CSVDate.text(Double(1_600_000_000 / 86_400 * 86_400 + day * 86_400))),\(day % 7)"
        }
        let file = try TemporaryFile("when,sales\n" + rows.joined(separator: "\n"))
        var source = DataSource(train: file.path, target: "sales", testFraction: 0)
        source.task = .regression
        #expect(try source.load(seed: 1).train.featureCount == 1)
        source.columns.rules = ["when": ColumnRule(.date)]
        let loaded = try source.load(seed: 1)
        // the year and the week, but no time of day
        #expect(loaded.train.featureCount == 5)
        let found = features(loaded.train, row: 8)
        let week = features(loaded.train, row: 1)
        #expect(found[3] == week[3] && found[4] == week[4] && found[1] != week[1])
        #expect(abs(found[3] * found[3] + found[4] * found[4] - 1) < 1e-6)
        let encoded = try JSONEncoder().encode(loaded.preprocessing)
        #expect(try JSONDecoder().decode(Preprocessing.self, from: encoded) == loaded.preprocessing)
    }
}
