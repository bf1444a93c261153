import Foundation

/// The marks by which the directory of a run is known: no other program's folder is taken for one.
package enum RunMark {
    /// Whether a path is a directory, and no link to one, that a run of this program has made: a recipe beside a log whose
    /// first line is the beginning of a run, or beside a checkpoint.
    package static func isRun(_ path: String) -> Bool {
        guard isFolder(path), isFile(path + "/recipe.yaml") else { return false }
        if isFile(path + "/events.jsonl"), beginsRun(path + "/events.jsonl") { return true }
        guard isFolder(path + "/checkpoints") else { return false }
        return (try? CheckpointFolder(path: path + "/checkpoints").files().isEmpty) == false
    }

    /// Whether something at a path is of this kind itself, not through a link.
    private static func isKind(_ path: String, _ kind: mode_t) -> Bool {
        var path = path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == kind
    }

    static func isFolder(_ path: String) -> Bool { isKind(path, S_IFDIR) }
    static func isFile(_ path: String) -> Bool { isKind(path, S_IFREG) }

    /// Whether the first line of a log begins a run.
    private static func beginsRun(_ path: String) -> Bool {
        guard let file = FileHandle(forReadingAtPath: path) else { return false }
        defer { try? file.close() }
        guard let head = try? file.read(upToCount: 32) else { return false }
        return head.starts(with: Data("{\"event\":\"start\"".utf8))
            || head.starts(with: Data("{\"event\": \"start\"".utf8))
    }
}
