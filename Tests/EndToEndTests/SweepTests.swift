import Foundation
import Testing

/// `batchwise sweep`
@Suite struct SweepTests {
    private static let grid = [
        "sweep", "digits", "--over", "batch.size=16,64", "--over", "learning-rate.base=0.02,0.1", "--seeds", "2",
        "--set", "model=[{dense: 16}, relu, {dense: classes}]", "--set", "epochs=4",
    ]

    private func cells(_ outcome: Workshop.Outcome) throws -> [[String: Any]] {
        try #require(try outcome.json()["cells"] as? [[String: Any]])
    }

    /// The cells without what a clock and a place say of them.
    private func plain(_ outcome: Workshop.Outcome) throws -> NSArray {
        try cells(outcome).map { cell in
            cell.filter { !["seconds", "seconds_to_goal", "run"].contains($0.key) }
        } as NSArray
    }

    @Test func cellsAreTheRunsOfTrain() throws {
        let shop = try Workshop()
        let one = try shop.run(Self.grid + ["--run", "one", "--jobs", "1", "--json"])
        let three = try shop.run(Self.grid + ["--run", "three", "--jobs", "3", "--json"])
        #expect(one.status == 0 && one.errors.isEmpty, "\(one.errors)")
        let found = try cells(one)
        #expect(try found.count == 8 && plain(one) == plain(three))
        #expect(found.allSatisfy { $0["status"] as? String == "finished" && $0["updates"] as? Int ?? 0 > 0 })
        for cell in found {
            let settings = try #require(cell["settings"] as? [String: Any])
            let arguments = settings.flatMap { ["--set", "\($0.key)=\($0.value)"] }
            let seed = try #require(cell["seed"] as? Int)
            let train = try shop.run(
                ["train", "digits", "--json", "--set", "seed=\(seed)"] + Self.grid.suffix(4) + arguments)
            #expect(try train.hash() == cell["parameters_sha256"] as? String)
            for key in ["updates", "examples", "train_loss", "test_loss", "test_accuracy"] {
                #expect(try train.json()[key] as? NSNumber == cell[key] as? NSNumber, "\(key)")
            }
            #expect(try shop.run("evaluate", #require(cell["run"] as? String), "digits").status == 0)
        }
        // the file for pages is the output
        #expect(try shop.read("one/sweep.json") == one.output)
        let best = try #require(try one.json()["best"] as? [String: Any])
        let accuracies = stride(from: 0, to: 8, by: 2).map { place in
            (0..<2).reduce(0.0) { $0 + (found[place + $1]["test_accuracy"] as? Double ?? 0) / 2 }
        }
        #expect(abs(try #require(best["test_accuracy"] as? Double) - #require(accuracies.max())) < 1e-12)
        let text = try shop.run("sweep", "--resume", "one")
        #expect(text.status == 0 && text.lines.allSatisfy { $0.count <= 80 }, "\(text.output)")
        #expect(text.output.contains("size 16, base 0.02") && text.output.contains("Best: "))
    }

    @Test(arguments: [SIGKILL, SIGINT]) func aSweepThatEndsEarlyGoesOnToTheSameTable(signal: Int32) throws {
        let shop = try Workshop()
        let command = Self.grid.dropLast() + ["epochs=120", "--goal", "test_accuracy=0.97", "--run"]
        let whole = try shop.run(command + ["whole", "--json"])
        #expect(whole.status == 0, "\(whole.errors)")
        let cut = try shop.run(command + ["cut", "--json"]) { process in
            // in the middle: some cells have ended, others have begun
            while process.isRunning, (try? shop.hasEndedCell("cut")) != true {
                usleep(500)
            }
            kill(process.processIdentifier, signal)
        }
        #expect(cut.status != 0 && cut.output.isEmpty)
        if signal == SIGINT {
            #expect(cut.status == 75 && cut.errors.contains("batchwise sweep --resume cut"), "\(cut.errors)")
        }
        #expect(!shop.exists("cut/sweep.json"))
        // the same command goes on too
        let resumed = try shop.run(
            signal == SIGINT ? command + ["cut", "--json"] : ["sweep", "--resume", "cut", "--json"])
        #expect(resumed.status == 0, "\(resumed.errors)")
        #expect(try plain(resumed) == plain(whole))
        #expect(try cells(resumed).contains { $0["status"] as? String == "goal" })
    }

    @Test func aRateThatIsTooLargeDiverges() throws {
        let shop = try Workshop()
        let outcome = try shop.run(
            "sweep", "digits", "--over", "learning-rate=0.05,1e30", "--set", "model=linear", "--set", "epochs=2",
            "--run",
            "run", "--json")
        #expect(outcome.status == 0)
        let found = try cells(outcome)
        #expect(found.map { $0["status"] as? String } == ["finished", "diverged"])
        #expect(try #require(found[1]["reason"] as? String).contains("finite"))
        #expect(try #require(try outcome.json()["best"] as? [String: Any])["batch"] as? Int == 32)
        #expect(try outcome.json()["critical_batch"] is NSNull)
        #expect(!outcome.output.contains("nan") && !outcome.output.contains("inf,"))
    }

    @Test func ratesAreTuned() throws {
        let shop = try Workshop()
        let outcome = try shop.run(
            "sweep", "digits", "--over", "batch.size=32,128", "--tune-rate", "--goal", "test_accuracy=0.9", "--set",
            "model=linear", "--set", "epochs=6", "--run", "run")
        #expect(outcome.status == 0 && outcome.lines.allSatisfy { $0.count <= 80 }, "\(outcome)")
        let json = try shop.run("sweep", "--resume", "run", "--json").json()
        let rates = try #require(json["tuned_rates"] as? [[String: Any]])
        #expect(rates.count == 2 && rates.allSatisfy { $0["rate"] is Double })
        let stopped = try #require(json["cells"] as? [[String: Any]]).filter { $0["status"] as? String == "stopped" }
        for cell in stopped { #expect((cell["reason"] as? String)?.contains("not among the best") == true) }
    }

    /// The settings of a tuned cell, given to `train`, are its rate: at whatever batch the recipe's own rate was chosen.
    @Test func tunedSettingsAreThoseOfTheCell() throws {
        let shop = try Workshop()
        let common = ["digits", "--set", "model=linear", "--set", "epochs=3"]
        let sweep = try shop.run(
            ["sweep"] + common + ["--over", "batch.size=128", "--tune-rate", "--goal", "test_accuracy=0.99", "--json"])
        let cell = try #require(cells(sweep).first { $0["status"] as? String == "finished" })
        let rate = try #require((cell["settings"] as? [String: Any])?["learning-rate.base"] as? Double)
        let run = try shop.run(
            ["train"] + common
                + ["--set", "batch.size=128", "--set", "learning-rate.base=\(rate)", "--set", "keep=last", "--json"])
        #expect(run.status == 0 && rate > 0, "\(run)")
        #expect(
            try run.json()["parameters_sha256"] as? String == cell["parameters_sha256"] as? String,
            "\(run.output) \(cell)")
    }

    /// Sharpness and noise scale stand in the table and in both forms of the results; the caveat is said once.
    @Test func shapesAndNoiseAreShown() throws {
        let shop = try Workshop()
        let command = [
            "sweep", "digits", "--over", "batch.size=16,64,512", "--seeds", "2", "--set", "epochs=20", "--set",
            "model=[{dense: 16}, relu, {dense: classes}]", "--goal", "train_loss=0.3", "--run", "run",
        ]
        let measures = ["--sharpness", "--curvature", "--noise-scale"]
        let text = try shop.run(command + measures)
        #expect(text.status == 0 && text.errors.isEmpty && text.lines.allSatisfy { $0.count <= 80 }, "\(text.output)")
        #expect(text.output.components(separatedBy: "Dinh 2017").count == 2, "\(text.output)")
        for part in ["box", "directions", "gradient", "eigenvalue", "by this sweep", "by noise scale", "ratio"] {
            #expect(text.output.contains(part), "\(part): \(text.output)")
        }
        let outcome = try shop.run("sweep", "--resume", "run", "--json")
        #expect(try shop.read("run/sweep.json") == outcome.output)
        let json = try outcome.json()
        let shapes = try #require(json["shapes"] as? [[String: Any]])
        #expect(shapes.compactMap { $0["batch"] as? Int } == [16, 64, 512])
        let found = try cells(outcome)
        for (place, shape) in shapes.enumerated() {
            for key in ["sharpness", "subspace_sharpness", "ascent", "largest_eigenvalue", "generalisation_gap"] {
                let own = found[2 * place..<2 * place + 2].compactMap { $0[key] as? Double }
                #expect(own.count == 2)
                #expect(abs(try #require(shape[key] as? Double) - own.reduce(0, +) / 2) < 1e-9, "\(key)")
            }
            let gap = try #require(found[2 * place]["gap_at_end"] as? Double)
            let losses = try ["test_loss", "shape_loss"].map { try #require(found[2 * place][$0] as? Double) }
            #expect(abs(gap - (losses[0] - losses[1])) < 1e-9)
        }
        let predicted = try #require(json["predicted_critical_batch"] as? [String: Any])
        #expect(predicted["batch"] as? Int == 64 && predicted["runs"] as? Int == 2)
        #expect(try #require(predicted["value"] as? Double) > 0)
        #expect(found.map { $0["noise_scale"] is NSNull } == [true, true, false, false, true, true])
        // the same cells as `measure` sees them
        let cell = try #require(found[3]["run"] as? String)
        let measured = try shop.run(
            ["measure", "sharpness", "digits", "--run", cell, "--epsilon", "0.001", "--json"] + command[6...9]
        ).json()
        let boxes = try #require(measured["boxes"] as? [[String: Any]])
        #expect(boxes[0]["sharpness"] as? Double == found[3]["sharpness"] as? Double)
        // without the flags there is none of it, and another sweep does not go on here
        #expect(try shop.run(command).status == 73)
        let plain = try shop.run(command.dropLast() + ["plain", "--json"])
        #expect(try (plain.json()["shapes"] as? [Any])?.isEmpty == true)
        #expect(try plain.json()["sharpness_caveat"] is NSNull)
        let hashes = try [outcome, plain].map { try cells($0).compactMap { $0["parameters_sha256"] as? String } }
        #expect(hashes[0] == hashes[1] && hashes[0].count == 6)
    }

    @Test func badInputGivesASentence() throws {
        let shop = try Workshop()
        try shop.write("x,y\n1,1\n2,2\n3,3\n4,4\n5,5\n", to: "few.csv")
        try shop.write("mine", to: "full/notes.txt", making: "full")
        let digits = ["sweep", "digits", "--set", "epochs=1"]
        let table = ["sweep", "few.csv", "--target", "y", "--set", "epochs=1", "--set", "data.split.test=0"]
        let cases: [(arguments: [String], status: Int32, part: String)] = [
            (digits, 64, "name what varies"),
            (digits + ["--over", "batch.sise=8"], 64, "did you mean size?"),
            (digits + ["--over", "batch.size=8,-1"], 64, "batch.size -1"),
            (digits + ["--over", "batch.size=8", "--goal", "test_rmse=1"], 64, "accuracy"),
            (digits + ["--over", "batch.size=8", "--goal", "validation_loss=1"], 64, "no validation examples"),
            (table + ["--over", "batch.size=2", "--goal", "test_loss=1"], 64, "no test examples"),
            (digits + ["--over", "batch.size=8", "--run", "full"], 73, "not empty"),
            (digits + ["--over", "batch.size=8", "--jobs", "0"], 64, "--jobs"),
            (["sweep", "none.csv", "--over", "batch.size=8"], 66, "none.csv"),
            (["sweep", "--resume", "full"], 66, "holds no sweep"),
            (["sweep", "--resume", "full", "--seeds", "2"], 64, "leave out"),
            (["sweep", "--resume", "full", "--sharpness"], 64, "leave out"),
            (digits + ["--over", "batch.size=8", "--set", "model=[{dense: 3}]"], 65, "no cell could be trained"),
        ]
        for (arguments, status, part) in cases {
            let outcome = try shop.run(arguments)
            #expect(outcome.status == status && outcome.output.isEmpty, "\(arguments): \(outcome)")
            #expect(outcome.errors.contains(part), "\(arguments): \(outcome.errors)")
        }
        #expect(try shop.read("full/notes.txt") == "mine")
    }

    @Test func aSweepIsNoRun() throws {
        let shop = try Workshop()
        _ = try shop.run("sweep", "digits", "--over", "epochs=1", "--set", "model=linear", "--run", "run")
        let outcome = try shop.run("train", "--resume", "run")
        #expect(outcome.status == 66 && outcome.errors.contains("batchwise sweep --resume run"), "\(outcome.errors)")
    }
}

extension Workshop {
    /// Whether a cell of a sweep has ended.
    fileprivate func hasEndedCell(_ sweep: String) throws -> Bool {
        try contents().contains { $0.hasPrefix("\(sweep)/") && $0.hasSuffix("cell.json") }
    }

    fileprivate func write(_ text: String, to name: String, making subfolder: String) throws {
        try FileManager.default.createDirectory(
            at: folder.appendingPathComponent(subfolder), withIntermediateDirectories: true)
        try write(text, to: name)
    }
}
