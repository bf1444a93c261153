import Foundation
import Testing

@Suite struct InterruptionTests {
    /// Long enough to be caught in the middle.
    static let long = [
        "train", "digits", "--json", "--threads", "1", "--set", "model=linear", "--set", "epochs=400",
    ]

    @Test(arguments: [SIGINT, SIGTERM, SIGUSR1]) func resumeEqualsUninterrupted(signal: Int32) throws {
        let shop = try Workshop()
        let whole = try shop.run(Self.long + ["--run", "whole"])
        let cut = try shop.run(Self.long + ["--run", "cut"], in: "") { process in
            while process.isRunning, !shop.hasEpoch("cut") { usleep(500) }
            kill(process.processIdentifier, signal)
        }
        #expect(cut.status == 75)
        #expect(cut.errorLines.count == 1)
        #expect(cut.errors.contains("batchwise train --resume cut"))
        #expect(shop.exists("cut/model.safetensors"))
        #expect(try shop.run("evaluate", "cut", "digits").status == 0)
        let updates = try #require(try cut.json()["updates"] as? Int)
        #expect(updates >= 45 && updates < 400 * 45)
        #expect(try cut.hash() != whole.hash())

        let resumed = try shop.run("train", "--resume", "cut", "--json", "--threads", "2")
        #expect(resumed.status == 0, "\(resumed.errors)")
        let one = try whole.json()
        let other = try resumed.json()
        for key in ["updates", "examples", "epochs"] { #expect(one[key] as? Int == other[key] as? Int, "\(key)") }
        for key in ["train_loss", "test_loss", "test_accuracy"] {
            #expect(one[key] as? Double == other[key] as? Double, "\(key)")
        }
        #expect(try whole.hash() == resumed.hash())
        #expect(try shop.bytes("whole/model.safetensors") == shop.bytes("cut/model.safetensors"))
        #expect(try losses(shop, "whole") == losses(shop, "cut"))
    }

    @Test func aKilledRunResumesToTheSameBits() throws {
        let shop = try Workshop()
        let whole = try shop.run(Self.long)
        let killed = try shop.run(Self.long + ["--run", "killed"], in: "") { process in
            while process.isRunning, !shop.hasEpoch("killed") { usleep(500) }
            kill(process.processIdentifier, SIGKILL)
        }
        #expect(killed.status != 0)
        #expect(try shop.run("train", "--resume", "killed", "--json").hash() == whole.hash())
        #expect(try losses(shop, "killed").count == 400)
    }

    @Test func aFinishedRunIsOnlyLookedAt() throws {
        let shop = try Workshop()
        let first = try shop.run(TrainTests.short + ["--run", "run"])
        let events = try shop.read("run/events.jsonl")
        let again = try shop.run("train", "--resume", "run", "--json")
        #expect(again.status == 0)
        #expect(again.errors.contains("finished"))
        #expect(try again.hash() == first.hash())
        #expect(try again.json()["train_loss"] as? Double == first.json()["train_loss"] as? Double)
        #expect(try again.json()["test_accuracy"] as? Double == first.json()["test_accuracy"] as? Double)
        #expect(try shop.read("run/events.jsonl") == events)
    }

    @Test func anotherRecipeOrOtherDataIsNotResumed() throws {
        let shop = try Workshop()
        try shop.write(flowers, to: "flowers.csv")
        _ = try shop.run("train", "flowers.csv", "--target", "kind", "--run", "run", "--set", "epochs=2")
        let recipe = try shop.read("run/recipe.yaml")
        try shop.write(recipe.replacingOccurrences(of: "seed: 42", with: "seed: 43"), to: "run/recipe.yaml")
        let other = try shop.run("train", "--resume", "run")
        #expect(other.status == 65)
        #expect(other.errors.contains("recipe"))
        try shop.write(recipe, to: "run/recipe.yaml")
        try shop.write(flowers.replacingOccurrences(of: "4.0", with: "4.5"), to: "flowers.csv")
        let changed = try shop.run("train", "--resume", "run")
        #expect(changed.status == 65)
        #expect(changed.errors.contains("data"))
    }

    /// The losses of every epoch, in order.
    private func losses(_ shop: Workshop, _ run: String) throws -> [Double] {
        try shop.epochs(run).map { try #require($0["train_loss"] as? Double) }
    }
}
