import Foundation
import Testing

/// Runs that SIGKILL ends at any moment go on to the same bits, on another machine.
@Suite struct KilledRunTests {
    /// A second or more of training that writes a checkpoint every few hundredths of one.
    static let recipe = [
        "train", "digits", "--json", "--set", "model=[{dense: 24}, relu, {batch-norm: {ghost: 16}}, {dense: classes}]",
        "--set", "epochs=60",
    ]
    private static let machines = [
        ["--threads", "1"], ["--threads", "2", "--micro-batch", "32"], ["--threads", "3"],
        ["--threads", "2", "--micro-batch", "16", "--memory", "64MiB"],
    ]
    private static let isSlowWanted = ProcessInfo.processInfo.environment["BATCHWISE_SLOW"] != nil
    /// `scripts/nightly` sets BATCHWISE_SLOW.
    private static let kills = isSlowWanted ? 20 : 3

    @Test func everyKilledRunResumesToTheSameBits() throws {
        let shop = try Workshop()
        let start = Date()
        let whole = try shop.run(Self.recipe + ["--run", "whole"])
        let length = Date().timeIntervalSince(start)
        let hash = try whole.hash()
        let losses = try shop.losses("whole")
        var random = Seeded(seed: 2026)
        var killed = 0
        for number in 0..<Self.kills {
            let run = "run-\(number)"
            let delay = Double.random(in: 0...0.9, using: &random) * length
            let machine = Self.machines.randomElement(using: &random)!  // there are four
            let every = ["30 updates", "1000 examples", "0.5 epochs", "0.02 seconds"].randomElement(using: &random)!
            let outcome = try shop.run(Self.recipe + ["--run", run, "--checkpoint-every", every] + machine) { process in
                while process.isRunning, !shop.exists("\(run)/recipe.yaml") { usleep(200) }
                usleep(UInt32(delay * 1e6))
                kill(process.processIdentifier, SIGKILL)
            }
            if outcome.status != 0 { killed += 1 }
            let other = Self.machines.randomElement(using: &random)!
            let resumed = try shop.run(["train", "--resume", run, "--json"] + other)
            #expect(resumed.status == 0, "\(resumed.errors)")
            #expect(try resumed.hash() == hash, "killed after \(delay) s with \(machine), resumed with \(other)")
            #expect(try shop.losses(run) == losses)
            #expect(try shop.bytes("\(run)/model.safetensors") == shop.bytes("whole/model.safetensors"))
            // nothing but whole files under their names is left
            let names = try shop.contents().filter { $0.hasPrefix("\(run)/") }
            #expect(names.allSatisfy { !$0.contains(".partial") }, "\(names)")
            try FileManager.default.removeItem(at: shop.folder.appendingPathComponent(run))
        }
        // the last of the moments may be after the end
        #expect(2 * killed > Self.kills)
    }

    /// A partial file that a kill leaves over is removed by the run that resumes.
    @Test func leftoversOfAKilledWriteAreRemoved() throws {
        let shop = try Workshop()
        _ = try shop.run(DamagedRunTests.recipe + ["--run", "run"])
        for name in ["run/.batchwise-1-0.partial", "run/checkpoints/.batchwise-1-0.partial"] {
            try shop.write("half", to: name)
        }
        #expect(try shop.run("train", "--resume", "run").status == 0)
        #expect(try shop.contents().allSatisfy { !$0.hasSuffix(".partial") })
    }

    @Test func oneRunIsTrainedByOneProcess() throws {
        let shop = try Workshop()
        let first = try shop.run(InterruptionTests.long + ["--set", "epochs=2000", "--run", "run"]) { process in
            while process.isRunning, !shop.hasEpoch("run") { usleep(500) }
            guard let second = try? shop.run("train", "--resume", "run") else { return }
            #expect(second.status == 73)
            #expect(second.errors.contains("another process"))
        }
        #expect(first.status == 0)
    }
}

/// Numbers that are the same in every run of the tests.
struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
        return word ^ (word >> 31)
    }
}

extension Workshop {
    /// The losses of a run's epochs, which must stand in their order, each once.
    func losses(_ run: String, _ key: String = "train_loss") throws -> [Double] {
        try epochs(run).enumerated().map { index, record in
            #expect(record["epoch"] as? Int == index + 1)
            return try #require(record[key] as? Double)
        }
    }

    /// The epochs that a run's log tells of: where the run resumed from a checkpoint, epochs of later updates do not
    /// count.
    func epochs(_ run: String) throws -> [[String: Any]] {
        var epochs: [[String: Any]] = []
        for line in try read("\(run)/events.jsonl").split(separator: "\n") {
            // a kill may have torn a line
            let event = (try? JSONSerialization.jsonObject(with: Data(line.utf8))) as? [String: Any]
            switch event?["event"] as? String {
            case "resume": epochs.removeAll { $0["updates"] as? Int ?? 0 > event?["update"] as? Int ?? 0 }
            case "epoch": epochs.append(event ?? [:])
            default: break
            }
        }
        return epochs
    }

    /// Whether a run that goes on has told of an epoch.
    func hasEpoch(_ run: String) -> Bool { (try? epochs(run).isEmpty) == false }
}
