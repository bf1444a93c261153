import Foundation

/// Writes files atomically: whenever the machine stops, either the old file or the new one is there, and complete.
package enum AtomicFile {
    /// Replaces or creates the file at `path`.
    ///
    /// The bytes go to a temporary file in the same folder, which is flushed to the disk and then renamed over `path`;
    /// the folder is flushed last, so that on return the new file survives a loss of power. If anything before the
    /// rename fails, the temporary file is removed and `path` is as it was. A symbolic link at `path` is replaced, not
    /// followed. Without `replacing`, whatever is at `path` stays, however late it came there, and the call fails.
    package static func write(_ bytes: RawSpan, to path: String, replacing: Bool = true) throws(FileError) {
        let folder = folder(of: path)
        let (descriptor, temporary) = try createTemporary(in: folder, for: path)
        do throws(FileError) {
            do throws(FileError) {
                try writeAll(bytes, to: descriptor, for: path)
                guard fsync(descriptor) == 0 else { throw ioError("flush", path) }
            } catch {
                close(descriptor)
                throw error
            }
            // Some file systems report a failed write only here.
            guard close(descriptor) == 0 else { throw ioError("close", path) }
            if replacing {
                guard rename(temporary, path) == 0 else { throw .cannotCreate(path: path, reason: systemReason()) }
            } else {
                try name(temporary, path)
            }
        } catch {
            unlink(temporary)
            throw error
        }
        try flush(folder: folder, for: path)
    }

    /// Replaces or creates the file at `path`.
    package static func write(_ bytes: [UInt8], to path: String, replacing: Bool = true) throws(FileError) {
        try write(bytes.span.bytes, to: path, replacing: replacing)
    }

    /// Gives a file a name that nothing has yet.
    private static func name(_ temporary: String, _ path: String) throws(FileError) {
        if link(temporary, path) == 0 {
            unlink(temporary)
            return
        }
        if errno == EPERM || errno == EOPNOTSUPP {
            // the file system has no hard links: an empty file takes the name, and the whole one replaces it
            let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
            if descriptor >= 0 {
                close(descriptor)
                if rename(temporary, path) == 0 { return }
            }
        }
        throw .cannotCreate(path: path, reason: systemReason())
    }

    private static let (partialPrefix, partialSuffix) = (".batchwise-", ".partial")

    /// Whether a name belongs to a file that was not written to its end.
    package static func isLeftover(_ name: String) -> Bool {
        name.hasPrefix(partialPrefix) && name.hasSuffix(partialSuffix)
    }

    /// Removes files that killed processes have left unfinished in a folder. No other process may be writing there.
    package static func removeLeftovers(in folder: String) {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        where isLeftover(name) { unlink("\(folder)/\(name)") }
    }

    /// A new file, open for writing, and its name.
    private static func createTemporary(
        in folder: String, for path: String
    ) throws(FileError) -> (descriptor: Int32, name: String) {
        // The number tells apart threads of this process, and leftovers of a dead one that had the same id.
        for number in 0..<1000 {
            let name = "\(folder)/\(partialPrefix)\(getpid())-\(number)\(partialSuffix)"
            let descriptor = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
            if descriptor >= 0 { return (descriptor, name) }
            if errno != EEXIST { break }
        }
        throw .cannotCreate(path: path, reason: systemReason())
    }

    private static func writeAll(_ bytes: RawSpan, to descriptor: Int32, for path: String) throws(FileError) {
        var done = 0
        while done < bytes.byteCount {
            let written = bytes.extracting(done..<bytes.byteCount).withUnsafeBytes { left in
                // The system writes at most 2 GiB at a time.
                pwrite(descriptor, left.baseAddress, min(left.count, 1 << 30), off_t(done))
            }
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else { throw ioError("write", path) }
            done += written
        }
    }

    /// Brings the names in a folder to the disk.
    package static func flush(folder: String, for path: String) throws(FileError) {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw ioError("flush the folder of", path) }
        defer { close(descriptor) }
        // Some file systems cannot flush a folder and say so with EINVAL; there is nothing more to ask of them.
        guard fsync(descriptor) == 0 || errno == EINVAL else { throw ioError("flush the folder of", path) }
    }

    package static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func ioError(_ action: String, _ path: String) -> FileError {
        .inputOutput(path: path, reason: "cannot \(action) it: \(systemReason())")
    }

    /// The system's message about the last call that failed.
    package static func systemReason() -> String {
        String(cString: strerror(errno))
    }
}
