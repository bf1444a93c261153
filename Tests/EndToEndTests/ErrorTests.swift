import Foundation
import Testing

/// Bad input ends a command with the right status and one line, and leaves nothing behind.
@Suite struct ErrorTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var arguments: [String]
        var status: Int32
        /// A text that the line must contain.
        var says: String
        var testDescription: String { arguments.joined(separator: " ") }

        init(_ status: Int32, _ says: String, _ arguments: String...) {
            self.arguments = arguments
            self.status = status
            self.says = says
        }
    }

    static let cases = [
        Case(66, "digits, a data file", "train", "missing.csv"),
        Case(66, "did you mean digits?", "train", "digit"),
        Case(66, "did you mean ragged.csv?", "train", "raged.csv"),
        Case(65, "is a directory", "train", "folder"),
        Case(65, "is empty", "train", "empty.csv", "--target", "kind"),
        Case(65, "is empty", "train", "empty.yaml"),
        Case(65, "cut short", "train", "cut-images-idx3-ubyte"),
        Case(65, "the class \"7\"", "train", "train-images-idx3-ubyte"),
        Case(65, "line 3", "train", "ragged.csv", "--target", "kind"),
        Case(65, "kind", "train", "flowers.csv"),
        Case(65, "did you mean \"kind\"?", "train", "flowers.csv", "--target", "kinds"),
        Case(
            65, "did you mean \"width\"?", "train", "flowers.csv", "--target", "kind", "--set",
            "data.columns.widht=log"),
        Case(
            64, "did you mean log?", "train", "flowers.csv", "--target", "kind", "--set", "data.columns.width=logg"),
        Case(65, "200 folds of 150 examples", "train", "flowers.csv", "--target", "kind", "--folds", "200"),
        Case(64, "batch.size", "train", "digits", "--set", "batch.size=0"),
        Case(64, "layer 1", "train", "digits", "--set", "model=[{dense: 4}, {max-pool: 2}, {dense: classes}]"),
        Case(64, "[batch, 10]", "train", "digits", "--set", "model=[{dense: 4}]"),
        Case(64, "did you mean batch?", "train", "digits", "--set", "bathc.size=3"),
        Case(64, "did you mean batch?", "train", "misspelt.yaml"),
        Case(64, "not valid YAML", "train", "torn.yaml"),
        Case(64, "data is missing", "train", "no-data.yaml"),
        Case(64, "path=value", "train", "digits", "--set", "batch"),
        Case(64, "sgd, adam, adamw", "train", "digits", "--set", "optimizer.momentum=0.5"),
        Case(64, "did you mean rmsprop?", "train", "digits", "--set", "optimizer=rmsprob"),
        Case(64, "clip.norm: expected a number above", "train", "digits", "--set", "clip=0"),
        Case(64, "did you mean 0.weight?", "train", "digits", "--set", "groups=[{match: 0.wieght, rate: 2}]"),
        Case(64, "average.swa.from", "train", "digits", "--set", "average={swa: {from: 30 epochs}}"),
        Case(64, "--foo", "train", "digits", "--foo"),
        Case(64, "name a source", "train"),
        Case(64, "did you mean train?", "tarin", "digits"),
        Case(64, "--threads", "train", "digits", "--threads", "0"),
        Case(64, "--micro-batch", "train", "digits", "--micro-batch", "0"),
        Case(64, "--memory", "train", "digits", "--memory", "much"),
        Case(64, "--checkpoint-every", "train", "digits", "--checkpoint-every", "7 bananas"),
        Case(64, "--checkpoint-every", "train", "digits", "--checkpoint-every", "0.5 updates"),
        Case(64, "--keep-checkpoints", "train", "digits", "--keep-checkpoints", "0"),
        Case(64, "data.split.validation", "train", "digits", "--set", "early-stopping=5"),
        Case(64, "not enough memory", "train", "digits", "--memory", "1KiB"),
        Case(64, "--resume", "train", "digits", "--resume", "full"),
        Case(66, "no such run", "train", "--resume", "nowhere"),
        Case(66, "recipe.yaml", "train", "--resume", "full"),
        Case(73, "is not empty", "train", "digits", "--run", "full"),
        Case(73, "is a file", "train", "digits", "--run", "flowers.csv"),
        Case(73, "cannot create", "train", "digits", "--run", "flowers.csv/run"),
        Case(73, "already", "init", "digits", "misspelt.yaml"),
        Case(65, "kind", "init", "flowers.csv"),
        Case(66, "no such model", "evaluate", "missing.safetensors", "digits"),
        Case(66, "model.safetensors", "predict", "full", "digits"),
        Case(65, "empty.csv", "predict", "empty.csv", "digits"),
        Case(65, "safetensors", "predict", "flowers.csv", "digits"),
        Case(64, "--threads", "evaluate", "full", "digits", "--threads", "0"),
        Case(64, "Missing expected argument", "predict"),
    ]

    @Test(arguments: cases) func badInput(_ example: Case) throws {
        let shop = try Workshop()
        try Self.fill(shop)
        let before = try shop.contents()
        for extra in [[], ["--json"]] {
            let outcome = try shop.run(example.arguments + extra)
            #expect(outcome.status == example.status, "\(outcome.errors)")
            #expect(outcome.output.isEmpty)
            #expect(outcome.errorLines.count == 1)
            #expect(outcome.errors.hasPrefix("batchwise: "))
            #expect(outcome.errors.contains(example.says), "\(outcome.errors)")
            #expect(try shop.contents() == before)
        }
    }

    private static func fill(_ shop: Workshop) throws {
        for name in ["folder", "full"] {
            try FileManager.default.createDirectory(
                at: shop.folder.appendingPathComponent(name), withIntermediateDirectories: true)
        }
        try shop.write("something", to: "full/file")
        try shop.write(flowers, to: "flowers.csv")
        try shop.write("", to: "empty.csv")
        try shop.write("", to: "empty.yaml")
        try shop.write("width,height,kind\n1,2,rose\n1,2\n", to: "ragged.csv")
        try shop.write("data: digits\nbathc: 32\n", to: "misspelt.yaml")
        try shop.write("data: digits\nmodel: [relu\n", to: "torn.yaml")
        try shop.write("epochs: 3\n", to: "no-data.yaml")
        try shop.write(Array(idx([100, 4, 4], []) + [1, 2, 3]), to: "cut-images-idx3-ubyte")
        try shop.write(idx([4, 2, 2], Array(0..<16)), to: "train-images-idx3-ubyte")
        try shop.write(idx([4], [0, 1, 0, 1]), to: "train-labels-idx1-ubyte")
        try shop.write(idx([2, 2, 2], Array(0..<8)), to: "t10k-images-idx3-ubyte")
        try shop.write(idx([2], [0, 7]), to: "t10k-labels-idx1-ubyte")
    }

    @Test func numbersThatAreNotFiniteStopTheRun() throws {
        let outcome = try Workshop().run(TrainTests.short + ["--set", "learning-rate=1e30"])
        #expect(outcome.status == 65)
        #expect(outcome.errorLines.count == 1)
        #expect(outcome.errors.contains("layer"))
    }

    @Test func helpAndVersion() throws {
        let shop = try Workshop()
        #expect(try shop.run("--version").output == "0.4.0\n")
        for command in ["train", "plan", "evaluate", "predict", "init"] {
            let outcome = try shop.run(command, "--help")
            #expect(outcome.status == 0)
            #expect(outcome.output.contains("Example"))
            for option in ["--json", "--set"] { #expect(outcome.output.contains(option), "\(command) \(option)") }
        }
    }
}
