import Foundation
import Testing

/// Patterns of files on the command line, and lists in recipes.
@Suite struct PartsTests {
    /// The flowers in three files.
    private func shop() throws -> Workshop {
        let shop = try Workshop()
        let rows = flowers.split(separator: "\n")
        for part in 0..<3 {
            let own = rows[(1 + 50 * part)..<(51 + 50 * part)]
            try shop.write(([rows[0]] + own).joined(separator: "\n"), to: "part-\(part).csv")
        }
        try shop.write(flowers, to: "flowers.csv")
        return shop
    }

    private let settings = ["--target", "kind", "--set", "epochs=2", "--json"]

    @Test func trainingOnPartsIsTrainingOnTheWhole() throws {
        let shop = try shop()
        let whole = try shop.run(["train", "flowers.csv"] + settings).json()
        let parts = try shop.run(["train", "part-*.csv"] + settings).json()
        try shop.write("data: {train: [part-0.csv, part-1.csv, part-2.csv]}\n", to: "parts.yaml")
        let list = try shop.run(["train", "parts.yaml"] + settings).json()
        // The hash is over parameters alone, and the names of the files are no part of the seed.
        for json in [parts, list] {
            #expect(json["parameters_sha256"] as? String == whole["parameters_sha256"] as? String)
        }
        let run = try #require(parts["run"] as? String)
        let evaluated = try shop.run("evaluate", run, "part-?.csv", "--json").json()
        #expect(evaluated["examples"] as? Int == 150)
    }

    @Test func anotherOrderIsAnotherTable() throws {
        let shop = try shop()
        try shop.write("data: {train: [part-0.csv, part-1.csv, part-2.csv]}\n", to: "parts.yaml")
        try shop.write("data: {train: [part-2.csv, part-1.csv, part-0.csv]}\n", to: "other.yaml")
        let hash = try shop.run(["train", "parts.yaml"] + settings).hash()
        #expect(try shop.run(["train", "other.yaml"] + settings).hash() != hash)
    }

    @Test func descriptionsTakePatterns() throws {
        let shop = try shop()
        try shop.write("day,n\n2024-03-01,1\n2024-03-02T06:00,2\n", to: "days.csv")
        let parts = try shop.run("data", "describe", "part-*.csv", "--json").json()
        #expect(parts["rows"] as? Int == 150)
        let days = try shop.run("data", "describe", "days.csv")
        #expect(days.output.contains("date") && days.output.contains("2024-03-01 to 2024-03-02T06:00:00Z"))
    }

    @Test func whatDoesNotFitIsNamed() throws {
        let shop = try shop()
        try shop.write("width,kind\n1,rose\n", to: "part-3.csv")
        let outcome = try shop.run(["train", "part-*.csv"] + settings)
        #expect(outcome.status == 65 && outcome.errors.contains("part-3.csv"))
        let missing = try shop.run(["train", "none-*.csv"] + settings)
        #expect(missing.status == 66 && missing.errors.contains("none-*.csv"))
        #expect(try shop.run("data", "describe", "none-*.csv").status == 66)
    }
}
