import Foundation
import Testing

/// Batches that grow, from the command line.
@Suite struct GrowthTests {
    private static let train = [
        "train", "digits", "--set", "model=linear", "--set", "epochs=4", "--set",
        "batch={size: 32, grow: {at: [2 epochs, 3.5 epochs], times: 5}}",
    ]

    private func rows(_ shop: Workshop, _ run: String) throws -> [[String: Any]] {
        try shop.epochs(run)
    }

    @Test func thePlanAndTheMetricsSayIt() throws {
        let shop = try Workshop()
        let outcome = try shop.run(Self.train + ["--run", "run"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.errors.contains("batch grows to 160 from 2 epochs on (9 updates an epoch"))
        #expect(outcome.errors.contains("800 from 3.5 epochs on (2 updates an epoch"))
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
