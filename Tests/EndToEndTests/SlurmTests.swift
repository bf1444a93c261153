import Foundation
import Testing

/// Jobs of Slurm that lose a worker, their launcher or their time, that hang or are requeued, go on to the same bits.
///
/// Slow: `scripts/nightly` sets BATCHWISE_SLOW.
@Suite struct SlurmTests {
    private static let isWanted =
        ProcessInfo.processInfo.environment["BATCHWISE_SLOW"] != nil && geteuid() == 0
        && Launcher.program?.hasSuffix("openmpi") == true
        && ["slurmctld", "slurmd", "munged"].allSatisfy { access("/usr/sbin/\($0)", X_OK) == 0 }

    @Test(.enabled(if: isWanted, "needs BATCHWISE_SLOW, root, Open MPI and the packages slurmctld, slurmd and munge"))
    func aJobOfSlurmLosesNothing() throws {
        let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "scripts/test-slurm").path
        let program = try Workshop.executable("batchwise").path
        let outcome = try Workshop().run(program: script, [program, "100 300 700 1200"])
        #expect(outcome.status == 0, "\(outcome)")
        #expect(outcome.lines.filter { $0.contains("same bits") }.count == 20, "\(outcome)")
    }
}
