import Foundation
import Testing

/// `batchwise measure throughput` and `memory`, and `advise`.
@Suite struct MeasureSpeedTests {
    private static let digits = ["digits", "--set", "model=[{dense: 32}, relu, {dense: classes}]", "--threads", "1"]

    @Test func throughputHasItsContract() throws {
        let shop = try Workshop()
        let json = try shop.run(
            ["measure", "throughput", "--batches", "1,8,64,512", "--seconds", "0.02", "--json"] + Self.digits
        ).json()
        let rows = try #require(json["batches"] as? [[String: Any]])
        #expect(rows.compactMap { $0["batch"] as? Int } == [1, 8, 64, 512])
        for row in rows {
            let (batch, seconds) = (
                try #require(row["batch"] as? Int), try #require(row["seconds_per_update"] as? Double)
            )
            let speed = try #require(row["examples_per_second"] as? Double)
            #expect(abs(speed * seconds / Double(batch) - 1) < 1e-9)
            #expect(try #require(row["share_of_ceiling"] as? Double) > 0)
        }
        // an update of 512 examples takes longer than one of 1, on any machine
        let times = rows.compactMap { $0["seconds_per_update"] as? Double }
        #expect(times[3] > 5 * times[0])
        let fit = try #require(json["fit"] as? [String: Any])
        #expect(try #require(fit["seconds_per_example"] as? Double) > 0)
        #expect([1, 8, 64, 512].contains(try #require(json["knee"] as? Int)))
        // the line of a recipe that grows by goodput
        let (a, b) = (try #require(fit["seconds"] as? Double), try #require(fit["seconds_per_example"] as? Double))
        if a > 0 {
            #expect(abs((fit["overhead"] as? Double ?? 0) / (a / b) - 1) < 1e-9)
            let line = try #require(json["growth"] as? String)
            let settings = line.replacingOccurrences(of: "batch: ", with: "batch=")
            let trained = try shop.run(["train"] + Self.digits + ["--set", "epochs=2", "--set", settings])
            #expect(trained.status == 0 && trained.errors.contains("grows by goodput"), "\(trained.errors)")
        }
    }

    /// A megabyte and more is what the plan says, to a fifth.
    @Test func memoryIsThatOfThePlan() throws {
        let json = try Workshop().run(
            "measure", "memory", "digits", "--set", "model=[{dense: 1024}, relu, {dense: 1024}, {dense: classes}]",
            "--batches", "16,1024", "--threads", "1", "--json"
        ).json()
        for row in try #require(json["batches"] as? [[String: Any]]) {
            let planned = Double(try #require(row["planned"] as? Int))
            let taken = Double(try #require(row["taken"] as? Int))
            #expect(planned > 5e6 && abs(taken / planned - 1) < 0.2, "\(row)")
        }
    }

    /// A table of which validation examples are held out can be measured too.
    @Test func aRecipeWithEarlyStoppingIsMeasured() throws {
        let shop = try Workshop()
        let stopping = ["--set", "data.split.validation=0.1", "--set", "early-stopping=3", "--set", "keep=best"]
        for measure in [["throughput", "--batches", "32", "--seconds", "0.01"], ["memory", "--batches", "32"]] {
            let outcome = try shop.run(["measure"] + measure + Self.digits + stopping)
            #expect(outcome.status == 0, "\(outcome.errors)")
        }
    }

    @Test func adviceIsARecipeThatTrains() throws {
        let shop = try Workshop()
        let advise = ["advise", "--budget", "20s", "--write", "advice.yaml", "--json"] + Self.digits
        let json = try shop.run(advise).json()
        let batch = try #require(json["batch"] as? Int)
        #expect((1...1438).contains(batch) && json["micro_batch"] is Int && json["workers"] as? Int == 1)
        #expect(
            Set(["learning_rate", "warmup_updates", "predicted_seconds", "evidence", "if_wrong", "recipe"])
                .isSubset(of: json.keys))
        let evidence = try #require(json["evidence"] as? [[String: Any]])
        #expect(
            Set(evidence.compactMap { $0["measure"] as? String }) == [
                "throughput", "noise-scale", "learning-rate", "trials",
            ])
        let trained = try shop.run("train", "advice.yaml", "--json", "--run", "run")
        #expect(try #require(try trained.json()["test_accuracy"] as? Double) > 0.94)
        let text = try shop.read("advice.yaml")
        #expect(text.contains("# batch.size \(batch): ") && text.contains("size: \(batch)"))
        // a file that is there is not written again
        #expect(try shop.run(advise).status == 73)
    }

    /// A larger batch than the recipe's beside a rate that climbs by itself, marks of a decay, and sampling.
    @Test(arguments: ["one-cycle", "{multi-step: {at: [15 epochs]}}"])
    func theRestOfTheRecipeStays(decay: String) throws {
        let json = try Workshop().run(
            [
                "advise", "--budget", "20s", "--json", "--set", "batch.size=1", "--set", "epochs=16", "--set",
                "batch.sampling=class-balance", "--set", "learning-rate={base: 0.01, decay: \(decay)}",
            ] + Self.digits
        ).json()
        let recipe = try #require(json["recipe"] as? String)
        #expect(recipe.contains("class-balance") && recipe.contains(String(decay.dropFirst().prefix(8))))
        #expect(try #require(json["batch"] as? Int) > 1)
    }

    @Test func mistakesAreOneLine() throws {
        let shop = try Workshop()
        let cases: [(arguments: [String], status: Int32, part: String)] = [
            (["advise", "digits", "--budget", "soon"], 64, "--budget"),
            (["measure", "throughput", "digits", "--batches", "1439"], 65, "more than the 1438"),
            (["measure", "memory", "digits", "--batches", ""], 64, "--batches"),
            (
                [
                    "advise", "digits", "--budget", "1s", "--set",
                    "model=[{dense: 8192}, {dense: 8192}, {dense: classes}]",
                ], 65, "minutes"
            ),
        ]
        for (arguments, status, part) in cases {
            let outcome = try shop.run(arguments)
            #expect(outcome.status == status && outcome.output.isEmpty, "\(arguments): \(outcome)")
            #expect(outcome.errors.contains(part), "\(arguments): \(outcome.errors)")
        }
    }
}
