import Foundation
import Testing

/// Training with nothing but a target named.
@Suite struct DefaultsTests {
    /// A line with a few values that were mistyped by a factor.
    private static func mistyped(rows: Int, factor: Double = 50, every: Int = 200) -> String {
        var text = "a,b,y\n"
        for row in 0..<rows {
            let (a, b) = (Double((row * 37) % 101) / 50 - 1, Double((row * 53) % 97) / 48 - 1)
            text += "\(row % every == 7 ? a * factor : a),\(b),\(3 * a - 2 * b + 1)\n"
        }
        return text
    }

    @Test func mistypedValuesDoNotEndARun() throws {
        let shop = try Workshop()
        try shop.write(Self.mistyped(rows: 2000), to: "t.csv")
        for seed in ["1", "2", "3"] {
            let outcome = try shop.run("train", "t.csv", "--target", "y", "--set", "seed=\(seed)", "--json")
            #expect(outcome.status == 0, "\(outcome.errors)")
            // the deviation of y is about 2
            #expect(try #require(outcome.json()["test_rmse"] as? Double) < 1)
            #expect(try outcome.json()["warning"] is NSNull)
        }
    }

    /// Without the bound on the gradient the same table explodes at the usual rate, and begins again with a tenth of it.
    @Test func anExplodingRunBeginsAgainOnce() throws {
        let shop = try Workshop()
        try shop.write(Self.mistyped(rows: 2000, factor: 300, every: 500), to: "t.csv")
        let arguments = ["train", "t.csv", "--target", "y", "--set", "clip=none", "--set", "epochs=3"]
        let outcome = try shop.run(arguments + ["--set", "learning-rate.decay=constant", "--run", "said"])
        #expect(outcome.status == 65 && outcome.errors.contains("numbers stopped being finite"))
        #expect(!outcome.errors.contains("begins again"), "the rate is not the usual one")

        let again = try shop.run(arguments + ["--run", "again", "--json"])
        let yaml = try String(contentsOf: shop.folder.appending(path: "again/recipe.yaml"), encoding: .utf8)
        #expect(again.status == 0 && again.errors.contains("begins again with a tenth of it, 0.003"))
        #expect(yaml.contains("base: 0.003"))
        // the recipe of the run leads to the same model by itself
        let alone = try shop.run("train", "again/recipe.yaml", "--run", "alone", "--json")
        #expect(try alone.hash() == again.hash())
        #expect(!alone.errors.contains("begins again"))

        // a cell of a sweep diverges, for its rate is what the sweep is about
        let sweep = try shop.run(["sweep"] + arguments.dropFirst() + ["--over", "seed=42", "--run", "sweep", "--json"])
        let cells = try #require(try sweep.json()["cells"] as? [[String: Any]])
        #expect(cells.map { $0["status"] as? String } == ["diverged"])
        #expect((cells[0]["reason"] as? String)?.contains("numbers stopped being finite") == true)
    }

    @Test func aUselessModelIsCalledThat() throws {
        let shop = try Workshop()
        var text = "a,y,k\n"
        for row in 0..<400 {
            text += "\((row * 7919) % 211),\((row * 104_729) % 997),\((row * 15_485_863) % 7 < 5 ? "yes" : "no")\n"
        }
        try shop.write(text, to: "noise.csv")
        for target in ["y", "k"] {
            let ignored = target == "y" ? "k" : "y"
            let arguments = [
                "train", "noise.csv", "--target", target, "--set", "data.ignore=[\(ignored)]", "--set", "model=linear",
                "--set", "epochs=2", "--set", "learning-rate=1e-9",
            ]
            let people = try shop.run(arguments)
            #expect(people.status == 0 && people.output.contains("WARNING: the model is no better than"))
            let program = try shop.run(arguments + ["--json"])
            #expect((try program.json()["warning"] as? String)?.contains("no better than") == true)
        }
        // a model that has learnt something is not
        try shop.write(Self.mistyped(rows: 200), to: "line.csv")
        let line = try shop.run("train", "line.csv", "--target", "y")
        #expect(line.status == 0 && !line.output.contains("WARNING"))
    }

    /// Few rows are seen often enough, and many classified rows keep some for validation; both are said before training.
    @Test func theLengthFollowsTheData() throws {
        let shop = try Workshop()
        try shop.write(Self.mistyped(rows: 30), to: "small.csv")
        let small = try shop.run("train", "small.csv", "--target", "y", "--run", "small", "--json")
        #expect(try small.json()["updates"] as? Int == 650)
        #expect(small.errors.contains("650 epochs, which are 650 updates"))

        var text = "a,b,k\n"
        for row in 0..<13_000 { text += "\(row % 89),\(row % 97),\(row % 89 > row % 97 ? "more" : "less")\n" }
        try shop.write(text, to: "large.csv")
        let large = try shop.run("train", "large.csv", "--target", "k", "--run", "large", "--json")
        #expect(large.status == 0 && large.errors.contains("650 examples are held out for validation"))
        #expect(try large.json()["validation_loss"] is Double)
        let yaml = try String(contentsOf: shop.folder.appending(path: "large/recipe.yaml"), encoding: .utf8)
        #expect(yaml.contains("validation: 0.05") && yaml.contains("keep: best-if-stopped"))
        // a recipe that says when it ends trains on all rows
        for settings in [["--set", "epochs=1"], ["--set", "early-stopping=none"], ["--set", "keep=last"]] {
            let without = try shop.run(["train", "large.csv", "--target", "k", "--json"] + settings)
            #expect(try without.json()["validation_loss"] is NSNull, "\(settings)")
        }
    }
}
