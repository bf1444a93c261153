import Foundation
import TestSupport
import Testing

/// Asynchronous training from the command line.
@Suite(.serialized) struct AsynchronousTests {
    private static func settings(_ settings: String...) -> [String] { settings.flatMap { ["--set", $0] } }

    /// A line through 0: standardised, its loss has the curvature 2.
    private func line() throws -> Workshop {
        let shop = try Workshop()
        try shop.write("x,y\n" + (1...40).map { "\($0),\(3 * $0).5\n" }.joined(), to: "line.csv")
        return shop
    }

    /// Gradients that are t updates late are stable below the rate 2 sin(pi / (2 (2 t + 1))) / 2, and not above.
    @Test(arguments: [0, 1, 3, 5]) func lateGradientsDivergeAboveTheFormula(delay: Int) throws {
        let shop = try line()
        var losses: [Double] = []
        for share in [0.98, 1.02] {
            let rate = share * sin(Double.pi / Double(2 * (2 * delay + 1)))
            let outcome = try shop.run(
                ["train", "line.csv", "--target", "y", "--json"]
                    + Self.settings(
                        "model=linear", "optimizer=sgd", "clip=none", "batch.size=40", "epochs=1000",
                        "learning-rate={base: \(rate), decay: constant}", "asynchronous.delay=\(delay)",
                        "data.split.test=0", "keep=last"))
            #expect(outcome.status == 0, "\(outcome)")
            losses.append(try #require(try outcome.json()["train_loss"] as? Double))
        }
        #expect(losses[0] < 0.05 && losses[1] > 20, "\(losses)")
    }

    @Test func aRunOfLateGradientsIsResumedToTheSameBits() throws {
        let shop = try Workshop()
        let recipe = ["digits"] + Self.settings("epochs=6", "asynchronous={delay: [0, 2], staleness-aware: true}")
        let expected = try shop.run(["train"] + recipe + ["--json"]).hash()
        _ = try shop.run(["train"] + recipe + ["--run", "run", "--checkpoint-every", "7 updates"]) { process in
            while !shop.exists("run/checkpoints/update-00000021.safetensors"), process.isRunning { usleep(500) }
            kill(process.processIdentifier, SIGKILL)
        }
        #expect(try shop.run("train", "--resume", "run", "--json", "--threads", "1").hash() == expected)
    }

    @Test func threadsTrainASparseModelWithoutLocks() throws {
        let shop = try Workshop()
        var lines: [String] = []
        for row in 0..<2000 {
            let (a, b) = (row * 7 % 91, row * 13 % 97)
            lines.append("\((a + b) % 2) \(a + 1):1 \(b + 101):1")
        }
        try shop.write(lines.joined(separator: "\n") + "\n", to: "rows.svm")
        let recipe = ["rows.svm"] + Self.settings("model=linear", "optimizer=sgd", "batch.size=1", "epochs=4")
        let exact = try shop.run(["train"] + recipe + ["--json"]).json()
        let asynchronous = recipe + Self.settings("asynchronous.hogwild=true")
        let found = try shop.run(["train"] + asynchronous + ["--threads", "2", "--json"]).json()
        let (loss, expected) = (
            try #require(found["train_loss"] as? Double), try #require(exact["train_loss"] as? Double)
        )
        #expect(abs(loss / expected - 1) < 0.05, "\(loss), \(expected)")
        #expect((found["notices"] as? [String])?.contains { $0.contains("no two runs are alike") } == true)
        let audit = try shop.run(["audit"] + asynchronous)
        #expect(audit.status == 64 && audit.errors.contains("this recipe promises none"), "\(audit)")
        let other = try shop.run(
            ["train", "digits"]
                + Self.settings("model=linear", "optimizer=sgd", "batch.size=1", "asynchronous.hogwild=true"))
        #expect(other.status != 0 && other.errors.contains("works on sparse data"), "\(other)")
    }

    /// One of four processes sleeps for 50 ms before each gradient: the others do not wait for it.
    @Test(.enabled(if: Launcher.program != nil, "needs a build with MPI, and its mpirun"))
    func aSlowProcessIsLeftOut() throws {
        let shop = try Workshop()
        let recipe =
            ["digits"]
            + Self.settings(
                "model=[flatten, {dense: 32}, relu, {dense: classes}]", "optimizer=sgd", "learning-rate=0.1",
                "epochs=10")
        let alone = try shop.run(["train"] + recipe + Self.settings("batch.size=24") + ["--json"]).json()
        let backup = recipe + Self.settings("batch.size=32", "asynchronous={backup: 1}")
        let found = try shop.launch(
            4, ["train"] + backup + ["--json", "--threads", "1", "--run", "run", "--inject", "3:0:slow"]
        ).json()
        let (accuracy, expected) = (
            try #require(found["test_accuracy"] as? Double), try #require(alone["test_accuracy"] as? Double)
        )
        #expect(abs(accuracy - expected) < 0.03, "\(accuracy), \(expected)")
        let updates = try #require(found["updates"] as? Int)
        let counts = try #require(found["backup"] as? [String: Int])
        let (gradients, dropped) = (try #require(counts["gradients"]), try #require(counts["dropped"]))
        #expect(gradients - dropped == 3 * updates)
        let seconds = try #require(found["seconds"] as? Double)
        #expect(seconds < 0.05 * Double(updates) / 2, "\(seconds) s for \(updates) updates")
        #expect(try shop.read("run/events.jsonl").contains("backup workers: \(dropped) of \(gradients)"))
        // it was written whole: one process goes on from it
        #expect(try shop.run("train", "--resume", "run", "--json").hash() == found["parameters_sha256"] as? String)
        let refused = try shop.launch(2, ["train"] + recipe + Self.settings("asynchronous.backup=2"))
        #expect(refused.status != 0 && refused.errors.contains("must be below the number of processes"), "\(refused)")
    }

    @Test(
        .enabled(if: Launcher.program != nil, "needs a build with MPI, and its mpirun"),
        arguments: [(2, 8, nil), (4, 3, nil), (2, 8, 1)] as [(Int, Int, Int?)])
    func processesTrainWithoutWaiting(processes: Int, bound: Int, aMachine: Int?) throws {
        let shop = try Workshop()
        let recipe =
            ["digits"]
            + Self.settings(
                "model=[flatten, {dense: 32}, relu, {dense: classes}]", "optimizer=sgd", "learning-rate=0.1",
                "epochs=10")
        let alone = try shop.run(["train"] + recipe + ["--json"]).json()
        let asynchronous = recipe + Self.settings("asynchronous={bound: \(bound), staleness-aware: true}")
        let outcome = try shop.launch(
            processes, ["train"] + asynchronous + ["--json", "--threads", "1", "--run", "run"], aMachine: aMachine)
        let found = try outcome.json()
        #expect(found["updates"] as? Int == alone["updates"] as? Int)
        // the order of the updates is the machine's, so the mean of three runs is compared
        var accuracies = [try #require(found["test_accuracy"] as? Double)]
        for _ in 0..<2 {
            let again = try shop.launch(
                processes, ["train"] + asynchronous + ["--json", "--threads", "1"], aMachine: aMachine)
            accuracies.append(try #require(try again.json()["test_accuracy"] as? Double))
        }
        let expected = try #require(alone["test_accuracy"] as? Double)
        #expect(abs(accuracies.reduce(0, +) / 3 - expected) < 0.03, "\(accuracies), \(expected)")
        let staleness = try #require(found["staleness"] as? [String: Any])
        #expect((staleness["counts"] as? [Int])?.reduce(0, +) == found["updates"] as? Int)
        #expect(try #require(staleness["max"] as? Int) <= bound)
        #expect((found["notices"] as? [String])?.contains { $0.contains("no two runs are alike") } == true)
        #expect(try shop.read("run/events.jsonl").contains("staleness: mean"))
        // it was written whole: one process goes on from it
        #expect(try shop.run("train", "--resume", "run", "--json").hash() == found["parameters_sha256"] as? String)
        let refused = try shop.launch(
            processes, ["train"] + recipe + Self.settings("asynchronous.bound=\(processes - 2)"))
        #expect(refused.status != 0 && refused.errors.contains("must be at least \(processes - 1)"), "\(refused)")
    }
}
