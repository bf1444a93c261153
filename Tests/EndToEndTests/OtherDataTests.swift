import Foundation
import Testing

/// A run goes on with the data that it began with, and says else what has changed.
@Suite struct OtherDataTests {
    /// Rows with a class, an amount and a weight that the features do not tell.
    private static let rows = (0..<240).map { row in
        let (a, b) = (row * 37 % 101, row * 53 % 97)
        return [
            "\(Double(a) / 10)", "\(Double(b) / 7)", ["x", "y"][(a + b) % 2], "\(100.5 + Double(a % 7))",
            "\(1 + row % 3)",
        ]
    }

    private static func csv(_ rows: [[String]]) -> String {
        "a,b,kind,amount,weight\n" + rows.map { $0.joined(separator: ",") + "\n" }.joined()
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var says: String
        var target: String
        var change: @Sendable (inout [[String]]) -> Void
        var testDescription: String { "\(says) of \(target)" }

        init(_ says: String, of target: String = "kind", _ change: @escaping @Sendable (inout [[String]]) -> Void) {
            (self.says, self.target, self.change) = (says, target, change)
        }
    }

    private static let cases = [
        Case("in the labels of the training examples") { rows in
            for row in rows.indices where row % 5 == 4 { rows[row][2] = rows[row][2] == "x" ? "y" : "x" }
        },
        Case("the class names") { rows in for row in rows.indices where rows[row][2] == "y" { rows[row][2] = "z" } },
        Case("in the targets of the training examples", of: "amount") { $0.swapColumns(3, of: 11, and: 12) },
        Case("in the weights of the training examples", of: "amount") { $0.swapColumns(4, of: 11, and: 12) },
        Case("the features") { $0[50][0] = "0.25" },
        Case("the features, labels and weights of the training examples") { $0.reverse() },
        Case("the number (191 and not 192)") { $0.removeLast() },
    ]

    private func killed(_ shop: Workshop, _ more: [String]) throws {
        _ = try shop.run(
            ["train"] + more + [
                "--run", "run", "--checkpoint-every", "5 updates", "--json", "--threads", "1", "--set", "epochs=20000",
            ]
        ) { process in
            while process.isRunning, !shop.hasEpoch("run") { usleep(500) }
            kill(process.processIdentifier, SIGKILL)
        }
    }

    private func refused(_ shop: Workshop, _ says: String) throws {
        // the killed process may have left an unfinished file, which the first resume removes
        _ = try shop.run("train", "--resume", "run")
        let before = try shop.everything()
        for flags in [[], ["--json"]] {
            let outcome = try shop.run(["train", "--resume", "run"] + flags)
            #expect(outcome.status == 65 && outcome.output.isEmpty, "\(outcome.errors)")
            let line = try #require(outcome.errorLines.last)
            #expect(line.contains("the data are not those of its checkpoint") && line.contains(says), "\(line)")
        }
        #expect(try shop.everything() == before)
    }

    /// Rows are kept for testing by their place, so those that change stay where they are.
    @Test(arguments: cases) func aChangedTableIsRefused(example: Case) throws {
        let shop = try Workshop()
        try shop.write(Self.csv(Self.rows), to: "rows.csv")
        try killed(
            shop,
            [
                "rows.csv", "--target", example.target, "--set", "data.weights=weight", "--set",
                "data.ignore=[\(example.target == "kind" ? "amount" : "kind")]",
            ])
        var rows = Self.rows
        example.change(&rows)
        try shop.write(Self.csv(rows), to: "rows.csv")
        try refused(shop, example.says)
    }

    @Test func labelsOfSparseRowsAreCompared() throws {
        let shop = try Workshop()
        func text(_ sign: (Int) -> Int) -> String {
            (0..<300).map { "\(sign($0)) 1:0.\($0 % 7) 3:0.\($0 % 11) 8:1\n" }.joined()
        }
        try shop.write(text { $0 % 3 == 0 ? 1 : -1 }, to: "rows.svm")
        try killed(shop, ["rows.svm"])
        try shop.write(text { ($0 % 3 == 0 ? 1 : -1) * ($0 % 2 == 0 ? 1 : -1) }, to: "rows.svm")
        try refused(shop, "labels of the training examples")
    }

    @Test func editedClassWeightsAreRefused() throws {
        let shop = try Workshop()
        try shop.write(flowers, to: "flowers.csv")
        try killed(shop, ["flowers.csv", "--target", "kind", "--set", "data.class-weights={rose: 2}"])
        let recipe = try shop.read("run/recipe.yaml")
        let edited = recipe.replacingOccurrences(of: "rose: 2", with: "rose: 50")
        #expect(edited != recipe)
        try shop.write(edited, to: "run/recipe.yaml")
        try refused(shop, "in the weights of the training examples")
    }

    @Test func testAndValidationExamplesAreCompared() throws {
        let shop = try Workshop()
        try shop.write(flowers, to: "flowers.csv")
        let rows = flowers.split(separator: "\n").prefix(40)
        try shop.write(rows.joined(separator: "\n"), to: "test.csv")
        try killed(shop, ["flowers.csv", "--target", "kind", "--set", "data.test=test.csv"])
        let test = try shop.read("test.csv")
        try shop.write(test.replacingOccurrences(of: "tulip", with: "rose"), to: "test.csv")
        try refused(shop, "in the labels of the test examples")
        try FileManager.default.removeItem(atPath: shop.path("run"))
        try shop.write(test, to: "test.csv")
        try killed(
            shop,
            ["flowers.csv", "--target", "kind", "--set", "data.test=test.csv", "--set", "data.split.validation=0.2"])
        let recipe = try shop.read("run/recipe.yaml")
        try shop.write(
            recipe.replacingOccurrences(of: "validation: 0.2", with: "validation: 0.1"), to: "run/recipe.yaml")
        try refused(shop, "of the validation examples")
    }

    /// Where the data lie, and how much of them is in memory, may be another thing.
    @Test func theSameDataGoOnFromElsewhereAndWithOtherMemory() throws {
        let shop = try Workshop()
        var pixels: [UInt8] = []
        for row in 0..<400 {
            for place in 0..<16 { pixels.append(UInt8((place * row * 7 + row) % 251)) }
        }
        try shop.write(idx([400, 4, 4], pixels), to: "train-images-idx3-ubyte")
        try shop.write(idx([400], (0..<400).map { UInt8($0 % 3) }), to: "train-labels-idx1-ubyte")
        #expect(try shop.run("data", "convert", "train-images-idx3-ubyte", "digits.data").status == 0)
        let short = ["train", "digits.data", "--json", "--set", "epochs=3", "--set", "data.split.test=0.2", "--run"]
        let hash = try shop.run(short + ["whole"]).hash()
        for (first, second) in [([], ["--data-memory", "1KiB"]), (["--data-memory", "1KiB"], [])] {
            #expect(try shop.run(short + ["run"] + first).status == 0)
            #expect(try shop.run(["train", "--resume", "run", "--json"] + second).hash() == hash)
            try FileManager.default.removeItem(atPath: shop.path("run"))
        }
        #expect(try shop.run(short + ["run", "--data-memory", "1KiB"]).status == 0)
        try FileManager.default.moveItem(atPath: shop.path("digits.data"), toPath: shop.path("moved.data"))
        let recipe = try shop.read("run/recipe.yaml")
        try shop.write(recipe.replacingOccurrences(of: "digits.data", with: "moved.data"), to: "run/recipe.yaml")
        #expect(try shop.run("train", "--resume", "run", "--json", "--data-memory", "1KiB").hash() == hash)

        // the same bytes and labels in another order have the same moments
        var swapped = pixels
        swapped.replaceSubrange(0..<96, with: pixels[48..<96] + pixels[0..<48])
        try shop.write(idx([400, 4, 4], swapped), to: "train-images-idx3-ubyte")
        #expect(try shop.run("data", "convert", "train-images-idx3-ubyte", "moved.data", "--force").status == 0)
        let outcome = try shop.run("train", "--resume", "run", "--json", "--data-memory", "1KiB")
        #expect(
            outcome.status == 65 && outcome.errors.contains("the features of the training examples"),
            "\(outcome.errors)")
    }
}

extension [[String]] {
    fileprivate mutating func swapColumns(_ column: Int, of one: Int, and other: Int) {
        (self[one][column], self[other][column]) = (self[other][column], self[one][column])
    }
}
