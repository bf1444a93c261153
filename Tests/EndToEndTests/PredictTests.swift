import Foundation
import Testing

@Suite struct PredictTests {
    @Test func predictionsAreTheClassesOfTheTable() throws {
        let shop = try Workshop()
        try shop.write(flowers, to: "flowers.csv")
        _ = try shop.run("train", "flowers.csv", "--target", "kind", "--run", "run")
        // New rows need no target, and may have their columns in another order.
        try shop.write("height,width\n0,0\n3,4\n12,8\n", to: "new.csv")
        let outcome = try shop.run("predict", "run", "new.csv")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.lines == ["prediction", "rose", "tulip", "daisy"])
        let json = try shop.run("predict", "run/model.safetensors", "new.csv", "--json", "--probabilities").json()
        #expect(json["predictions"] as? [String] == ["rose", "tulip", "daisy"])
        #expect(json["classes"] as? [String] == ["daisy", "rose", "tulip"])
        let rows = try #require(json["probabilities"] as? [[Double]])
        for row in rows { #expect(abs(row.reduce(0, +) - 1) < 1e-5) }
        #expect(rows[0][1] > 0.9)
    }

    @Test func valuesComeInTheTargetsUnitAndInEveryForm() throws {
        let shop = try Workshop()
        try shop.write(prices, to: "prices.csv")
        _ = try shop.run("train", "prices.csv", "--target", "y", "--run", "run", "--set", "epochs=100")
        try shop.write("x\n0.5\n1.5\n", to: "new.csv")
        let outcome = try shop.run("predict", "run", "new.csv")
        let values = outcome.lines.dropFirst().compactMap(Double.init)
        #expect(values.count == 2)
        for (value, expected) in zip(values, [1252.0, 1752.0]) { #expect(abs(value - expected) < 40) }
        #expect(try shop.run("predict", "run", "new.csv", "--output", "new-prices.csv").output.isEmpty)
        #expect(try shop.read("new-prices.csv") == outcome.output)
        #expect(try shop.run("predict", "run", "new.csv", "--json").json()["predictions"] as? [Double] == values)

        _ = try shop.run("predict", "run", "new.csv", "--output", "values.npy")
        let bytes = try Data(contentsOf: shop.folder.appendingPathComponent("values.npy"))
        #expect(bytes.count == 128 + 8)
        let first = bytes[128..<132].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        #expect(Float(bitPattern: first) == Float(values[0]))

        #expect(try shop.run("predict", "run", "new.csv", "--probabilities").status == 64)
        #expect(try shop.run("predict", "run", "new.csv", "--output", "nowhere/x.csv").status == 73)
    }

    @Test func evaluatingTheTestPartGivesTheAccuracyOfTraining() throws {
        let shop = try Workshop()
        let trained = try shop.run(TrainTests.short + ["--run", "run"]).json()
        let evaluated = try shop.run("evaluate", "run", "digits", "--json").json()
        #expect(
            Set(evaluated.keys) == ["examples", "loss", "accuracy", "metrics", "skipped_lines", "trained_on", "part"])
        #expect(evaluated["examples"] as? Int == 359)
        #expect(evaluated["accuracy"] as? Double == trained["test_accuracy"] as? Double)
        #expect(evaluated["loss"] as? Double == trained["test_loss"] as? Double)
    }

    @Test func aModelWhoseTargetsWereTamperedWithIsRefused() throws {
        let shop = try Workshop()
        try shop.write(flowers, to: "flowers.csv")
        _ = try shop.run("train", "flowers.csv", "--target", "kind", "--run", "run", "--set", "epochs=1")
        var bytes = Array(try shop.bytes("run/model.safetensors"))
        let name = Array(#",\"tulip\""#.utf8)
        let place = try #require(bytes.firstRange(of: name))
        bytes.replaceSubrange(place, with: [UInt8](repeating: UInt8(ascii: " "), count: name.count))
        try shop.write(bytes, to: "damaged.safetensors")
        for command in ["predict", "evaluate"] {
            let outcome = try shop.run(command, "damaged.safetensors", "flowers.csv")
            #expect(outcome.status == 65 && outcome.errorLines.count == 1, "\(outcome.errors)")
        }
    }

    @Test func arraysAreEvaluatedWithTheirLabels() throws {
        let shop = try Workshop()
        // Dark images are 0, bright ones 1.
        let pixels = (0..<40).flatMap { [UInt8](repeating: $0 % 2 == 0 ? 10 : 200, count: 4) }
        try shop.write(idx([40, 2, 2], pixels), to: "images.idx")
        try shop.write(idx([40], (0..<40).map { UInt8($0 % 2) }), to: "labels.idx")
        _ = try shop.run("train", "images.idx", "--set", "data.labels=labels.idx", "--run", "run")
        for labels in [["--labels", "labels.idx"], ["--set", "data.labels=labels.idx"]] {
            let json = try shop.run(["evaluate", "run", "images.idx", "--json"] + labels).json()
            #expect(json["accuracy"] as? Double == 1)
        }
        #expect(try shop.run("evaluate", "run", "images.idx").status == 65)
        #expect(try shop.run("evaluate", "run", "images.idx", "--set", "seed=1").status == 64)
    }
}
