import Foundation
import Testing

/// Learning rates in recipes and runs.
@Suite struct RatesTests {
    private static let plateau =
        TrainTests.short + [
            "--set", "epochs=8", "--set",
            "learning-rate={base: 0.02, decay: {plateau: {factor: 0.5, patience: 0, threshold: 0.9}}}",
        ]

    private func rates(_ shop: Workshop, _ run: String) throws -> [Double] {
        try shop.epochs(run).map { try #require($0["learning_rate"] as? Double) }
    }

    @Test func everyDecayTrains() throws {
        let shop = try Workshop()
        let decays = [
            "constant", "linear", "cosine", "one-cycle", "plateau", "{polynomial: {power: 2}}",
            "{step: {every: 1 epoch}}", "{multi-step: {at: [20 updates, 1 epoch], factor: 0.5}}",
            "{exponential: {factor: 0.5}}", "{inverse-square-root: {over: 10 updates}}", "{restarts: {first: 1 epoch}}",
            "{triangular: {low: 0.001, up: 10 updates, momentum: {high: 0.9, low: 0.8}}}",
        ]
        var hashes: Set<String> = []
        for decay in decays {
            let outcome = try shop.run(TrainTests.short + ["--set", "learning-rate={base: 0.05, decay: \(decay)}"])
            #expect(outcome.status == 0, "\(decay): \(outcome.errors)")
            hashes.insert(try outcome.hash())
        }
        // two epochs are too short for a plateau
        #expect(hashes.count == decays.count - 1)
    }

    @Test func aPlateauGoesByTheTrainingLossWhereNothingIsKeptToValidate() throws {
        let shop = try Workshop()
        let outcome = try shop.run(Self.plateau + ["--run", "run"])
        #expect(outcome.status == 0)
        #expect(outcome.errors.contains("training loss") && outcome.errors.contains("data.split.validation"))
        let rates = try rates(shop, "run")
        #expect(rates.first == 0.02 && rates.last! < 0.02 && rates == rates.sorted(by: >))
    }

    @Test func aPlateauGoesByTheValidationLoss() throws {
        let shop = try Workshop()
        try shop.write(flowers, to: "flowers.csv")
        let arguments = [
            "train", "flowers.csv", "--target", "kind", "--json", "--set", "data.split.validation=0.2", "--set",
            "epochs=8", "--set",
            "learning-rate={base: 0.02, decay: {plateau: {factor: 0.5, patience: 0, threshold: 0.5}}}",
        ]
        let outcome = try shop.run(arguments + ["--run", "run"])
        #expect(outcome.status == 0 && outcome.errors.contains("validation loss"), "\(outcome.errors)")
        // the rates are those of the losses in the file
        var (best, rate, expected) = (Double?.none, 0.02, [Double]())
        for record in try shop.epochs("run") {
            let loss = try #require(record["validation_loss"] as? Double)
            expected.append(rate)
            if loss < (best ?? .infinity) * 0.5 { best = loss } else { rate /= 2 }
        }
        #expect(try rates(shop, "run") == expected)
        #expect(expected.last! < 0.02)
    }

    @Test func aKilledRunOnAPlateauResumesToTheSameBits() throws {
        let shop = try Workshop()
        let long = Self.plateau.filter { $0 != "epochs=8" && $0 != "epochs=2" }.filter { $0 != "--set" }
        let settings = long.dropFirst(3).flatMap { ["--set", $0] }
        let arguments = Array(long.prefix(3)) + settings + ["--set", "epochs=300", "--threads", "1"]
        let whole = try shop.run(arguments + ["--run", "whole"])
        #expect(whole.status == 0, "\(whole.errors)")
        let cut = try shop.run(arguments + ["--run", "cut"], in: "") { process in
            while process.isRunning, !shop.hasEpoch("cut") { usleep(500) }
            kill(process.processIdentifier, SIGINT)
        }
        #expect(cut.status == 75)
        let resumed = try shop.run("train", "--resume", "cut", "--json", "--threads", "2")
        #expect(try resumed.hash() == whole.hash())
        #expect(try rates(shop, "cut") == rates(shop, "whole"))
    }

    @Test(arguments: [
        ("learning-rate.decay={plateau: {metric: validation-loss}}", "learning-rate.decay.plateau.metric"),
        ("learning-rate.decay={multi-step: {at: [1 epoch, 2 epochs]}}", "learning-rate.decay.multi-step.at.1"),
        ("learning-rate={warmup: 1 epoch, decay: one-cycle}", "learning-rate.warmup"),
        ("optimizer=sgd", "learning-rate.decay.one-cycle.momentum"),
    ])
    func mistakesAreOneLine(setting: String, path: String) throws {
        let shop = try Workshop()
        let outcome = try shop.run(
            TrainTests.short + ["--run", "run", "--set", "learning-rate.decay=one-cycle", "--set", setting])
        #expect(outcome.status == 64 && outcome.errorLines.count == 1, "\(outcome.errors)")
        #expect(outcome.errors.contains(path), "\(outcome.errors)")
        #expect(!shop.exists("run"))
    }
}
