import Foundation
import Testing

/// A cross-validation resumes as a whole.
@Suite struct FoldsTests {
    private static let isSlowWanted = ProcessInfo.processInfo.environment["BATCHWISE_SLOW"] != nil
    private static let command = [
        "train", "prices.csv", "--target", "y", "--folds", "4", "--threads", "1", "--set", "epochs=150", "--set",
        "data.split.validation=0.1", "--checkpoint-every", "30 updates", "--run",
    ]

    /// The results of the folds, without what a clock and a machine say of them.
    private func results(_ outcome: Workshop.Outcome) throws -> NSDictionary {
        var json = try outcome.json()
        json["run"] = nil
        let keys = ["parameters_sha256", "updates", "epochs", "train_loss", "test_loss", "test_rmse"]
        json["folds"] = try #require(json["folds"] as? [[String: Any]]).map { fold in
            fold.filter { keys.contains($0.key) }
        }
        return json as NSDictionary
    }

    private func models(_ shop: Workshop, _ run: String) throws -> [Data] {
        try (1...4).map { try shop.bytes("\(run)/fold-\($0)/model.safetensors") }
    }

    @Test func aKilledCrossValidationResumesToTheSameBits() throws {
        let shop = try Workshop()
        try shop.write(prices, to: "prices.csv")
        let start = Date()
        let whole = try shop.run(Self.command + ["whole", "--json"])
        let length = Date().timeIntervalSince(start)
        #expect(try results(whole).count == 3)
        let folds = try #require(try whole.json()["folds"] as? [[String: Any]])
        let updates = try #require(folds.first?["updates"] as? Int)
        let expected = try models(shop, "whole")
        #expect(Set(expected).count == 4)
        var random = Seeded(seed: 11)
        let wanted = Self.isSlowWanted ? 25 : 4
        var (killed, number) = (0, 0)
        // on a busy machine a run may end before it is looked at again: then there is another one
        while killed < wanted, number < 10 * wanted {
            let run = "run-\(number)"
            let moment = number == 0 ? 0 : Int.random(in: 0..<9 * 4 * updates / 10, using: &random)
            let cut = try shop.run(Self.command + [run]) { process in
                while process.isRunning, progress(shop, run, updates) < moment { usleep(100) }
                kill(process.processIdentifier, SIGKILL)
            }
            number += 1
            if cut.status == 0 { continue }
            killed += 1
            // and the run that goes on may be killed too
            let delay = Double.random(in: 0...0.5, using: &random) * length
            _ = try shop.run(["train", "--resume", run]) { process in
                usleep(UInt32(delay * 1e6))
                kill(process.processIdentifier, SIGKILL)
            }
            let resumed = try shop.run("train", "--resume", run, "--json", "--threads", "2")
            #expect(resumed.status == 0, "\(resumed.errors)")
            #expect(try results(resumed) == results(whole), "killed after update \(moment), and after \(delay) s")
            #expect(try models(shop, run) == expected)
        }
        #expect(killed == wanted)
    }

    /// The updates of all folds up to the newest checkpoint, of so many updates a fold; -1 before the first.
    private func progress(_ shop: Workshop, _ run: String, _ updates: Int) -> Int {
        for fold in (1...4).reversed() {
            let folder = shop.folder.appendingPathComponent("\(run)/fold-\(fold)/checkpoints").path
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            let newest = names.compactMap { Int($0.dropFirst("update-".count).prefix(8)) }.max()
            if let newest { return (fold - 1) * updates + newest }
        }
        return -1
    }

    @Test func anInterruptedCrossValidationSaysHowToGoOn() throws {
        let shop = try Workshop()
        try shop.write(prices, to: "prices.csv")
        let cut = try shop.run(Self.command + ["my run", "--json", "--set", "epochs=3000"]) { process in
            while process.isRunning, !shop.hasEpoch("my run/fold-2") { usleep(500) }
            kill(process.processIdentifier, SIGINT)
        }
        #expect(cut.status == 75 && cut.output.isEmpty && cut.errorLines.count == 1, "\(cut.errors)")
        #expect(cut.errors.hasSuffix("batchwise train --resume 'my run'\n"), "\(cut.errors)")
        #expect(!shop.exists("my run/fold-3"))
        let again = try shop.run(Self.command + ["my run"])
        #expect(again.status == 73 && again.errors.contains("--resume 'my run'"), "\(again.errors)")
        let model = try shop.bytes("my run/fold-1/model.safetensors")
        let resumed = try shop.run("train", "--resume", "my run/")
        #expect(resumed.status == 0 && resumed.output.contains("4 folds: "), "\(resumed.errors)")
        #expect(try shop.bytes("my run/fold-1/model.safetensors") == model)
        // a finished one is only looked at
        let finished = try shop.run("train", "--resume", "my run")
        #expect(
            finished.status == 0
                && finished.output.split(separator: "\n").first == resumed.output.split(separator: "\n").first)
        let predicted = try shop.run("predict", "my run", "prices.csv")
        #expect(predicted.status == 66 && predicted.errors.contains("'my run/fold-1'"), "\(predicted.errors)")
        #expect(try shop.run("predict", "my run/fold-1", "prices.csv").status == 0)
    }

    @Test func aDamagedCrossValidationIsCalledThat() throws {
        let shop = try Workshop()
        try shop.write(prices, to: "prices.csv")
        #expect(try shop.run(Self.command + ["run"]).status == 0)
        let good = try shop.read("run/folds.yaml")
        for (text, status, says) in [
            ("", 64, "folds.yaml"), ("folds: 4\n", 65, "is damaged"),
            (good.replacingOccurrences(of: "4", with: "-4"), 65, "is damaged"),
            (good.replacingOccurrences(of: "epochs", with: "epohcs"), 64, "did you mean epochs"),
        ] {
            try shop.write(text, to: "run/folds.yaml")
            let outcome = try shop.run("train", "--resume", "run")
            #expect(outcome.status == status && outcome.errors.contains(says), "\(outcome.errors)")
            #expect(outcome.errors.contains("run/folds.yaml") && outcome.errorLines.count == 1, "\(outcome.errors)")
        }
        try shop.write(good, to: "run/folds.yaml")
        try FileManager.default.removeItem(atPath: shop.path("run/fold-3/recipe.yaml"))
        let lost = try shop.run("train", "--resume", "run", "--json")
        #expect(
            lost.status == 66 && lost.errors.contains("run/fold-3: the directory of this run is damaged"),
            "\(lost.errors)")
        // other data than those of the first folds
        try FileManager.default.removeItem(atPath: shop.path("run/fold-3"))
        try shop.write(prices.replacingOccurrences(of: "0.37,", with: "0.38,"), to: "prices.csv")
        let other = try shop.run("train", "--resume", "run", "--json")
        #expect(other.status == 65 && other.errors.contains("run/fold-1: cannot go on"), "\(other.errors)")
    }
}
