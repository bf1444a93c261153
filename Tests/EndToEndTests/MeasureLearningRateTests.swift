import Foundation
import Testing

/// `batchwise measure learning-rate`
@Suite struct MeasureLearningRateTests {
    private static let quick = ["measure", "learning-rate", "digits", "--seeds", "2", "--updates", "30"]

    @Test func jsonHasTheKeysThatToolsRelyOn() throws {
        let shop = try Workshop()
        let outcome = try shop.run(Self.quick + ["--batches", "32,8", "--json"])
        #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
        let json = try outcome.json()
        let batches = try #require(json["batches"] as? [[String: Any]])
        #expect(batches.map { $0["batch"] as? Int } == [8, 32])
        for batch in batches {
            func number(_ key: String) throws -> Double { try #require(batch[key] as? Double, "\(key)") }
            #expect(try number("low") <= number("largest_stable") && number("largest_stable") <= number("high"))
            #expect(try number("suggested") > 0 && number("suggested") <= number("low") / 2)
        }
        for key in ["exponent", "low", "high", "part", "learning_rate"] { #expect(json[key] is Double, "\(key)") }
        #expect(json["verdict"] is String)
        #expect(try shop.contents() == [])
    }

    @Test func textSaysWhatToDo() throws {
        let outcome = try Workshop().run(Self.quick + ["--batches", "32", "--after", "20 updates"])
        #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
        for part in [
            "after 20 updates", "largest stable", "suggested", "One batch was measured", "--set learning-rate.base=",
        ] {
            #expect(outcome.output.contains(part), "\(part) in \(outcome.output)")
        }
        #expect(outcome.lines.allSatisfy { $0.count <= 80 }, "\(outcome.output)")
    }

    @Test(arguments: [
        ErrorTests.Case(64, "batches", "--batches", "8,x"),
        ErrorTests.Case(64, "batches", "--batches", "0"),
        ErrorTests.Case(64, "--seeds must be from 1 to 100", "--seeds", "0"),
        ErrorTests.Case(64, "--updates must be from 20 to 100000", "--updates", "1"),
        ErrorTests.Case(65, "a batch of 5000 is more than the 1438 training examples", "--batches", "5000"),
        ErrorTests.Case(64, "--after", "--after", "many updates"),
    ])
    func mistakesAreOneLine(example: ErrorTests.Case) throws {
        let shop = try Workshop()
        let outcome = try shop.run(Self.quick + example.arguments)
        #expect(outcome.status == example.status && outcome.output.isEmpty && outcome.errorLines.count == 1)
        #expect(outcome.errors.contains(example.says), "\(outcome.errors)")
    }

    /// Targets without variation, a single row, targets beyond all measure, and a cell that is no number.
    private static let tables: [(rows: [String], statuses: Set<Int32>)] = [
        ((0..<40).map { "\($0),5" }, [0, 65]),
        (["1,2"], [65]),
        ((0..<40).map { $0 % 2 == 0 ? "\($0),1e38" : "\($0),-1e38" }, [0, 65]),
        (["1,2", "nan,3"] + (0..<40).map { "\($0),\($0 * 2)" }, [0, 65]),
    ]

    @Test(arguments: 0..<4) func badDataIsASentence(number: Int) throws {
        let (rows, statuses) = Self.tables[number]
        let shop = try Workshop()
        try shop.write("x,y\n" + rows.joined(separator: "\n") + "\n", to: "table.csv")
        let outcome = try shop.run(
            "measure", "learning-rate", "table.csv", "--target", "y", "--seeds", "1", "--updates", "20", "--json")
        #expect(statuses.contains(outcome.status), "\(outcome.status) \(outcome.errors)")
        if outcome.status == 0 {
            let numbers = try #require(try outcome.json()["batches"] as? [[String: Any]])
            #expect(numbers.allSatisfy { $0["largest_stable"] is Double && $0["suggested"] is Double })
        } else {
            #expect(outcome.errorLines.filter { $0.hasPrefix("batchwise: ") }.count == 1, "\(outcome.errors)")
        }
    }

    @Test func ctrlCEndsItWithOneLine() throws {
        let shop = try Workshop()
        let outcome = try shop.run(Self.quick.dropLast(1) + ["100000"]) { process in
            usleep(1_500_000)
            kill(process.processIdentifier, SIGINT)
        }
        #expect(outcome.status == 75 && outcome.output.isEmpty, "\(outcome.status)")
        #expect(outcome.errorLines.count == 1 && outcome.errors.contains("interrupted"), "\(outcome.errors)")
        #expect(try shop.contents() == [])
    }
}
