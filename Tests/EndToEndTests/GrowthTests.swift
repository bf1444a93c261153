import Foundation
import Testing

/// Batches that grow, from the command line.
@Suite struct GrowthTests {
    private static let train = [
        "train", "digits", "--set", "model=linear", "--set", "epochs=4", "--set",
        "batch={size: 32, grow: {at: [2 epochs, 3.5 epochs], times: 5}}",
    ]

    /// The messages without the ends of lines in them.
    private static func unbroken(_ outcome: Workshop.Outcome) -> String {
        outcome.errors.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    private func rows(_ shop: Workshop, _ run: String) throws -> [[String: Any]] {
        try shop.epochs(run)
    }

    @Test func thePlanAndTheMetricsSayIt() throws {
        let shop = try Workshop()
        let outcome = try shop.run(Self.train + ["--run", "run"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(Self.unbroken(outcome).contains("32 examples, 160 from update 91 on, 800 from update 105 on, "))
        let planned = try shop.run(["plan"] + Self.train.dropFirst() + ["--no-measure"])
        #expect(planned.output.contains("batch grows to 160 from 2 epochs on (9 updates an epoch"))
        #expect(planned.output.contains("800 from 3.5 epochs on (2 updates an epoch"))
        #expect(try rows(shop, "run").map { $0["batch"] as? Int } == [32, 32, 160, 800])
        // the last epoch: 5 of 160, and the rest as one of 800
        #expect(try rows(shop, "run").map { $0["updates"] as? Int } == [45, 90, 99, 105])
        let plan = try #require(
            try JSONSerialization.jsonObject(with: shop.bytes("run/plan.json")) as? [String: Any])
        let phases = try #require(plan["phases"] as? [[String: Any]])
        #expect(phases.map { $0["batch"] as? Int } == [32, 160, 800])
        #expect(phases.map { $0["updates_per_epoch"] as? Int } == [45, 9, 2])
        // the recipe of the run is the same recipe
        let again = try shop.run("train", "run/recipe.yaml", "--json", "--threads", "1")
        #expect(again.status == 0, "\(again.errors)")
        #expect(try again.hash() == shop.run(Self.train + ["--json"]).hash())
    }

    @Test(arguments: [
        ["batch={size: 32, grow: {at: [100 epochs, 300 epochs], times: 2}}"],
        ["batch={size: 16, grow: {by: norm-test, theta: 0.3, every: 40 updates, up-to: 512}}"],
        ["batch={size: 16, grow: {by: noise-scale, every: 200 updates, up-to: 512}}"],
        ["epochs=60", "batch={size: 64}", "learning-rate={base: 0.1, at-batch: 16, scaling: adascale, decay: linear}"],
    ])
    func resumeEqualsUninterrupted(settings: [String]) throws {
        let shop = try Workshop()
        let long = InterruptionTests.long + settings.flatMap { ["--set", $0] }
        let whole = try shop.run(long + ["--run", "whole"])
        #expect(whole.status == 0, "\(whole.errors)")
        let cut = try shop.run(long + ["--run", "cut"], in: "") { process in
            while process.isRunning, !shop.hasEpoch("cut") { usleep(500) }
            usleep(200_000)
            kill(process.processIdentifier, SIGINT)
        }
        #expect(cut.status == 75 || cut.status == 0, "\(cut.errors)")
        let resumed = try shop.run("train", "--resume", "cut", "--json", "--threads", "2")
        #expect(resumed.status == 0, "\(resumed.errors)")
        #expect(try whole.hash() == resumed.hash())
        #expect(
            try rows(shop, "whole").map { $0["batch"] as? Int } == rows(shop, "cut").map { $0["batch"] as? Int })
        #expect(try shop.bytes("whole/model.safetensors") == shop.bytes("cut/model.safetensors"))
    }

    /// Every decision is one line on standard error and one in the log, with its numbers.
    @Test func decisionsAreTold() throws {
        let shop = try Workshop()
        let outcome = try shop.run(
            "train", "digits", "--set", "model=linear", "--set", "epochs=4", "--run", "run", "--set",
            "batch={size: 32, grow: {by: noise-scale, share: 0.2, up-to: 512}}")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(
            Self.unbroken(outcome).contains("batch grows by 0.2 of the noise scale every 1 epoch, to at most 2 times"))
        let told = outcome.errorLines.filter { $0.contains(" at update ") }
        let logged = try shop.read("run/events.jsonl").split(separator: "\n").compactMap {
            try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
        }.filter { $0["event"] as? String == "growth" }
        #expect(told.count == logged.count && (1...3).contains(logged.count), "\(outcome.errors)")
        for (line, event) in zip(told, logged) {
            let (before, batch) = (try #require(event["before"] as? Int), try #require(event["batch"] as? Int))
            let change = batch > before ? "grows from \(before) to \(batch)" : "stays \(before)"
            #expect(
                line.hasPrefix("batch \(change) at update \(event["update"] ?? 0): noise-scale asks for "), "\(line)")
            let variance = try #require(event["variance"] as? Double)
            let square = try #require(event["gradient_norm_squared"] as? Double)
            let scale = try #require(event["noise_scale"] as? Double)
            #expect(abs(scale * square / variance - 1) < 1e-9)
            #expect(abs((event["asked"] as? Double ?? 0) / scale - 0.2) < 1e-9)
            #expect(event["loss"] is Double && event["learning_rate"] is Double && event["theta"] is Double)
            #expect(event["reason"] is String && event["sample"] as? Int == 1024)
        }
    }

    @Test(arguments: [
        ["batch={size: 32, grow: {by: cabs, up-to: 256}}"],
        ["batch={size: 32, grow: {by: goodput, overhead: 50, up-to: 256}}"],
        ["batch={size: 32, grow: {at: 1 epochs, times: 2}}"],
        ["batch={size: 64}", "learning-rate={base: 0.1, at-batch: 16, scaling: adascale}"],
        ["learning-rate={base: 0.1, decay: {plateau: {metric: train-loss}}}"],
    ])
    func theAuditAcceptsThem(settings: [String]) throws {
        let outcome = try Workshop().run(
            ["audit", "digits", "--updates", "6", "--set", "model=linear"] + settings.flatMap { ["--set", $0] })
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.lines.last?.hasPrefix("same bits: ") == true, "\(outcome.output)")
    }

    @Test func theGainIsLogged() throws {
        let shop = try Workshop()
        let outcome = try shop.run(
            "train", "digits", "--set", "model=linear", "--set", "epochs=2", "--run", "run", "--set", "batch.size=128",
            "--set", "learning-rate={base: 0.05, at-batch: 16, scaling: adascale}")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.errors.contains("between epochs 2 and 16"), "\(outcome.errors)")
        let epochs = try rows(shop, "run")
        let last = try #require(epochs.last)
        // 90 updates of 16 make an epoch of 1,438 examples
        #expect(abs((last["base_updates"] as? Double ?? 0) - 180) < 1e-6 && (3...16).contains(epochs.count))
        for epoch in epochs { #expect((1...8).contains(epoch["gain"] as? Double ?? 0)) }
    }

    @Test func mistakesAreOneLine() throws {
        let shop = try Workshop()
        for (grow, message) in [
            (
                "{at: 5 epochs, times: 2}",
                "batch.grow.at: expected marks within the 4 epochs of the run, found 5 epochs"
            ),
            ("{at: 2 epochs, times: 1000}", "batch.grow.times: expected batches of at most the 1438 examples"),
            ("{at: 2 epochs, tims: 2}", "unknown key batch.grow.tims: did you mean times?"),
        ] {
            let outcome = try shop.run(
                "train", "digits", "--set", "epochs=4", "--set", "batch={size: 32, grow: \(grow)}")
            #expect(outcome.status == 64)
            #expect(outcome.errorLines.count == 1 && outcome.errors.contains(message), "\(outcome.errors)")
        }
        let outcome = try shop.run(Self.train + ["--memory", "4KiB", "--threads", "1"])
        #expect(outcome.status == 64 && outcome.errors.contains("batches grow to 800"), "\(outcome.errors)")
        #expect(try shop.contents() == [])
    }
}
