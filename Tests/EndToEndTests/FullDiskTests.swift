import Foundation
import Testing

/// A file that cannot be written does not end a run early, and no file on the disk is damaged.
@Suite struct FullDiskTests {
    /// 20 epochs of 45 updates; `keep: best` makes checkpoints larger after the first epoch.
    private static let recipe = [
        "train", "digits", "--json", "--set", "model=[{dense: 64}, relu, {dense: classes}]", "--set", "epochs=20",
        "--set", "data.split.validation=0.1", "--set", "keep=best", "--checkpoint-every", "45 updates",
    ]

    /// A limit on the size of files, which the first checkpoint keeps and the others do not.
    @Test func aRunGoesOnWhereCheckpointsCannotBeWritten() throws {
        let shop = try Workshop()
        let whole = try shop.run(Self.recipe + ["--run", "whole", "--keep-checkpoints", "100"])
        let first = try shop.bytes("whole/checkpoints/update-00000000.safetensors").count
        let cut = try shop.run(
            Self.recipe + ["--run", "cut", "--threads", "1"], limitingFilesTo: first + first / 4)
        #expect(cut.status == 74)
        #expect(cut.output.isEmpty)
        #expect(cut.errorLines.count == 2, "\(cut.errors)")
        #expect(cut.errors.contains("training goes on"))
        #expect(cut.errors.contains("the checkpoint of update 0 stays"))
        #expect(cut.errors.contains("batchwise train --resume cut"))
        let files = try shop.contents().filter { $0.hasPrefix("cut/") }
        #expect(
            files == [
                "cut/checkpoints", "cut/checkpoints/update-00000000.safetensors", "cut/events.jsonl", "cut/plan.json",
                "cut/recipe.yaml",
            ])
        let resumed = try shop.run("train", "--resume", "cut", "--json")
        #expect(try resumed.hash() == whole.hash())
        #expect(try shop.losses("cut") == shop.losses("whole"))
    }

    @Test func aRunThatCannotWriteItsFirstCheckpointEndsAtOnce() throws {
        let shop = try Workshop()
        let outcome = try shop.run(Self.recipe + ["--run", "run"], limitingFilesTo: 8192)
        #expect(outcome.status == 74)
        #expect(outcome.errorLines.count == 1)
        #expect(outcome.errors.contains("checkpoints/update-00000000.safetensors"))
        #expect(try shop.contents().allSatisfy { !$0.hasSuffix(".safetensors") && !$0.hasSuffix(".partial") })
    }

    /// Room for two checkpoints and no more; then there is more.
    @Test(.enabled(if: canMount, "mounting needs the rights of root")) func aFullDiskLosesNothing() throws {
        let shop = try Workshop()
        let whole = try shop.run(Self.recipe + ["--run", "whole"])
        let size = try shop.bytes("whole/checkpoints/update-00000810.safetensors").count
        let disk = try Disk(in: shop, size: 5 * size / 2)
        let cut = try shop.run(Self.recipe + ["--run", "disk/run"])
        #expect(cut.status == 74, "\(cut.errors)")
        #expect(cut.errorLines.count == 2, "\(cut.errors)")
        #expect(cut.errors.contains("No space left"))
        #expect(try shop.contents().allSatisfy { !$0.hasSuffix(".partial") })
        try disk.remount("size=10m")
        let resumed = try shop.run("train", "--resume", "disk/run", "--json")
        #expect(resumed.status == 0, "\(resumed.errors)")
        #expect(try resumed.hash() == whole.hash())
        #expect(try shop.losses("disk/run") == shop.losses("whole"))
    }

    @Test(.enabled(if: canMount, "mounting needs the rights of root")) func aReadOnlyDiskIsSaidAtOnce() throws {
        let shop = try Workshop()
        let disk = try Disk(in: shop, size: 10 << 20)
        let hash = try shop.run(DamagedRunTests.recipe + ["--run", "disk/run"]).hash()
        try FileManager.default.removeItem(
            at: shop.folder.appendingPathComponent("disk/run/checkpoints/update-00000450.safetensors"))
        try disk.remount("ro")
        let resumed = try shop.run("train", "--resume", "disk/run")
        #expect(resumed.status == 73)
        #expect(resumed.errors.contains("Read-only"))
        let new = try shop.run(DamagedRunTests.recipe + ["--run", "disk/new"])
        #expect(new.status == 73)
        try disk.remount("rw")
        #expect(try shop.run("train", "--resume", "disk/run", "--json").hash() == hash)
    }

    @Test(.enabled(if: geteuid() != 0, "root may write everywhere")) func aReadOnlyFolderIsSaidAtOnce() throws {
        let shop = try Workshop()
        _ = try shop.run(DamagedRunTests.recipe + ["--run", "run"])
        let folder = shop.folder.appendingPathComponent("run").path
        chmod(folder, 0o555)
        defer { chmod(folder, 0o755) }
        let resumed = try shop.run("train", "--resume", "run")
        #expect(resumed.status == 0 || resumed.status == 73, "\(resumed.errors)")
    }
}

/// A disk of its own, in memory.
struct Disk: ~Copyable {
    private let path: String

    init(in shop: borrowing Workshop, size: Int) throws {
        path = shop.folder.appendingPathComponent("disk").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        #expect(mount("tmpfs", path, "tmpfs", 0, "size=\(size)") == 0)
    }

    func remount(_ options: String) throws {
        let isReadOnly = options == "ro"
        let data = options.contains("=") ? options : ""
        #expect(mount("tmpfs", path, "tmpfs", UInt(MS_REMOUNT | (isReadOnly ? MS_RDONLY : 0)), data) == 0)
    }

    /// Keeps the disk mounted up to here.
    func keep() {}

    deinit { umount2(path, Int32(MNT_DETACH)) }
}

/// Whether a file system can be mounted here.
let canMount: Bool = {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("mount-\(UUID().uuidString)").path
    guard geteuid() == 0, mkdir(path, 0o700) == 0 else { return false }
    defer { rmdir(path) }
    guard mount("tmpfs", path, "tmpfs", 0, "size=65536") == 0 else { return false }
    umount2(path, Int32(MNT_DETACH))
    return true
}()

extension Workshop {
    /// Runs `batchwise` with a limit on the bytes of every file that it writes.
    func run(_ arguments: [String], limitingFilesTo bytes: Int) throws -> Outcome {
        let program = try Self.executable("batchwise").path
        return try run(
            program: "/bin/sh", ["-c", "ulimit -f \(bytes / 512) && exec \"$0\" \"$@\"", program] + arguments)
    }
}
