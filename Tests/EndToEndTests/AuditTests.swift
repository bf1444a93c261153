import Foundation
import Testing

@Suite struct AuditTests {
    private static let short = ["--updates", "6", "--set", "model=[{dense: 16}, relu, {dense: classes}]"]

    @Test func digitsAreAudited() throws {
        let shop = try Workshop()
        let outcome = try shop.run(
            ["audit", "digits", "--output", "audit.json", "--set", "batch.size=100"] + Self.short)
        #expect(outcome.status == 0, "\(outcome.errors)")
        for part in [
            "batch      100 of 1,438 examples, the last of an epoch 38; updates 13 to 18",
            "one pass of the whole batch, 1 worker", "uneven micro-batches: 64 + 36; last batch 38",
            "uneven micro-batches: 6 x 16 + 4; last batch 16 + 16 + 6", "3 workers", "checkpoint after 3 updates",
            "process killed after", "control: mean of means, 38 + 38 + 24", "1 of 1 control differs",
        ] {
            #expect(outcome.output.contains(part), "\(part) in \(outcome.output)")
        }
        #expect(try #require(outcome.lines.last).hasPrefix("same bits: "))
        #expect(outcome.errors.contains("kill and resume"))
        let kept = try JSONSerialization.jsonObject(with: shop.bytes("audit.json")) as? [String: Any]
        #expect(kept?["verdict"] as? String == "same-bits")
    }

    @Test func theCertificateIsKeptInItsRun() throws {
        let shop = try Workshop()
        let model = ["--set", "model=[{dense: 8}, {batch-norm: 16}, relu, {dense: classes}]"]
        #expect(try shop.run(["train", "digits", "--run", "run", "--set", "epochs=1"] + model).status == 0)
        let outcome = try shop.run("audit", "--run", "run", "--updates", "4", "--json")
        #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
        #expect(try shop.read("run/audit.json") == outcome.output)
        let json = try outcome.json()
        #expect(
            Set(json.keys) == [
                "recipe_sha256", "model", "examples", "parameters", "batch", "last_batch", "first_update", "updates",
                "build", "instruction_set", "rows", "controls", "verdict", "notices",
            ])
        let rows = try #require(json["rows"] as? [[String: Any]])
        #expect(rows.allSatisfy { $0["same_bits"] as? Bool == true && $0["difference"] is NSNull })
        let controls = try #require(json["controls"] as? [[String: Any]])
        #expect(controls.count == 2)
        for control in controls {
            #expect(control["differs"] as? Bool == true)
            let difference = try #require(control["difference"] as? [String: Any])
            #expect(difference["ulp"] as? Int ?? 0 > 1000 && difference["relative"] as? Double ?? 0 > 1e-3)
        }
        // the run trains and predicts as before
        #expect(try shop.run("evaluate", "run", "digits").status == 0)
        let other = try shop.run(["audit", "digits", "--run", "run"] + Self.short)
        #expect(other.status == 64 && other.errors.contains("a run of another recipe"))
        #expect(
            try shop.run(["audit", "digits", "--run", "run", "--set", "epochs=1", "--updates", "2"] + model).status == 0
        )
    }

    /// At a rate of almost 0 no parameter other than those at 0 moves, whatever the gradient, so an audit could find no
    /// difference.
    @Test func aControlThatDoesNotDifferMakesItInvalid() throws {
        let shop = try Workshop()
        let outcome = try shop.run([
            "audit", "digits", "--no-kill", "--updates", "3", "--set", "optimizer=sgd",
            "--set", "model=[flatten, {dense: {units: classes, bias: false, initialisation: lecun}}]", "--set",
            "learning-rate.base=1e-30",
        ])
        #expect(outcome.status == 70, "\(outcome.output)")
        #expect(outcome.output.contains("NOT VALID"))
        #expect(outcome.errorLines.last?.contains("nothing could have been told") == true)
    }

    @Test func dataThatStaysInItsFile() throws {
        let shop = try Workshop()
        try shop.write(idx([90, 4, 4], (0..<90 * 16).map { UInt8($0 * 7 % 251) }), to: "x-images-idx3-ubyte")
        try shop.write(idx([90], (0..<90).map { UInt8($0 % 3) }), to: "x-labels-idx1-ubyte")
        #expect(try shop.run("data", "convert", "x-images-idx3-ubyte", "x.data").status == 0)
        let outcome = try shop.run("audit", "x.data", "--data-memory", "1", "--updates", "4", "--no-kill")
        #expect(outcome.status == 0, "\(outcome.errors)\(outcome.output)")
        #expect(outcome.output.contains("4 loading threads"))
    }

    @Test func usageIsExplained() throws {
        let shop = try Workshop()
        #expect(try shop.run("audit").status == 64)
        #expect(try shop.run("audit", "digits", "--updates", "0").status == 64)
        #expect(try shop.run("audit", "--run", "none").status == 66)
        #expect(try shop.run("audit", "digits", "--output", "none/a.json", "--updates", "1", "--no-kill").status == 73)
    }
}
