import Foundation
import Testing

/// `train --from` begins with the parameters of a saved model.
@Suite struct FromTests {
    private static let short = ["--set", "epochs=2", "--threads", "1", "--json", "--run"]

    /// The flowers with trees in place of rose, tulip and daisy.
    private static let trees = [("rose", "oak"), ("tulip", "elm"), ("daisy", "ash")].reduce(flowers) {
        $0.replacingOccurrences(of: $1.0, with: $1.1)
    }

    private func notices(_ outcome: Workshop.Outcome) throws -> String {
        #expect(outcome.status == 0, "\(outcome.errors)")
        return try #require(try outcome.json()["notices"] as? [String]).joined(separator: "\n")
    }

    @Test func theSameColumnsAndClassesKeepEverything() throws {
        let shop = try Workshop()
        try shop.write(flowers, to: "flowers.csv")
        #expect(try shop.run(["train", "flowers.csv", "--target", "kind"] + Self.short + ["old"]).status == 0)
        // another order of columns, one that the model does not know, no target named, one class missing
        let rows = flowers.split(separator: "\n").dropFirst().filter { !$0.hasSuffix("tulip") }.map { row in
            let cells = row.split(separator: ",")
            return "\(cells[1]),7.5,\(cells[0]),\(cells[2])\n"
        }
        try shop.write("height,depth,width,kind\n" + rows.joined(), to: "more.csv")
        let tuned = try shop.run(["train", "more.csv", "--from", "old"] + Self.short + ["new"])
        let text = try notices(tuned)
        for part in [
            "target kind, as in the saved model", "\"depth\"", "features are read as the saved model reads them",
            "begins with 6 of 6 parameters",
        ] { #expect(text.contains(part), "\(text)") }
        let recipe = try shop.read("new/recipe.yaml")
        let sum = try shop.run(program: "/usr/bin/sha256sum", ["old/model.safetensors"]).output.prefix(64)
        for part in ["sha256: ", "\(sum)", "preprocessing: kept", "old/model.safetensors", "target: kind"] {
            #expect(recipe.contains(part), "\(recipe)")
        }
        // the rate is too small to move a parameter, so the old model is still there
        let still = try shop.run(
            [
                "train", "more.csv", "--from", "old", "--set", "learning-rate={base: 1e-30, decay: constant}", "--set",
                "optimizer={sgd: {}}",
            ] + Self.short + ["still"])
        let old = try #require(
            try shop.run("train", "--resume", "old", "--json").json()["parameters_sha256"] as? String)
        #expect(try still.hash() == old)
        // the recipe alone leads to the same model, and another file in its place does not
        let again = try shop.run(["train", "new/recipe.yaml", "--threads", "1", "--json", "--run", "again"])
        #expect(try again.hash() == tuned.hash())
        #expect(
            try shop.run(["train", "more.csv", "--target", "kind"] + Self.short + ["fresh"]).hash() != tuned.hash())
        try FileManager.default.removeItem(atPath: shop.path("old/model.safetensors"))
        try FileManager.default.copyItem(
            atPath: shop.path("still/model.safetensors"), toPath: shop.path("old/model.safetensors"))
        let other = try shop.run(["train", "new/recipe.yaml", "--json", "--run", "other"])
        #expect(other.status == 65 && other.errors.contains("another model") && other.errors.contains(sum))
        #expect(!shop.exists("other"))
    }

    /// Killed at any moment, the run goes on to the same bits, and needs the saved model no more.
    @Test func resumeEqualsUninterrupted() throws {
        let shop = try Workshop()
        try shop.write(flowers, to: "flowers.csv")
        #expect(try shop.run(["train", "flowers.csv", "--target", "kind"] + Self.short + ["old"]).status == 0)
        let command = [
            "train", "flowers.csv", "--from", "old", "--target", "kind", "--threads", "1", "--json", "--set",
            "epochs=3000", "--set", "freeze=1", "--run",
        ]
        let whole = try shop.run(command + ["whole"])
        _ = try shop.run(command + ["run", "--checkpoint-every", "5 updates"]) { process in
            while process.isRunning, !shop.hasEpoch("run") { usleep(500) }
            kill(process.processIdentifier, SIGKILL)
        }
        try FileManager.default.removeItem(atPath: shop.path("old"))
        #expect(try shop.run("train", "--resume", "run", "--json").hash() == whole.hash())
    }

    @Test func otherClassesGetAHeadOfTheirOwn() throws {
        let shop = try Workshop()
        try shop.write(flowers, to: "flowers.csv")
        #expect(try shop.run(["train", "flowers.csv", "--target", "kind"] + Self.short + ["old"]).status == 0)
        try shop.write(Self.trees, to: "trees.csv")
        let trees = try shop.run(["train", "trees.csv", "--from", "old", "--set", "freeze=1"] + Self.short + ["trees"])
        #expect(
            try notices(trees).contains("begins with 4 of 6 parameters of a saved model; begun anew: 5.weight, 5.bias"))
        #expect(try shop.read("trees/recipe.yaml").contains("except:"))
        // amounts in place of classes
        let heights = try shop.run(
            ["train", "flowers.csv", "--from", "old", "--target", "height", "--set", "data.ignore=kind"] + Self.short
                + ["heights"])
        #expect(
            heights.status == 64 && heights.errors.contains("parameter 1.weight has the shape"), "\(heights.errors)")
    }

    @Test func whatDoesNotFitIsRefused() throws {
        let shop = try Workshop()
        try shop.write(flowers, to: "flowers.csv")
        try shop.write(prices, to: "prices.csv")
        #expect(try shop.run(["train", "flowers.csv", "--target", "kind"] + Self.short + ["old"]).status == 0)
        let base = ["train", "flowers.csv", "--target", "kind", "--json", "--run", "new", "--from"]
        let cases: [([String], Int32, String)] = [
            (base + ["nowhere"], 66, "nowhere: no such model"),
            (base + ["flowers.csv"], 65, "flowers.csv"),
            (base + ["old", "--set", "freeze=9"], 64, "freeze: expected the name of a parameter or layer"),
            (base + ["old", "--set", "freeze=1.weigth"], 64, "did you mean 1.weight"),
            (base + ["old", "--set", "from.except=hed"], 64, "no parameter of the recipe's model matches \"hed\""),
            (
                base + ["old", "--set", "model=[flatten, {dense: 7}, relu, {dense: 64}, relu, {dense: classes}]"], 64,
                "1.weight has the shape [128, 2]"
            ),
            (base + ["old", "--set", "from.preprocessing=kep"], 64, "did you mean kept"),
            (base + ["old", "--resume", "old"], 64, "leave out the source"),
            (["measure", "noise-scale", "new.yaml"], 64, "only train begins with a saved model"),
            (
                [
                    "train", "prices.csv", "--target", "y", "--from", "old", "--run", "new", "--set",
                    "from.preprocessing=kept",
                ],
                64, "the saved model reads a column \"width\", and here is none"
            ),
        ]
        try shop.write("data: {train: flowers.csv, target: kind}\nfrom: old\n", to: "new.yaml")
        for (command, status, text) in cases {
            let outcome = try shop.run(command)
            #expect(outcome.status == status && outcome.errors.contains(text), "\(command) \(outcome.errors)")
            #expect(outcome.output.isEmpty && outcome.errorLines.filter { !$0.hasPrefix("note:") }.count == 1)
            #expect(!shop.exists("new"))
        }
    }

    /// Darker images have the scale that the saved model reads.
    @Test func arraysOfTheSameShapeAreReadAsBefore() throws {
        let shop = try Workshop()
        var pixels: [UInt8] = []
        for place in 0..<240 * 16 { pixels.append(UInt8((place * 7 + place / 16 * 13) % 251)) }
        try shop.write(idx([240, 4, 4], pixels), to: "train-images-idx3-ubyte")
        try shop.write(idx([240], (0..<240).map { UInt8($0 % 3) }), to: "train-labels-idx1-ubyte")
        #expect(try shop.run(["train", "train-images-idx3-ubyte"] + Self.short + ["old"]).status == 0)
        try shop.write(
            idx([120, 4, 4], pixels.prefix(1920).map { (pixel: UInt8) -> UInt8 in pixel / 3 }),
            to: "dark-images-idx3-ubyte")
        try shop.write(idx([120], (0..<120).map { UInt8($0 % 3) }), to: "dark-labels-idx1-ubyte")
        let dark = ["train", "dark-images-idx3-ubyte", "--from", "old", "--set", "data.labels=dark-labels-idx1-ubyte"]
        let kept = try shop.run(dark + Self.short + ["kept"])
        #expect(try notices(kept).contains("features are read as the saved model reads them"))
        let fitted = try shop.run(dark + ["--set", "from.preprocessing=fitted"] + Self.short + ["fitted"])
        #expect(try fitted.hash() != kept.hash())
        #expect(try !notices(fitted).contains("features are read as"))
    }
}
