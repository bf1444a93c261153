import Foundation
import Testing

@Suite struct TrainTests {
    /// A short run, for what does not depend on how good the model is.
    static let short = [
        "train", "digits", "--json", "--set", "epochs=2", "--set", "model=[{dense: 16}, relu, {dense: classes}]",
    ]

    @Test func digitsAreLearntAndReported() throws {
        let outcome = try Workshop().run("train", "digits", "--json")
        #expect(outcome.status == 0)
        #expect(outcome.errors.isEmpty)
        let json = try outcome.json()
        #expect(
            Set(json.keys) == [
                "updates", "examples", "epochs", "seconds", "examples_per_second", "stall", "updates_per_second",
                "train_loss", "validation_loss", "validation_accuracy", "test_loss", "test_accuracy",
                "parameters_sha256", "run", "stopped_early", "best_epoch", "staleness", "backup", "noise", "notices",
                "warning", "test_metrics", "validation_metrics",
            ])
        #expect(json["stopped_early"] as? Bool == false && json["best_epoch"] is NSNull)
        #expect(json["validation_loss"] is NSNull && json["validation_accuracy"] is NSNull)
        #expect(json["updates"] as? Int == 900)
        #expect(json["examples"] as? Int == 20 * 1438)
        #expect(json["epochs"] as? Int == 20)
        #expect(try #require(json["test_accuracy"] as? Double) >= 0.97)
        #expect(try #require(json["parameters_sha256"] as? String).count == 64)
    }

    @Test func sameBitsForAnyThreadsAndMicroBatch() throws {
        let shop = try Workshop()
        let hash = try shop.run(Self.short).hash()
        let machines = [
            ["--threads", "1"], ["--threads", "2"], ["--threads", "3"], ["--micro-batch", "16"],
            ["--micro-batch", "32", "--threads", "2"], ["--memory", "64MiB"],
        ]
        for machine in machines {
            #expect(try shop.run(Self.short + machine).hash() == hash, "\(machine)")
        }
        // The negative control: settings of the recipe do change the parameters.
        for setting in ["seed=43", "batch.size=33", "learning-rate.base=0.031", "optimizer.sgd.nesterov=true"] {
            #expect(try shop.run(Self.short + ["--set", setting]).hash() != hash, "\(setting)")
        }
    }

    /// Norms are logged where they are asked for, or known anyway, and change no bit.
    @Test func normsAreLogged() throws {
        let shop = try Workshop()
        let clipped = Self.short + ["--set", "clip.norm=0.5"]
        let hashes = try [
            shop.run(Self.short + ["--set", "clip=none", "--run", "plain"]).hash(),
            shop.run(Self.short + ["--set", "clip=none", "--run", "logged", "--log-norms"]).hash(),
            shop.run(clipped + ["--run", "clipped"]).hash(), shop.run(clipped + ["--log-norms"]).hash(),
        ]
        #expect(hashes[0] == hashes[1] && hashes[2] == hashes[3] && hashes[0] != hashes[2])
        for (run, keys) in [
            ("plain", []), ("logged", ["gradient_norm", "update_ratio"]), ("clipped", ["gradient_norm"]),
        ] {
            let record = try #require(try shop.epochs(run).first)
            for key in ["gradient_norm", "update_ratio"] {
                let value = record[key] as? Double
                #expect((value ?? -1 > 0) == keys.contains(key), "\(run): \(key)")
            }
        }
    }

    /// The average is saved and evaluated, and the checkpoint resumes from the parameters themselves.
    @Test func averagesAreSavedAndEvaluated() throws {
        let shop = try Workshop()
        let average = Self.short + ["--set", "average.ema=0.9"]
        let hash = try shop.run(average + ["--run", "ema"]).hash()
        #expect(try shop.run(Self.short + ["--run", "plain"]).hash() != hash)
        let model = try shop.run("evaluate", "ema/model.safetensors", "digits", "--json")
        let trained = try shop.run("train", "--resume", "ema", "--json")
        #expect(try trained.hash() == hash)
        let (mine, theirs) = (try model.json()["accuracy"], try trained.json()["test_accuracy"])
        #expect(try #require(mine as? Double) == #require(theirs as? Double))
    }

    @Test func runDirectoryHoldsRecipePlanMetricsCheckpointAndModel() throws {
        let shop = try Workshop()
        let outcome = try shop.run(Self.short + ["--run", "a/b"])
        #expect(try outcome.json()["run"] as? String == "a/b")
        #expect(
            try shop.contents() == [
                "a", "a/b", "a/b/checkpoints", "a/b/checkpoints/update-00000000.safetensors",
                "a/b/checkpoints/update-00000090.safetensors", "a/b/events.jsonl", "a/b/model.safetensors",
                "a/b/plan.json", "a/b/recipe.yaml",
            ])
        let epochs = try shop.epochs("a/b")
        #expect(epochs.count == 2)
        for (index, record) in epochs.enumerated() {
            #expect(record["epoch"] as? Int == index + 1)
            #expect(record["updates"] as? Int == 45 * (index + 1))
            #expect(record["examples"] as? Int == 1438 * (index + 1))
            let keys = [
                "time", "train_loss", "train_accuracy", "test_loss", "test_accuracy", "learning_rate", "batch",
                "seconds",
            ]
            for key in keys { #expect(record[key] != nil, "\(key)") }
        }
    }

    @Test func recipeOfARunTrainsAgainToTheSameBits() throws {
        let shop = try Workshop()
        try shop.write(flowers, to: "flowers.csv")
        let first = try shop.run("train", "flowers.csv", "--target", "kind", "--json", "--run", "one")
        // The recipe trains from another folder too, because it says where the data is.
        let second = try shop.run("train", "recipe.yaml", "--json", in: "one")
        #expect(try first.hash() == second.hash())
        let again = "one/" + (try #require(try second.json()["run"] as? String))
        #expect(try shop.bytes("one/model.safetensors") == shop.bytes(again + "/model.safetensors"))
    }

    @Test func everySourceOfOneRecipeGivesTheSameBits() throws {
        let shop = try Workshop()
        try FileManager.default.createDirectory(
            at: shop.folder.appendingPathComponent("sub"), withIntermediateDirectories: true)
        try shop.write(flowers, to: "sub/flowers.csv")
        try shop.write("data: {train: flowers.csv, target: kind}\nepochs: 3\n", to: "sub/recipe.yaml")
        try shop.write("data: {train: flowers.csv, target: kind}\nepochs: 3\n", to: "sub/recipe-by-another-name")
        let hash = try shop.run("train", "sub/recipe.yaml", "--json").hash()
        let file = ["train", "sub/flowers.csv", "--json", "--set", "epochs=3"]
        #expect(try shop.run(file + ["--target", "kind"]).hash() == hash)
        #expect(try shop.run(file + ["--set", "data.target=kind"]).hash() == hash)
        #expect(try shop.run(file + ["--set", "data.target=3", "--set", "data.split.test=0.2"]).hash() == hash)
        #expect(try shop.run("train", "sub/recipe-by-another-name", "--json").hash() == hash)
        #expect(try shop.run("train", "sub/recipe.yaml", "--json", "--set", "batch.size=7").hash() != hash)
    }

    @Test func regressionReportsTheErrorInTheTargetsUnit() throws {
        let shop = try Workshop()
        try shop.write(prices, to: "prices.csv")
        let json = try shop.run("train", "prices.csv", "--target", "y", "--json", "--set", "epochs=100").json()
        #expect(json["test_accuracy"] == nil)
        #expect(try #require(json["test_rmse"] as? Double) < 30)
    }

    @Test func withoutTestDataTheTestKeysAreNull() throws {
        let shop = try Workshop()
        try shop.write(flowers, to: "flowers.csv")
        let json = try shop.run(
            "train", "flowers.csv", "--target", "kind", "--json", "--set", "data.split.test=0", "--set", "epochs=1"
        ).json()
        #expect(json["test_loss"] is NSNull)
        #expect(json["test_accuracy"] is NSNull)
    }

    @Test func shortFormsOfARecipeTakeSettingsInside() throws {
        let shop = try Workshop()
        try shop.write("data: digits\nbatch: 64\nlearning-rate: 0.05\noptimizer: adam\nepochs: 1\n", to: "short.yaml")
        let settings = ["batch.grain=8", "learning-rate.decay=cosine", "optimizer.adam.beta1=0.8"]
        let outcome = try shop.run(
            ["train", "short.yaml", "--run", "run"] + settings.flatMap { ["--set", $0] })
        #expect(outcome.status == 0, "\(outcome.errors)")
        let recipe = try shop.read("run/recipe.yaml")
        for part in ["size: 64", "grain: 8", "base: 0.05", "decay: cosine", "beta1: 0.8"] {
            #expect(recipe.contains(part), "\(part) in \(recipe)")
        }
    }

    @Test func settingOneThingOfTheUsualOptimizerKeepsItsMomentum() throws {
        let shop = try Workshop()
        _ = try shop.run(Self.short + ["--run", "run", "--set", "optimizer.sgd.weight-decay=0.001"])
        #expect(try shop.read("run/recipe.yaml").contains("momentum: 0.9"))
    }
}
