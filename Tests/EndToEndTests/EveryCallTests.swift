import Foundation
import Testing

/// A run is killed at, or refused, every call of the system by which it changes a file, one after the other.
///
/// `strace` does it. Slow: `scripts/nightly` sets BATCHWISE_SLOW.
@Suite struct EveryCallTests {
    private static let isWanted =
        ProcessInfo.processInfo.environment["BATCHWISE_SLOW"] != nil
        && FileManager.default.isExecutableFile(atPath: "/usr/bin/strace")
    private static let calls = ["pwrite64", "fsync", "rename", "unlink", "mkdir"]
    private static let recipe = [
        "train", "digits", "--json", "--set", "model=linear", "--set", "epochs=3", "--set", "data.split.validation=0.1",
        "--set", "keep=best", "--checkpoint-every", "20 updates", "--keep-checkpoints", "2",
    ]

    @Test(
        .enabled(if: isWanted, "needs BATCHWISE_SLOW and strace"),
        arguments: ["signal=KILL", "error=ENOSPC", "error=EIO"], calls)
    func everyCallMayBeTheLast(fault: String, call: String) throws {
        let shop = try Workshop()
        let whole = try shop.run(Self.recipe + ["--run", "whole"])
        let losses = try shop.losses("whole")
        let program = try Workshop.executable("batchwise").path
        var number = 0
        while true {
            number += 1
            let run = "run-\(number)"
            let cut = try shop.run(
                program: "/usr/bin/strace",
                ["-f", "-o", "trace", "-e", "trace=\(call)", "-e", "inject=\(call):\(fault):when=\(number)", program]
                    + Self.recipe + ["--run", run])
            guard try cut.status != 0 || shop.read("trace").contains("INJECTED") else { break }
            // without a recipe there is no run yet
            let again =
                shop.exists("\(run)/recipe.yaml")
                ? ["train", "--resume", run, "--json", "--threads", "\(number % 3 + 1)"] : Self.recipe + ["--run", run]
            let resumed = try shop.run(again)
            #expect(try resumed.hash() == whole.hash(), "call \(number): \(cut.errors) \(resumed.errors)")
            #expect(try shop.losses(run) == losses)
            #expect(try shop.bytes("\(run)/model.safetensors") == shop.bytes("whole/model.safetensors"))
            #expect(try shop.contents().allSatisfy { !$0.hasPrefix(run) || !$0.hasSuffix(".partial") })
        }
        #expect(number > 1)
    }
}
