import Foundation
import Foundations

/// The files in the directory of a run. No link is followed, and what is deeper than a run ever is stays.
enum RunFiles {
    private static let mostDepth = 8

    /// Bytes of all files; links count as what they are.
    static func bytes(in path: String, depth: Int = 0) -> Int {
        guard depth < mostDepth, let names = try? FileManager.default.contentsOfDirectory(atPath: path) else {
            return 0
        }
        var sum = 0
        for name in names {
            var status = stat()
            guard lstat("\(path)/\(name)", &status) == 0 else { continue }
            if status.st_mode & S_IFMT == S_IFDIR {
                sum += bytes(in: "\(path)/\(name)", depth: depth + 1)
            } else {
                sum += Int(status.st_size)
            }
        }
        return sum
    }
}

/// Removes the directory of a run.
package enum RunRemoval {
    /// Makes sure that a run may be removed.
    ///
    /// - Throws: `RunError` where there is none, where it is a link to one, or where something trains in it.
    package static func check(_ path: String) throws(RunError) {
        _ = try lock(path)
    }

    private static func lock(_ path: String) throws(RunError) -> RunLock {
        var status = stat()
        guard lstat(withoutSlash(path), &status) == 0 else { throw .noSuchRun(path) }
        guard status.st_mode & S_IFMT != S_IFLNK else {
            throw .notARun(path, reason: "it is a link; name the directory itself")
        }
        guard RunMark.isRun(withoutSlash(path)) else {
            throw .notARun(path, reason: "it holds no recipe.yaml with the log or a checkpoint of a run; it stays")
        }
        return try RunLock(path)
    }

    /// Removes a run: its directory gets another name at once, so that there is either the whole run or none, and is then
    /// emptied. Links in it are removed, and what they lead to stays.
    package static func remove(_ path: String) throws {
        let lock = try lock(path)
        let place = withoutSlash(path)
        let folder = AtomicFile.folder(of: place)
        for number in 0..<1000 {
            let gone = "\(folder)/.batchwise-removed-\(getpid())-\(number)"
            var status = stat()
            if lstat(gone, &status) == 0 { continue }
            guard rename(place, gone) == 0 else { break }
            do {
                try FileManager.default.removeItem(atPath: gone)
            } catch {
                throw RunError.inputOutput(gone, reason: "the run is gone, but not all of its files: \(error)")
            }
            withExtendedLifetime(lock) {}
            return
        }
        throw RunError.inputOutput(path, reason: "cannot be removed: \(AtomicFile.systemReason())")
    }

    private static func withoutSlash(_ path: String) -> String {
        var path = path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        return path
    }
}
