import Foundation
import Testing

/// `train --resume RUN --epochs N` lengthens a run.
@Suite struct LengthenTests {
    private static func command(_ rate: String, epochs: Int, _ run: String) -> [String] {
        [
            "train", "prices.csv", "--target", "y", "--threads", "1", "--json", "--set", "epochs=\(epochs)", "--set",
            "learning-rate=\(rate)", "--run", run,
        ]
    }

    private func shop() throws -> Workshop {
        let shop = try Workshop()
        try shop.write(prices, to: "prices.csv")
        return shop
    }

    /// Rates that do not depend on the length of the run: the same bits as the longer run from the start.
    @Test(arguments: [
        "{base: 0.02, decay: constant}",
        "{base: 0.02, warmup: 2 epochs, decay: {step: {every: 3 epochs, factor: 0.5}}}",
        "{base: 0.02, decay: {exponential: {factor: 0.9}}}", "{base: 0.02, decay: plateau}",
    ])
    func theSameBitsAsTheLongerRun(rate: String) throws {
        let shop = try shop()
        let whole = try shop.run(Self.command(rate, epochs: 9, "whole"))
        let short = try shop.run(Self.command(rate, epochs: 5, "run"))
        #expect(try short.hash() != whole.hash())
        let longer = try shop.run("train", "--resume", "run", "--epochs", "9", "--json")
        #expect(try longer.hash() == whole.hash(), "\(longer.errors)")
        #expect(
            longer.errors.contains("lengthened from 5 to 9 epochs: its learning rate does not depend on its length"))
        #expect(try shop.read("run/recipe.yaml").contains("epochs: 9\nlengthened:"))
        let events = try shop.read("run/events.jsonl").split(separator: "\n")
        #expect(events.filter { $0.contains("\"epoch\",") || $0.contains("\"event\":\"epoch\"") }.count == 9)
        // said once more, it is finished; shorter is refused, and nothing changes
        #expect(try shop.run("train", "--resume", "run", "--epochs", "9", "--json").hash() == whole.hash())
        let shorter = try shop.run("train", "--resume", "run", "--epochs", "8", "--json")
        #expect(shorter.status == 64 && shorter.errors.contains("expected more than the 9 that the run has"))
        #expect(try shop.read("run/recipe.yaml").contains("epochs: 9\nlengthened:"))
    }

    /// A rate that falls to the end falls once more; the recipe says so, and leads to the same model.
    @Test(arguments: ["cosine", "linear", "{polynomial: {power: 2}}", "one-cycle"])
    func aFallToTheEndBeginsAgain(decay: String) throws {
        let shop = try shop()
        let rate = "{base: 0.02, decay: \(decay)}"
        let whole = try shop.run(Self.command(rate, epochs: 9, "whole"))
        _ = try shop.run(Self.command(rate, epochs: 5, "run"))
        let longer = try shop.run("train", "--resume", "run", "--epochs", "9", "--json")
        #expect(longer.errors.contains("falls once more from its peak, over epochs 6 to 9"), "\(longer.errors)")
        #expect(try longer.hash() != whole.hash())
        let again = try shop.run("train", "run/recipe.yaml", "--json", "--run", "again")
        #expect(try again.hash() == longer.hash())
        let twice = try shop.run("train", "--resume", "run", "--epochs", "11", "--json")
        #expect(try shop.run("train", "run/recipe.yaml", "--json", "--run", "twice").hash() == twice.hash())
        guard decay == "cosine" else { return }
        // epoch 6 begins at the peak, and epoch 9 ends at 0, as a cosine of 4 epochs of 5 updates does
        let rates = try shop.read("run/events.jsonl").split(separator: "\n").compactMap { line -> Double? in
            let event = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            return event?["event"] as? String == "update" ? event?["learning_rate"] as? Double : nil
        }
        for place in 0..<20 {
            let expected = 0.02 * (1 + cos(.pi * Double(place) / 19)) / 2
            #expect(abs(rates[25 + place] - expected) < 1e-12, "\(place)")
        }
    }

    /// A kill after the change, an unfinished run, and a length in updates.
    @Test func aLengthenedRunIsKilledAndGoesOn() throws {
        let shop = try shop()
        let rate = "{base: 0.02, decay: constant}"
        let whole = try shop.run(Self.command(rate, epochs: 4000, "whole"))
        _ = try shop.run(Self.command(rate, epochs: 5, "run"))
        _ = try shop.run(["train", "--resume", "run", "--updates", "20000", "--checkpoint-every", "50 updates"]) {
            process in
            while process.isRunning, try! !shop.read("run/recipe.yaml").contains("4000") { usleep(500) }
            usleep(30_000)
            kill(process.processIdentifier, SIGKILL)
        }
        #expect(try shop.read("run/recipe.yaml").contains("lengthened:"))
        #expect(try shop.run("train", "--resume", "run", "--json").hash() == whole.hash())
        let odd = try shop.run("train", "--resume", "run", "--updates", "20003")
        #expect(odd.status == 64 && odd.errors.contains("such as 20000 or 20005"), "\(odd.errors)")
    }

    @Test func whatCannotBeLengthenedSaysWhy() throws {
        let shop = try shop()
        let rate = "{base: 0.02, decay: constant}"
        _ = try shop.run(Self.command(rate, epochs: 5, "run"))
        _ = try shop.run(
            Self.command(rate, epochs: 400, "stopped")
                + ["--set", "early-stopping={patience: 1, metric: train-loss, min-delta: 1000}"])
        _ = try shop.run(Self.command(rate, epochs: 2, "folds") + ["--folds", "2"])
        let cases: [([String], Int32, String)] = [
            (["--resume", "stopped", "--epochs", "500"], 64, "early stopping has ended this run"),
            (["--resume", "folds", "--epochs", "9"], 64, "such as folds/fold-1"),
            (["--resume", "run", "--epochs", "9", "--updates", "90"], 64, "exclude each other"),
            (["prices.csv", "--epochs", "9"], 64, "--set epochs=9"),
            (["--resume", "run", "--epochs", "0"], 64, "at least 1"),
            (["--resume", "run", "--epochs", "2000000"], 64, "at most 1000000"),
            (["--resume", "run", "--updates", "9223372036854775807"], 64, "from 1 to 2^50"),
            (["--resume", "run", "--updates", "1125899906842624"], 64, "updates: expected"),
        ]
        let before = try shop.everything()
        for (flags, status, text) in cases {
            let outcome = try shop.run(["train"] + flags)
            #expect(outcome.status == status && outcome.errors.contains(text), "\(flags) \(outcome.errors)")
        }
        #expect(try shop.everything() == before)
    }
}
