import Foundation
import Testing

/// Where checkpoints are damaged, lost or of another run, an older one is used or the run ends, and a message always
/// says so.
@Suite struct DamagedRunTests {
    /// 10 epochs of 45 updates.
    static let recipe = [
        "train", "digits", "--json", "--set", "model=[{dense: 8}, relu, {dense: classes}]", "--set", "epochs=10",
        "--checkpoint-every", "1 epochs",
    ]
    private static let checkpoints = [360, 405, 450].map { "run/checkpoints/update-00000\($0).safetensors" }
    private static let isSlowWanted = ProcessInfo.processInfo.environment["BATCHWISE_SLOW"] != nil

    enum Damage: CaseIterable { case flipped, cut, empty, otherName }

    private func damage(_ bytes: Data, _ kind: Damage, _ random: inout Seeded) -> [UInt8] {
        var bytes = Array(bytes)
        switch kind {
        case .flipped:
            bytes[Int.random(in: bytes.indices, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case .cut: bytes.removeLast(Int.random(in: 1..<bytes.count, using: &random))
        case .empty: bytes = []
        case .otherName: break
        }
        return bytes
    }

    @Test(arguments: Damage.allCases) func aDamagedCheckpointFallsBackToTheOneBefore(kind: Damage) throws {
        let shop = try Workshop()
        let hash = try shop.run(Self.recipe + ["--run", "run"]).hash()
        let losses = try shop.losses("run")
        let whole = try shop.bytes(Self.checkpoints[2])
        var random = Seeded(seed: 7)
        for _ in 0..<(kind == .flipped && Self.isSlowWanted ? 100 : 4) {
            let bytes = kind == .otherName ? try shop.bytes(Self.checkpoints[0]) : whole
            try shop.write(damage(bytes, kind, &random), to: Self.checkpoints[2])
            let resumed = try shop.run("train", "--resume", "run", "--json", "--threads", "1")
            #expect(resumed.status == 0, "\(resumed.errors)")
            #expect(resumed.errors.contains("update-00000450.safetensors"), "\(resumed.errors)")
            #expect(resumed.errors.contains("of update 405"))
            let notices = try #require(try resumed.json()["notices"] as? [String])
            #expect(notices.contains { $0.contains("of update 405") })
            #expect(try resumed.hash() == hash)
            #expect(try shop.losses("run") == losses)
            // the checkpoint has been written again
            #expect(try shop.bytes(Self.checkpoints[2]) == whole)
        }
    }

    @Test func withoutAReadableCheckpointTheRunEndsAndSaysWhatWasTried() throws {
        let shop = try Workshop()
        _ = try shop.run(Self.recipe + ["--run", "run"])
        for file in Self.checkpoints { try shop.write("nonsense", to: file) }
        let before = try shop.read("run/events.jsonl")
        for extra in [[], ["--json"]] {
            let outcome = try shop.run(["train", "--resume", "run"] + extra)
            #expect(outcome.status == 65)
            #expect(outcome.output.isEmpty)
            let line = try #require(outcome.errorLines.last)
            #expect(line.contains("none of 3 checkpoints can be read"))
            for file in Self.checkpoints { #expect(line.contains(file)) }
        }
        try FileManager.default.removeItem(at: shop.folder.appendingPathComponent("run/checkpoints"))
        let lost = try shop.run("train", "--resume", "run")
        #expect(lost.status == 65)
        #expect(lost.errors.contains("there is no checkpoint"))
        #expect(try shop.read("run/events.jsonl") == before)
    }

    @Test func aRunThatHadNoCheckpointYetBeginsAtItsBeginningAndSaysSo() throws {
        let shop = try Workshop()
        let hash = try shop.run(Self.recipe + ["--run", "run"]).hash()
        for name in ["run/checkpoints", "run/events.jsonl", "run/model.safetensors"] {
            try FileManager.default.removeItem(at: shop.folder.appendingPathComponent(name))
        }
        let resumed = try shop.run("train", "--resume", "run", "--json")
        #expect(resumed.errors.contains("no checkpoint yet"))
        #expect(try #require(try resumed.json()["notices"] as? [String]).count == 1)
        #expect(try resumed.hash() == hash)
        #expect(try shop.losses("run").count == 10)
    }

    @Test func aCheckpointOfAnotherRecipeIsRefused() throws {
        let shop = try Workshop()
        _ = try shop.run(Self.recipe + ["--run", "run"])
        _ = try shop.run(Self.recipe + ["--run", "other", "--set", "seed=7"])
        let name = "checkpoints/update-00000450.safetensors"
        try shop.write(Array(try shop.bytes("other/\(name)")), to: "run/\(name)")
        let outcome = try shop.run("train", "--resume", "run")
        #expect(outcome.status == 65)
        #expect(outcome.errors.contains("recipe"))
    }

    /// A finished run whose model is lost needs no training to have it again.
    @Test func theModelOfAFinishedRunIsWrittenAgain() throws {
        let shop = try Workshop()
        let hash = try shop.run(Self.recipe + ["--run", "run"]).hash()
        let model = try shop.bytes("run/model.safetensors")
        try shop.write("", to: "run/model.safetensors")
        let again = try shop.run("train", "--resume", "run", "--json")
        #expect(try again.hash() == hash)
        #expect(again.errors.contains("written again"))
        #expect(try shop.bytes("run/model.safetensors") == model)
    }

    /// Until there is a model, the newest checkpoint that can be read is one.
    @Test func aCheckpointIsAModel() throws {
        let shop = try Workshop()
        _ = try shop.run(Self.recipe + ["--run", "run"])
        let whole = try shop.run("evaluate", "run", "digits", "--json")
        try FileManager.default.removeItem(at: shop.folder.appendingPathComponent("run/model.safetensors"))
        let same = try shop.run("evaluate", "run", "digits", "--json")
        #expect(same.output == whole.output)
        #expect(same.errors.contains("after update 450"))
        try shop.write("", to: Self.checkpoints[2])
        let older = try shop.run("evaluate", "run", "digits", "--json")
        #expect(older.errors.contains("after update 405"))
        #expect(older.output != whole.output && older.status == 0)
        // a file alone does not say which rows it was trained on
        var (file, run) = (
            try shop.run("evaluate", Self.checkpoints[1], "digits", "--json").json(), try older.json()
        )
        #expect(file.removeValue(forKey: "trained_on") is NSNull && run.removeValue(forKey: "trained_on") as? Int == 0)
        #expect(file as NSDictionary == run as NSDictionary && file.count > 3)
    }

    @Test(arguments: [
        ("100 updates", [300, 400, 450]), ("1 updates", [448, 449, 450]), ("3 epochs", [270, 405, 450]),
        ("2.5 epochs", [225, 338, 450]), ("5000 examples", [157, 313, 450]), ("1000 seconds", [0, 450]),
    ])
    func checkpointsAreWrittenWhenTheyAreDue(every: String, places: [Int]) throws {
        let shop = try Workshop()
        let hash = try shop.run(Self.recipe + ["--run", "run"]).hash()
        let other = try shop.run(Self.recipe + ["--run", "other", "--checkpoint-every", every])
        #expect(try other.hash() == hash)
        let files = try shop.contents().filter { $0.hasPrefix("other/checkpoints/") }
        #expect(files == places.map { "other/checkpoints/update-\(String(format: "%08d", $0)).safetensors" })
        let one = try shop.run(Self.recipe + ["--run", "one", "--keep-checkpoints", "1"])
        #expect(try one.hash() == hash)
        #expect(try shop.contents().filter { $0.hasPrefix("one/checkpoints/") }.count == 1)
    }
}
