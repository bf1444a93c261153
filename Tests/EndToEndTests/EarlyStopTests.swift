import Foundation
import Testing

@Suite struct EarlyStopTests {
    private static let recipe = [
        "train", "digits", "--json", "--set", "model=[{dense: 32}, relu, {dense: classes}]", "--set", "epochs=200",
        "--set", "data.split.validation=0.2", "--set", "learning-rate={base: 0.05, decay: constant}",
        "--set", "early-stopping={patience: 6 epochs}", "--set", "keep=best",
    ]

    @Test func theBestEpochIsKeptAndSaid() throws {
        let shop = try Workshop()
        let outcome = try shop.run(Self.recipe + ["--run", "whole"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        let json = try outcome.json()
        let losses = try shop.losses("whole", "validation_loss")
        let best = try #require(losses.indices.min { losses[$0] < losses[$1] })
        #expect(json["stopped_early"] as? Bool == true)
        #expect(json["best_epoch"] as? Int == best + 1)
        #expect(json["epochs"] as? Int == losses.count && losses.count == best + 7)
        // the numbers of the validation and test examples are those of the model that is kept
        #expect(json["validation_loss"] as? Double == losses[best])
        let test = try shop.run("evaluate", "whole", "digits", "--json").json()
        #expect(test["loss"] as? Double == json["test_loss"] as? Double)
        let text = try shop.run(Self.recipe.filter { $0 != "--json" } + ["--run", "text"]).output
        #expect(text.contains("stopped early: validation-loss was no better for 6 epochs"))
        #expect(text.contains("best epoch \(best + 1)") && text.contains("kept as the model"))

        // the run is killed in the middle, and resumed
        let cut = try shop.run(Self.recipe + ["--run", "cut", "--checkpoint-every", "70 updates"]) { process in
            while process.isRunning, !shop.exists("cut/checkpoints/update-00000350.safetensors") { usleep(500) }
            kill(process.processIdentifier, SIGKILL)
        }
        #expect(cut.status != 0)
        let resumed = try shop.run("train", "--resume", "cut", "--json", "--threads", "3")
        #expect(try resumed.hash() == outcome.hash())
        for key in ["best_epoch", "epochs"] { #expect(try resumed.json()[key] as? Int == json[key] as? Int) }
        #expect(try shop.losses("cut", "validation_loss") == losses)
        #expect(try shop.bytes("cut/model.safetensors") == shop.bytes("whole/model.safetensors"))
        // a finished run is finished
        let again = try shop.run("train", "--resume", "cut", "--json")
        #expect(again.errors.contains("finished"))
        #expect(try again.hash() == outcome.hash())
        #expect(try again.json()["validation_loss"] as? Double == losses[best])
    }

    @Test func withoutValidationExamplesTheRecipeIsRefused() throws {
        let shop = try Workshop()
        for setting in ["early-stopping=5", "keep=best"] {
            let outcome = try shop.run("train", "digits", "--set", setting)
            #expect(outcome.status == 64)
            #expect(outcome.errors.contains("data.split.validation is missing"))
        }
        #expect(try shop.contents().isEmpty)
    }

    /// The rate is too high from some update on: the state before is kept, and the same recipe ends in the same way.
    @Test func theStateBeforeARefusedUpdateIsKept() throws {
        let shop = try Workshop()
        let recipe = [
            "train", "digits", "--set", "model=[{dense: 16}, {dense: 16}, {dense: classes}]", "--set",
            "learning-rate=40",
        ]
        for arguments in [recipe + ["--run", "run"], ["train", "--resume", "run"]] {
            let outcome = try shop.run(arguments)
            #expect(outcome.status == 65)
            let line = try #require(outcome.errorLines.last)
            #expect(line.contains("stopped being finite in layer"))
            #expect(line.contains("Try a lower learning rate"))
            #expect(line.contains("is kept in run/checkpoints"))
        }
        let files = try shop.contents().filter { $0.hasSuffix(".safetensors") }
        #expect(files.count >= 1)
        #expect(!shop.exists("run/model.safetensors"))
    }
}
