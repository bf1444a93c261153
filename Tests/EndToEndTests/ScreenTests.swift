import Foundation
import Testing

@testable import batchwise

/// The screen before training: it fits 80 columns and 24 lines, every number in it is true, and no internals are in it.
@Suite struct ScreenTests {
    /// The lines before the first epoch.
    private static func screen(_ outcome: Workshop.Outcome) -> [String] {
        Array(outcome.errorLines.prefix { !$0.hasPrefix("epoch ") })
    }

    /// The fields of a screen by their names, each in one line.
    private static func fields(_ lines: [String]) -> [String: String] {
        var fields: [String: String] = [:]
        var name = ""
        for line in lines {
            let own = line.prefix(11).trimming(" ")
            if !own.isEmpty { name = own }
            fields[name] = (fields[name].map { $0 + " " } ?? "") + line.dropFirst(11)
        }
        return fields
    }

    private static let internals = ["lane", "grain", "workspace", "micro-batch", "accumulation", "worker", "avx"]

    private func expectFits(_ lines: [String], _ name: String) {
        #expect(lines.count <= 24, "\(name): \(lines.joined(separator: "\n"))")
        for line in lines { #expect(screenColumns(line) <= 80, "\(name): \(line)") }
        for word in Self.internals {
            #expect(!lines.contains { $0.lowercased().contains(word) }, "\(name): \(word)")
        }
    }

    @Test func everyKindOfColumnIsNamed() throws {
        let shop = try Workshop()
        var text = "id,age,income,city,grade,since,code,w,price\n"
        for row in 0..<100 {
            let age = row % 10 == 3 ? "" : "\(20 + row % 50)"
            text += "\(row),\(age),\(1000 + 7 * row),\(["Oslo", "Rome", "Bern"][row % 3]),"
            text += "\(["low", "mid", "high"][row / 3 % 3]),2024-01-\(10 + row % 20),c\(row % 7),1,\(row % 13 * 10)\n"
        }
        try shop.write(text, to: "people.csv")
        try shop.write(
            """
            data:
              train: people.csv
              target: price
              task: regression
              weights: w
              ignore: id
              columns: {income: log, grade: {ordinal: [low, mid, high]}, code: {hash: 16}, age: min-max}
            epochs: 2
            """, to: "recipe.yaml")
        let outcome = try shop.run("train", "recipe.yaml", "--run", "run")
        #expect(outcome.status == 0, "\(outcome.errors)")
        let lines = Self.screen(outcome)
        expectFits(lines, "people")
        let fields = Self.fields(lines)
        #expect(fields["learn"]?.hasPrefix("price: an amount from 0 to 120, mean ") == true, "\(fields)")
        let columns = try #require(fields["from"])
        // 2 of age, 1 of income, 3 of city, 1 of grade, 1 of since, 16 of code
        #expect(columns.hasPrefix("people.csv: 6 columns, 24 features"), "\(columns)")
        for group in [
            "1 number, scaled from 0 to 1: age", "1 number, their logarithms standardised: income",
            "1 category, one-hot (3 levels): city", "1 ordered category, places standardised (3 levels): grade",
            "1 date, as seconds, standardised: since", "1 text, hashed to 16 features: code",
            "missing values as the mean, and marked, in 1 column: age",
        ] { #expect(columns.contains(group), "\(group): \(columns)") }
        #expect(fields["left out"] == "id (data.ignore)")
        #expect(fields["rows"] == "80 to train, 20 to test, weights in w")
        // 24 x 128 + 128, 128 x 64 + 64, 64 + 1
        #expect(fields["model"] == "flatten, dense 128, relu, dense 64, relu, dense 1; 11,521 parameters")
        #expect(fields["batch"] == "32 examples, 3 updates an epoch")
        #expect(fields["epochs"]?.hasPrefix("2, 6 updates, about ") == true)
        #expect(fields["run"] == "run")
        // the negative control: without the rules, other groups and numbers
        let plain = try shop.run("train", "people.csv", "--target", "price", "--set", "epochs=1")
        let other = Self.fields(Self.screen(plain))
        #expect(other["from"]?.contains("one-hot (3, 3, 7 levels): city, grade, code") == true, "\(other)")
        #expect(other["left out"]?.hasPrefix("id (") == true && other["rows"] == "80 to train, 20 to test")
    }

    @Test func internalsComeWithVerboseAlone() throws {
        let shop = try Workshop()
        let plain = try shop.run("train", "digits", "--set", "epochs=1")
        expectFits(Self.screen(plain), "digits")
        let fields = Self.fields(Self.screen(plain))
        #expect(fields["learn"]?.hasPrefix("the labels: 10 classes, the commonest ") == true)
        #expect(fields["from"] == "digits: images of 8x8x1, all numbers standardised together")
        #expect(fields["rows"] == "1,438 to train, 359 to test")
        let verbose = try shop.run("train", "digits", "--set", "epochs=1", "--verbose")
        for word in ["in 2 lanes of grains of 16", "micro-batch", "workspace"] {
            #expect(verbose.errors.contains(word) && !plain.errors.contains(word), "\(word)")
        }
        let json = try shop.run("train", "digits", "--set", "epochs=1", "--json", "--verbose")
        #expect(json.errors.isEmpty && json.lines.count == 1)
        // plan keeps all of it
        #expect(try shop.run("plan", "digits", "--no-measure").output.contains("in 2 lanes of grains of 16"))
    }

    @Test func aWideTableFits() throws {
        let shop = try Workshop()
        let names = (0..<400).map { "a-rather-long-name-of-the-column-\($0)" }
        var text = (names + ["面積の広い列の名前", "y"]).joined(separator: ",") + "\n"
        for row in 0..<60 {
            text += names.indices.map { $0 % 5 == 0 ? "t\((row + $0) % 4)" : "\((row * $0) % 17)" }.joined(
                separator: ",")
            text += ",\(row),\(row % 3)\n"
        }
        try shop.write(text, to: "wide.csv")
        let outcome = try shop.run("train", "wide.csv", "--target", "y", "--set", "epochs=1")
        let lines = Self.screen(outcome).filter { !$0.hasPrefix("note: ") }
        expectFits(lines, "wide")
        let columns = try #require(Self.fields(lines)["from"])
        #expect(
            columns.contains("321 numbers, standardised: ")
                && columns.contains("80 categories, one-hot (4 levels each): "))
        #expect(columns.contains(" more"), "\(columns)")
    }

    @Test func aResumedRunAndFoldsSayWhereTheyAre() throws {
        let shop = try Workshop()
        try shop.write(prices, to: "prices.csv")
        let folds = try shop.run("train", "prices.csv", "--target", "y", "--set", "epochs=2", "--folds", "3")
        #expect(folds.status == 0, "\(folds.errors)")
        #expect(folds.errors.contains("to test, fold 1 of 3") && !folds.errors.contains("to test, fold 2 of 3"))
        #expect(folds.errors.contains("fold 2 of 3\n"))
        let growing = try shop.run(
            "train", "digits", "--set", "epochs=2", "--set", "batch={size: 32, grow: {at: [1 epochs], times: 5}}")
        #expect(Self.fields(Self.screen(growing))["batch"]?.hasPrefix("32 examples, 160 from update 46 on, ") == true)
    }

    @Test func listsAreCutAndWordsAreBroken() {
        let list = ScreenList((1...100).map { "name \($0)" }, before: "100 names: ")
        let lines = list.lines(width: 40, most: 2)
        #expect(lines.count == 2 && lines.allSatisfy { $0.count <= 40 })
        let shown = lines.joined(separator: " ").matches(of: /name (\d+),/).count
        #expect(lines.joined(separator: " ").hasSuffix("and \(100 - shown) more"), "\(lines)")
        #expect(ScreenList(["a", "b"]).lines(width: 40, most: 1) == ["a, b"])
        #expect(brokenLines(String(repeating: "x", count: 25), width: 10).map(\.count) == [10, 10, 5])
        #expect(screenColumns("面積") == 4 && screenColumns("e\u{301}") == 1 && screenColumns("abc") == 3)
        #expect(roundTime(0.034) == "30 ms" && roundTime(3.2) == "3 s" && roundTime(47.4) == "47 s")
        #expect(roundTime(200) == "3 minutes" && roundTime(9000) == "2 hours" || roundTime(9000) == "3 hours")
    }

    // MARK: Public tables

    struct PublicTable: Sendable, CustomTestStringConvertible {
        var name: String
        var target: String
        var isClasses: Bool
        var testDescription: String { name }
    }

    static let tables = [
        PublicTable(name: "LetterRecognition", target: "lettr", isClasses: true),
        PublicTable(name: "spam", target: "type", isClasses: true),
        PublicTable(name: "diamonds", target: "price", isClasses: false),
        PublicTable(name: "income", target: "INCOME", isClasses: true),
        PublicTable(name: "Vehicle", target: "Class", isClasses: true),
        PublicTable(name: "Soybean", target: "Class", isClasses: true),
        PublicTable(name: "Ozone", target: "V4", isClasses: false),
        PublicTable(name: "PimaIndiansDiabetes2", target: "diabetes", isClasses: true),
        PublicTable(name: "Sonar", target: "Class", isClasses: true),
        PublicTable(name: "Servo", target: "Class", isClasses: false),
        PublicTable(name: "Glass", target: "Type", isClasses: true),
    ]

    private static func path(_ name: String) -> String {
        var folder = URL(filePath: #filePath)
        for _ in 0..<4 { folder.deleteLastPathComponent() }
        return folder.appending(path: "shared/data/tables/\(name).csv.gz").path
    }

    /// The cells of a table by columns, read without Batchwise.
    private static func cells(_ name: String) throws -> (names: [String], rows: [[String]]) {
        let packed = try Workshop().run(program: "/bin/gzip", ["-dc", path(name)])
        let rows = packed.lines.map { line in
            var cells = [""]
            var isQuoted = false
            for character in line {
                switch character {
                case "\"": isQuoted.toggle()
                case "," where !isQuoted: cells.append("")
                default: cells[cells.count - 1].append(character)
                }
            }
            return cells
        }
        return (try #require(rows.first), Array(rows.dropFirst()))
    }

    @Test(
        .enabled(
            if: FileManager.default.fileExists(atPath: path("Glass")), "the public tables are not beside the repository"
        ),
        arguments: tables)
    func theScreenOfAPublicTableIsTrue(table: PublicTable) throws {
        let shop = try Workshop()
        let outcome = try shop.run(
            "train", Self.path(table.name), "--target", table.target, "--set", "epochs=1", "--run", "run")
        #expect(outcome.status == 0, "\(outcome.errors)")
        let lines = Self.screen(outcome).filter { !$0.hasPrefix("note: ") }
        expectFits(lines, table.name)
        let fields = Self.fields(lines)

        let (names, rows) = try Self.cells(table.name)
        let target = try #require(names.firstIndex(of: table.target))
        let known = rows.filter { !$0[target].isEmpty }
        let learnt = try #require(fields["learn"])
        if table.isClasses {
            let counts = Dictionary(grouping: known) { $0[target] }.mapValues(\.count)
            #expect(learnt.contains("\(table.target): \(counts.count) classes, "), "\(learnt)")
            // the share of the class that the screen calls the commonest, near that in the whole file
            let first = try #require(
                learnt.firstMatch(of: /classes, (?:the commonest )?(.+?) \(?([0-9.]+)%/), "\(learnt)")
            let share = 100 * Double(try #require(counts[String(first.1)], "\(learnt)")) / Double(known.count)
            #expect(abs(share - (Double(first.2) ?? .nan)) < 5, "\(learnt): \(share)")
        } else {
            let numbers = known.compactMap { Double($0[target]) }
            #expect(numbers.count == known.count)
            let ends = try #require(learnt.firstMatch(of: /from ([-0-9.,e]+) to ([-0-9.,e]+),/), "\(learnt)")
            let (low, high) = (
                Double(ends.1.replacing(",", with: "")) ?? .nan, Double(ends.2.replacing(",", with: "")) ?? .nan
            )
            // the ends of the training rows, to the four digits that are shown
            let width = (numbers.max() ?? 0) - (numbers.min() ?? 0)
            #expect(low >= (numbers.min() ?? .nan) - width / 1000 && high <= (numbers.max() ?? .nan) + width / 1000)
        }
        let parts = try #require(fields["rows"]).matches(of: /([0-9,]+) to (train|validate|test)/)
        let counts = parts.compactMap { Int($0.1.replacing(",", with: "")) }
        #expect(counts.reduce(0, +) == known.count && counts.count >= 2, "\(fields["rows"] ?? "")")

        // the columns and their kinds
        let from = try #require(fields["from"])
        let said = try #require(from.firstMatch(of: /: ([0-9]+) columns?, ([0-9,]+) features?/), "\(from)")
        #expect(Int(said.1) == names.count - 1, "\(from)")
        let others = names.indices.filter { $0 != target }
        let texts = others.filter { place in rows.contains { !$0[place].isEmpty && Double($0[place]) == nil } }
        let categories = from.firstMatch(of: /([0-9]+) categor(?:y|ies), one-hot/).flatMap { Int($0.1) } ?? 0
        let amounts = from.firstMatch(of: /([0-9]+) numbers?, standardised/).flatMap { Int($0.1) } ?? 0
        #expect(categories == texts.count && amounts == others.count - texts.count, "\(from)")

        // the model, the batch and the updates, by the files of the run
        let plan = try #require(
            try JSONSerialization.jsonObject(with: shop.bytes("run/plan.json")) as? [String: Any])
        let parameters = try #require(plan["parameters"] as? Int)
        #expect(fields["model"]?.hasSuffix("; \(grouped(Double(parameters))) parameters") == true)
        #expect(fields["batch"]?.hasPrefix("\(plan["batch"] as? Int ?? 0) examples") == true)
        let record = try #require(try shop.epochs("run").last)
        #expect(fields["epochs"]?.contains("\(grouped(Double(record["updates"] as? Int ?? 0))) update") == true)
    }
}
