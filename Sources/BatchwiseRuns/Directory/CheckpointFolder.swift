import Batchwise
import Foundation
import Foundations

/// The checkpoints of a run: `update-00001234.safetensors` in the folder `checkpoints`, the newest few.
package struct CheckpointFolder: Sendable {
    package let path: String

    package init(path: String) { self.path = path }

    /// The checkpoints in the directory of a run.
    init(ofRun directory: String) { path = directory + (directory.hasSuffix("/") ? "" : "/") + "checkpoints" }

    /// A checkpoint that could be read, with a notice for each newer one that could not.
    package struct Found {
        package var checkpoint: Checkpoint
        package var path: String
        package var notices: [String]
    }

    /// The checkpoint files, each with the number of updates before it, newest first.
    package func files() throws -> [(updates: Int, path: String)] {
        guard let folder = opendir(path) else {
            if errno == ENOENT { return [] }
            throw RunError.inputOutput(path, reason: "the folder cannot be read: \(AtomicFile.systemReason())")
        }
        closedir(folder)
        return try FileManager.default.contentsOfDirectory(atPath: path).compactMap { name in
            Self.updates(name).map { ($0, "\(path)/\(name)") }
        }
        .sorted { $0.updates > $1.updates }
    }

    private static let (prefix, suffix) = ("update-", ".safetensors")

    private static func name(_ updates: Int) -> String {
        let digits = String(updates)
        return prefix + String(repeating: "0", count: max(8 - digits.count, 0)) + digits + suffix
    }

    private static func updates(_ name: String) -> Int? {
        guard name.hasPrefix(prefix), name.hasSuffix(suffix) else { return nil }
        let number = Int(name.dropFirst(prefix.count).dropLast(suffix.count))
        return number.flatMap { $0 >= 0 && Self.name($0) == name ? $0 : nil }
    }

    /// The newest checkpoint that can be read; nil where there is no file at all.
    ///
    /// Throws where there are files and none can be read: a run must not begin again in silence.
    package func newest() throws -> Found? {
        let files = try files()
        var faults: [any Error] = []
        for (updates, path) in files {
            do {
                let checkpoint = try readSaved(path) { try Checkpoint(contentsOf: path) }
                guard checkpoint.progress.updates == updates else {
                    throw RunError.misnamedCheckpoint(path, updates: checkpoint.progress.updates)
                }
                let notices = faults.map {
                    "\($0); going on from the checkpoint before, of update \(updates)"
                }
                return Found(checkpoint: checkpoint, path: path, notices: notices)
            } catch { faults.append(error) }
        }
        guard !faults.isEmpty else { return nil }
        let isDamage = faults.allSatisfy { fault in
            switch fault {
            case CheckpointError.missing, CheckpointError.inputOutput: false
            default: true
            }
        }
        throw RunError.noReadableCheckpoint(path, reasons: faults.map { "\($0)" }, isDamage: isDamage)
    }

    /// Writes a checkpoint, and then removes all but the newest `count` up to this one. Returns the name of its file.
    ///
    /// Checkpoints of later updates are removed too: they could not be read when the run went on from an older one.
    func write(_ checkpoint: Checkpoint, keeping count: Int) throws -> String {
        if mkdir(path, 0o777) == 0 {
            try AtomicFile.flush(folder: AtomicFile.folder(of: path), for: path)
        } else if errno != EEXIST {
            throw RunError.cannotCreateFolder(path, reason: AtomicFile.systemReason())
        }
        let updates = checkpoint.progress.updates
        try checkpoint.write(to: "\(path)/\(Self.name(updates))")
        let files = try files()
        let kept = files.filter { $0.updates <= updates }.prefix(count).map(\.updates)
        for file in files where !kept.contains(file.updates) { unlink(file.path) }
        return Self.name(updates)
    }
}
