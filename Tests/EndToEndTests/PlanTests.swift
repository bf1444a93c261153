import Foundation
import Testing

/// `batchwise plan` shows a run before anything of it is done.
@Suite struct PlanTests {
    /// Three inputs of the linear rule, as papers give them.
    static let paper = [
        "plan", "digits", "--no-measure", "--set", "batch.size=8192", "--set", "learning-rate=3.2", "--paper-workers",
        "32",
    ]

    @Test func textSaysWhatWouldBeDone() throws {
        let shop = try Workshop()
        let outcome = try shop.run("plan", "digits", "--threads", "1", "--micro-batch", "16")
        #expect(outcome.status == 0 && outcome.errors.isEmpty)
        for part in [
            "1,438 examples", "batch 32", "1 worker, micro-batch 16, 2 accumulation steps", "900 updates in 20 epochs",
            "workspace", "an update", "examples/s", "measured:", "0 (conv)", "in place", "chosen",
        ] {
            #expect(outcome.output.contains(part), "\(part) in \(outcome.output)")
        }
        #expect(try shop.contents() == [])
    }

    @Test func jsonHasEveryKind() throws {
        let outcome = try Workshop().run("plan", "digits", "--json", "--threads", "2")
        #expect(outcome.status == 0 && outcome.errors.isEmpty)
        let json = try outcome.json()
        #expect(
            Set(json.keys) == [
                "batch", "grain", "lanes", "micro_batch", "accumulation_steps", "workers", "learning_rate",
                "updates_per_epoch", "parameters", "bytes", "layers", "notices", "growth", "phases", "reason",
                "examples",
                "epochs", "updates",
                "rate", "speed", "micro_batches", "largest_micro_batch", "paper", "exchange",
            ])
        let bytes = try #require(json["bytes"] as? [String: Int])
        let kinds = ["parameters", "gradients", "optimizer", "activations", "workspace", "loading"]
        #expect(Set(bytes.keys) == Set(kinds + ["training", "data", "total"]))
        #expect(bytes["training"] == kinds.reduce(0) { $0 + (bytes[$1] ?? 0) })
        #expect(bytes["total"] == (bytes["training"] ?? 0) + (bytes["data"] ?? 0))
        #expect(json["updates_per_epoch"] as? Int == 45 && json["updates"] as? Int == 900)
        let speed = try #require(json["speed"] as? [String: Any])
        for key in ["seconds_per_update", "seconds_per_epoch", "examples_per_second"] {
            #expect(try #require(speed[key] as? Double) > 0, "\(key)")
        }
        let rows = try #require(json["micro_batches"] as? [[String: Any]])
        let chosen = rows.filter { $0["chosen"] as? Bool == true }
        #expect(chosen.map { $0["micro_batch"] as? Int } == [json["micro_batch"] as? Int])
        #expect(chosen.map { $0["bytes"] as? Int } == [bytes["training"]])
        for row in rows + [speed] {
            let numbers = ["low", "examples_per_second", "high"].compactMap { row[$0] as? Double }
            #expect(numbers.count == 3 && numbers == numbers.sorted(), "\(row)")
        }
        #expect(json["reason"] as? String == "it is a worker's part of a batch: 32 examples on 2 workers")
    }

    /// Each line of the table says whether it fits, and one sentence why the chosen one is chosen.
    @Test func theTableSaysWhatFitsAndWhy() throws {
        let shop = try Workshop()
        let command = [
            "plan", "digits", "--no-measure", "--threads", "1", "--set", "batch.size=512", "--memory", "2560KiB",
        ]
        let outcome = try shop.run(command)
        #expect(outcome.status == 0)
        let lines = outcome.lines
        let place = try #require(lines.firstIndex(of: "micro-batches on 1 worker in --memory 2.5 MiB"))
        let table = lines[(place + 1)...].prefix { $0.hasPrefix("  ") }
        let json = try shop.run(command + ["--json"]).json()
        let rows = try #require(json["micro_batches"] as? [[String: Any]])
        #expect(table.count == rows.count + 1 && rows.count > 3)
        for (line, row) in zip(table.dropFirst(), rows) {
            let bytes = try #require(row["bytes"] as? Int)
            let (fits, isChosen) = (bytes <= 2560 << 10, row["micro_batch"] as? Int == json["micro_batch"] as? Int)
            #expect(row["fits"] as? Bool == fits && row["chosen"] as? Bool == isChosen)
            #expect(line.contains(fits ? "  yes  " : "   no  ") && line.hasSuffix("chosen") == isChosen, "\(line)")
        }
        #expect(rows.contains { $0["fits"] as? Bool == true } && rows.contains { $0["fits"] as? Bool == false })
        #expect(json["reason"] as? String == "it is the largest that fits")
        let size = try #require(json["micro_batch"] as? Int)
        #expect(lines.contains("micro-batch \(size) is chosen: it is the largest that fits"))
    }

    /// Train, plan and audit say what becomes of a micro-batch, on one worker, to people and to programs.
    @Test(arguments: [
        ("7", "micro-batch 7 raised to 16: micro-batches hold whole grains, here of 16"),
        ("64", "micro-batch 64 lowered to 32: the batch has 32 examples"),
    ])
    func everyCommandSaysWhatBecomesOfAMicroBatch(asked: String, says: String) throws {
        let settings = ["digits", "--micro-batch", asked, "--set", "epochs=1", "--set", "model=linear"]
        for (number, command) in [
            ["plan", "--no-measure", "--threads", "1"], ["train", "--threads", "1", "--run", "run"],
            ["audit", "--updates", "2", "--no-kill"],
        ].enumerated() {
            let shop = try Workshop()
            let text = try shop.run(command + settings)
            let lines = number == 1 ? text.errorLines : text.lines
            #expect(text.status == 0 && lines.filter { $0 == "note: \(says)" }.count == 1, "\(text)")
            let json = try Workshop().run(command + settings + ["--json"]).json()
            #expect(try #require(json["notices"] as? [String]).filter { $0 == says }.count == 1, "\(json)")
        }
    }

    /// A last batch of one example is told once, though three layers meet it in every epoch.
    @Test func aLastBatchOfOneExampleIsToldOnce() throws {
        let model = "model=[{dense: 8}, {batch-norm: batch}, {dense: 8}, {batch-norm: {ghost: 32}}, {dense: classes}]"
        let settings = ["digits", "--set", model, "--set", "batch=479", "--set", "epochs=3"]
        let says =
            "note: batch normalisation of one example gives nothing but its shift: the last batch of an epoch has 1 "
            + "example: use batch.last: drop, or another batch.size"
        let shop = try Workshop()
        let planned = try shop.run(["plan", "--no-measure"] + settings)
        let trained = try shop.run(["train", "--run", "run"] + settings)
        #expect(planned.status == 0 && trained.status == 0)
        for lines in [planned.lines, trained.errorLines] {
            #expect(lines.filter { $0.contains("normalisation of one") } == [says], "\(lines)")
        }
        let dropped = try shop.run(["plan", "--no-measure"] + settings + ["--set", "batch.last=drop"])
        #expect(dropped.status == 0 && !dropped.output.contains("normalisation of one"))
    }

    /// The plan that `train` shows and writes is the one that `plan` shows.
    @Test func trainDoesWhatWasPlanned() throws {
        let shop = try Workshop()
        let settings = ["digits", "--set", "batch.size=200", "--set", "epochs=1", "--memory", "8MiB", "--threads", "2"]
        let planned = try shop.run(["plan", "--no-measure"] + settings)
        let trained = try shop.run(["train", "--verbose", "--run", "run"] + settings)
        #expect(planned.status == 0 && trained.status == 0, "\(planned.errors)\(trained.errors)")
        #expect(trained.errors.contains(planned.lines.prefix(4).joined(separator: "\n")), "\(trained.errors)")
        let json = try shop.run(["plan", "--json", "--no-measure"] + settings).json()
        let written = try JSONSerialization.jsonObject(with: shop.bytes("run/plan.json")) as? [String: Any]
        for (key, value) in try #require(written) {
            #expect((value as? NSObject) == json[key] as? NSObject, "\(key)")
        }
    }

    @Test func aPapersRunBecomesALocalOne() throws {
        let shop = try Workshop()
        let text = try shop.run(Self.paper + ["--threads", "2"]).output
        for part in [
            "batch 8192 on 32 workers is 256 examples each",
            "32 accumulation steps of 256 on 1 worker, or 16 accumulation steps of 256 on 2 workers",
            "3.2 is 0.1 at a batch of 256, by the linear rule times 32",
            "batch: {size: 8192}, learning-rate: {base: 0.1, at-batch: 256, scaling: linear}",
        ] {
            #expect(text.contains(part), "\(part) in \(text)")
        }
        #expect(!text.contains("ghost"))
        let normalised = ["--set", "model=[{dense: 20}, {batch-norm: {ghost: 32}}, relu, {dense: classes}]"]
        let ghosts = try shop.run(Self.paper + normalised).output
        #expect(ghosts.contains("the recipe has 32: {batch-norm: {ghost: 256}} is the same here"), "\(ghosts)")
        let json = try shop.run(Self.paper + normalised + ["--json", "--threads", "1"]).json()
        let paper = try #require(json["paper"] as? [String: Any])
        #expect(paper["examples_per_worker"] as? Int == 256 && paper["ghost"] as? Int == 256)
        #expect(paper["base_rate"] as? Double == 0.1 && paper["factor"] as? Double == 32)
        // the keys are a recipe
        let recipe = try #require(paper["recipe"] as? String).replacingOccurrences(
            of: ", learning-rate", with: "\nlearning-rate")
        try shop.write("data: digits\n\(recipe)\n", to: "recipe.yaml")
        let again = try shop.run(["plan", "recipe.yaml", "--no-measure", "--json", "--paper-workers", "32"]).json()
        let second = try #require(again["paper"] as? [String: Any])
        #expect(second["learning_rate"] as? Double == 3.2 && second["recipe"] as? String == paper["recipe"] as? String)
    }

    /// The budget that a refusal names works, and one byte less does not.
    @Test(arguments: [[], ["--threads", "2"], ["--set", "batch.size=512", "--micro-batch", "64"]])
    func theNamedBudgetWorks(settings: [String]) throws {
        let shop = try Workshop()
        let plan = ["plan", "digits", "--no-measure"] + settings
        let refused = try shop.run(plan + ["--memory", "1KiB"])
        #expect(refused.status == 64 && refused.errorLines.count == 1 && refused.output.isEmpty)
        #expect(refused.errors.contains("layer"))
        let words = refused.errors.split(separator: " ").map(String.init)
        let place = try #require(words.firstIndex(of: "--memory"))
        let least = try #require(Int(words[place + 1]))
        #expect(try shop.run(plan + ["--memory", "\(least)"]).status == 0)
        let short = try shop.run(plan + ["--memory", "\(least - 1)"])
        #expect(short.status == 64 && short.errors.contains("--memory \(least) "))
    }

    /// A micro-batch that cannot be as asked is said, whichever way it is changed.
    @Test(arguments: [
        ("7", "micro-batch 7 raised to 16: micro-batches hold whole grains, here of 16"),
        ("64", "micro-batch 64 lowered to 16: 32 examples on 2 workers"),
        ("9223372036854775807", "micro-batch 9223372036854775807 lowered to 16: 32 examples on 2 workers"),
        ("16", nil),
    ])
    func aMicroBatchThatIsChangedIsSaid(asked: String, says: String?) throws {
        let outcome = try Workshop().run(
            "plan", "digits", "--no-measure", "--threads", "2", "--micro-batch", asked, "--set", "epochs=20")
        #expect(outcome.status == 0)
        #expect(outcome.lines.filter { $0.hasPrefix("note: ") } == (says.map { ["note: \($0)"] } ?? []))
    }

    @Test func noticesSayWhereTheRateIsKnownToBreak() throws {
        let outcome = try Workshop().run(
            "plan", "digits", "--no-measure", "--set", "batch=512", "--set", "model=linear", "--set", "epochs=20",
            "--set",
            "learning-rate={base: 0.1, at-batch: 32, scaling: linear}", "--critical-batch", "100", "--curvature", "10")
        #expect(outcome.status == 0)
        let notes = outcome.lines.filter { $0.hasPrefix("note: ") }
        #expect(notes.count == 3, "\(outcome.output)")
        for part in ["Goyal 2017", "McCandlish 2018", "Cohen 2021"] {
            #expect(notes.contains { $0.contains(part) }, "\(part)")
        }
    }

    @Test(arguments: [
        ErrorTests.Case(64, "is not a whole", "--paper-workers", "1.5"),
        ErrorTests.Case(64, "32 is not the same number of examples on each of 5 workers", "--paper-workers", "5"),
        ErrorTests.Case(64, "--paper-workers must be at least 1", "--paper-workers", "0"),
        ErrorTests.Case(64, "--accumulation must be at least 1", "--accumulation", "0"),
        ErrorTests.Case(64, "takes 1 accumulation step, not 7", "--accumulation", "7", "--threads", "2"),
        ErrorTests.Case(64, "would need 0.67 workers", "--accumulation", "3", "--micro-batch", "16"),
        ErrorTests.Case(64, "--critical-batch must be a number above 0", "--critical-batch", "0"),
        ErrorTests.Case(64, "--curvature must be a number above 0", "--curvature", "0"),
        ErrorTests.Case(64, "not enough memory", "--memory", "1KiB"),
    ])
    func contradictionsAreRefusedInOneLine(example: ErrorTests.Case) throws {
        let shop = try Workshop()
        let outcome = try shop.run(["plan", "digits"] + example.arguments)
        #expect(outcome.status == example.status && outcome.output.isEmpty && outcome.errorLines.count == 1)
        #expect(outcome.errors.contains(example.says) || example.says == "is not a whole", "\(outcome.errors)")
        #expect(try shop.contents() == [])
    }
}
