import Foundation
import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseData
@testable import Foundations

@Suite struct ColumnRuleTests {
    private static let people = """
        age,income,city,grade,zip,y
        20,0,Rome,low,1000,1.5
        30,9,Oslo,high,2000,2
        ,99,Rome,mid,1000,3
        50,999,,low,3000,4

        """

    /// The features of the columns that have these rules; all other columns but y are ignored.
    private func load(
        _ rules: [String: ColumnRule], text: String = Self.people, _ change: (inout DataSource) -> Void = { _ in }
    ) throws(DataError) -> LoadedData {
        guard let file = try? TemporaryFile(text) else { throw .noExamples }
        var source = DataSource(train: file.path, target: "y", testFraction: 0, columns: rules)
        for name in ["age", "income", "city", "grade", "zip"] where rules[name] == nil {
            source.columns.rules[name] = ColumnRule(.ignore)
        }
        change(&source)
        return try source.load(seed: 1)
    }

    private func isNear(_ found: [Float], _ expected: [Double]) -> Bool {
        found.count == expected.count
            && zip(found, expected).allSatisfy { abs(Double($0) - $1) < 1e-6 * max(1, abs($1)) }
    }

    private func column(_ loaded: LoadedData) -> [Float] {
        (0..<loaded.train.count).flatMap { features(loaded.train, row: $0) }
    }

    @Test func numbers() throws {
        // 20, 30 and 50; the missing one counts as their mean, 100 / 3; the second feature says where it is missing.
        let range = try load(["age": ColumnRule(.minMax)])
        #expect(isNear(column(range), [0, 0, 1.0 / 3, 0, 4.0 / 9, 1, 1, 0]))
        let plain = try load(["age": ColumnRule(.asIs)])
        #expect(isNear(column(plain), [20, 0, 30, 0, 100.0 / 3, 1, 50, 0]))
        // log(1), log(10), log(100), log(1000): -1.5, -0.5, 0.5 and 1.5 over sqrt(1.25).
        let logarithms = try load(["income": ColumnRule(.log)])
        #expect(
            isNear(
                column(logarithms), [-1.3416407864998738, -0.4472135954999579, 0.4472135954999579, 1.3416407864998738]))
        // The rule standardises numbers even where the data section does not: (20 - 100 / 3) / sqrt(1400 / 9) and so
        // on.
        let usual = try load(["age": ColumnRule(.standardise)]) { $0.standardise = false }
        #expect(isNear(column(usual), [-1.0690449676496976, 0, -0.2672612419124244, 0, 0, 1, 1.3363062095621219, 0]))
    }

    @Test func texts() throws {
        // Places 0, 2, 1 and 0: mean 0.75, deviation sqrt(0.6875).
        let order = try load(["grade": ColumnRule(.ordinal(["low", "mid", "high"]))])
        #expect(
            isNear(column(order), [-0.9045340337332909, 1.507556722888818, 0.30151134457776363, -0.9045340337332909]))
        // Without an order, the places are those of high, low, mid.
        let sorted = try load(["grade": ColumnRule(.ordinal(nil))]) { $0.standardise = false }
        #expect(column(sorted) == [1, 0, 2, 1])
        // FNV-1a in Python: Rome goes to 0 of 4 and Oslo to 2.
        let hashed = try load(["city": ColumnRule(.hash(features: 4))])
        #expect(column(hashed) == [1, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0])
        let codes = try load(["zip": ColumnRule(.oneHot)])
        #expect(column(codes) == [1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1])
    }

    @Test func numbersInOrderAreNotTexts() throws {
        let text = "age,y\n9,1.5\n10,2\n100,3\n9,4\n"
        func change(_ source: inout DataSource) {
            source.columns.rules = ["age": ColumnRule(.ordinal(nil))]
            source.standardise = false
        }
        #expect(column(try load([:], text: text, change)) == [0, 1, 2, 0])
    }

    @Test func missingValuesCanBeTheMostFrequent() throws {
        // 3 and 5 are as frequent: the smaller one counts.
        let text = "age,city,grade,y\n5,b,low,1.5\n3,a,high,2\n,,,3\n5,b,low,4\n3,,low,5\n"
        func rows(_ name: String, _ kind: ColumnRule.Kind) throws -> [Float] {
            let rule = ColumnRule(kind, missing: .mostFrequent)
            return column(
                try load([:], text: text) {
                    $0.columns.rules = ["age": .init(.ignore), "city": .init(.ignore), "grade": .init(.ignore)]
                    $0.columns.rules[name] = rule
                })
        }
        #expect(try rows("age", .asIs) == [5, 0, 3, 0, 3, 1, 5, 0, 3, 0])
        #expect(try rows("city", .oneHot) == [0, 1, 0, 1, 0, 0, 0, 1, 1, 0, 1, 0, 0, 1, 1])
        let order = try rows("grade", .ordinal(["low", "mid", "high"]))
        // Places 0, 2, 0 and 0: mean 0.5, deviation sqrt(0.75).
        let low = -0.5 / 0.75.squareRoot()
        #expect(isNear(order, [low, 0, -3 * low, 0, low, 1, low, 0, low, 0]))
    }

    @Test func hashesAreThoseOfThePublishedTests() {
        #expect(TextHash.hash("") == 0xcbf2_9ce4_8422_2325)
        #expect(TextHash.hash("a") == 0xaf63_dc4c_8601_ec8c)
        #expect(TextHash.hash("foobar") == 0x8594_4171_f739_67e8)
        #expect(TextHash.place(of: "Bonn", among: 64) == 26)
    }

    @Test func onlyTrainingRowsAreFittedTo() throws {
        // Rows 1, 3 and 8 are kept back (SplitTests): their 1000 would be the largest.
        let rows = (0..<10).map { [1, 3, 8].contains($0) ? "1000,\($0).5" : "\($0),\($0).5" }
        let file = try TemporaryFile("a,y\n" + rows.joined(separator: "\n"))
        var source = DataSource(train: file.path, target: "y", testFraction: 0.3, columns: ["a": ColumnRule(.minMax)])
        let loaded = try source.load(seed: 1)
        #expect(features(loaded.train, row: 0) == [0])
        #expect(features(loaded.train, row: 6) == [1])
        let test = try #require(loaded.test)
        #expect(features(test, row: 0) == [Float(1000.0 / 9)])
        // New rows are read with the same numbers, and not with their own.
        let new = try TemporaryFile("a\n18\n36\n")
        #expect(features(try loaded.preprocessing.load(newRows: new.path), row: 0) == [2])
        // The negative control: fitted to all rows, 9 of 1000 is not 1.
        source.split.test = 0
        #expect(features(try source.load(seed: 1).train, row: 9) == [Float(9.0 / 1000)])
    }

    @Test func unknownTextsAreAllZeroAndCounted() throws {
        let loaded = try load([
            "city": ColumnRule(), "grade": ColumnRule(.ordinal(nil)), "income": ColumnRule(.log),
            "zip": ColumnRule(.hash(features: 2)),
        ])
        let file = try TemporaryFile("city,grade,income,zip\nBonn,low,0,7\nRome,best,9,8\nKiel,,9,9\n,mid,9,1\n")
        var unknown: [UnknownTexts] = []
        let rows = try loaded.preprocessing.load(newRows: file.path) { unknown.append($0) }
        #expect(unknown == [UnknownTexts(column: "city", rows: 2), UnknownTexts(column: "grade", rows: 1)])
        // income, Oslo, Rome, the grade, and two hashes
        #expect(features(rows, row: 0)[1...2] == [0, 0])
        #expect(features(rows, row: 1)[1...3] == [0, 1, 0])
    }

    @Test func whatAColumnCannotBeIsNamed() throws {
        func error(_ name: String, _ rule: ColumnRule, _ text: String = Self.people) -> String {
            failure { () throws(DataError) in try load([name: rule], text: text) }?.description ?? "none"
        }
        #expect(error("city", ColumnRule(.minMax)).contains("line 2, column \"city\": a number expected, \"Rome\""))
        let low = Self.people.replacing("30,9,", with: "30,-1,")
        #expect(
            error("income", ColumnRule(.log), low).contains("line 3, column \"income\": log needs numbers above -1"))
        #expect(
            error("grade", ColumnRule(.ordinal(["low", "middle", "high"]))).contains(
                "line 4, column \"grade\": \"mid\" is not in the order of data.columns.grade.ordinal"))
        #expect(error("citi", ColumnRule(.oneHot)).contains("did you mean \"city\"?"))
        #expect(error("3", ColumnRule(.oneHot)).contains("twice"))
        #expect(error("y", ColumnRule(.log)).contains("is the target"))
        #expect(error("city", ColumnRule(missing: .mean)).contains("most-frequent"))
        let fitted = try load(["income": ColumnRule(.log)]).preprocessing
        let file = try TemporaryFile("income\n3\n-2\n")
        #expect(
            failure { () throws(DataError) in try fitted.load(newRows: file.path) }
                == .badCell(
                    file: file.path, place: "line 3", column: "income",
                    detail: "log needs numbers above -1, and -2.0 found"))
    }

    @Test func theySurviveJSON() throws {
        let preprocessing = try load([
            "age": ColumnRule(.minMax), "city": ColumnRule(.oneHot, missing: .mostFrequent),
            "grade": ColumnRule(.ordinal(nil)), "income": ColumnRule(.log), "zip": ColumnRule(.hash(features: 8)),
        ]).preprocessing
        try preprocessing.check()
        let json = try JSONEncoder().encode(preprocessing)
        #expect(try JSONDecoder().decode(Preprocessing.self, from: json) == preprocessing)
    }

    @Test func damagedEncodersAreRefused() {
        func check(_ encoding: ColumnEncoder.Encoding, width: Int) -> DataError? {
            let encoder = TableEncoder(
                hasHeader: false, columnCount: 2,
                columns: [ColumnEncoder(name: "a", number: 1, encoding: encoding)],
                targets: [TableEncoder.Column(name: "b", number: 2, isText: false)], weights: nil)
            let preprocessing = Preprocessing(featureShape: [width], features: .table(encoder), target: .none)
            return failure { () throws(DataError) in try preprocessing.check() }
        }
        #expect(check(.hashed(features: 8), width: 8) == nil)
        #expect(check(.hashed(features: 1 << 30), width: 1 << 30) != nil)
        #expect(check(.hashed(features: -1), width: 1) != nil)
        #expect(check(.logarithmic(mean: 0, deviation: 0, fill: 0, indicator: false), width: 1) != nil)
        #expect(check(.oneHot(levels: ["a"], fill: "b"), width: 1) != nil)
        #expect(check(.ordinal(levels: ["a", "a"], mean: 0, deviation: 1, fill: 0, indicator: false), width: 1) != nil)
        #expect(check(.ordinal(levels: ["a"], mean: 0, deviation: 1, fill: .nan, indicator: false), width: 1) != nil)
    }
}
