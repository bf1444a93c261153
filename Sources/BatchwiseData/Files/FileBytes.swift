import Batchwise

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif
#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A regular, non-empty file open for reading.
final class InputFile: Sendable {
    let path: String
    /// The length of the file when it was opened, in bytes.
    let length: Int
    private let descriptor: Int32

    init(_ path: String) throws(DataError) {
        // A path with a NUL would silently be another path to the system.
        guard !path.isEmpty, !path.utf8.contains(0) else { throw .missingFile(path) }
        // Without O_NONBLOCK, opening a pipe would wait for its writer.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw Self.openFailure(path, errno) }
        var status = stat()
        let result = fstat(descriptor, &status)
        let reason = errno
        self.path = path
        self.descriptor = descriptor
        length = result == 0 ? Int(status.st_size) : 0
        guard result == 0 else { throw .readFailed(file: path, reason: Self.text(reason)) }
        switch status.st_mode & S_IFMT {
        case S_IFREG: break
        case S_IFDIR: throw .directory(path)
        default: throw .specialFile(path)
        }
        guard length > 0 else { throw .emptyFile(path) }
    }

    deinit { close(descriptor) }

    /// Fills the buffer from where the last read stopped; returns fewer bytes than asked only at the end of the file.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(DataError) -> Int {
        try fill(buffer) { rest, _ in systemRead(descriptor, rest.baseAddress, rest.count) }
    }

    /// Fills the buffer from `offset`, leaving the place of `read(into:)` alone.
    func peek(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(DataError) -> Int {
        try fill(buffer) { rest, done in pread(descriptor, rest.baseAddress, rest.count, off_t(offset + done)) }
    }

    /// Asks the system to bring a part of the file from the disk: a hint.
    func willRead(_ offset: Int, _ count: Int) {
        #if os(Linux)
            posix_fadvise(descriptor, off_t(offset), off_t(count), POSIX_FADV_WILLNEED)
        #endif
    }

    private func fill(
        _ buffer: UnsafeMutableRawBufferPointer, _ once: (UnsafeMutableRawBufferPointer, Int) -> Int
    ) throws(DataError) -> Int {
        var done = 0
        while done < buffer.count {
            let got = once(UnsafeMutableRawBufferPointer(rebasing: buffer[done...]), done)
            if got > 0 {
                done += got
            } else if got == 0 {
                break
            } else if errno != EINTR {
                throw .readFailed(file: path, reason: Self.text(errno))
            }
        }
        return done
    }

    private static func openFailure(_ path: String, _ code: Int32) -> DataError {
        switch code {
        case ENOENT, ENOTDIR, ENAMETOOLONG: .missingFile(path)
        case EISDIR: .directory(path)
        case ENXIO: .specialFile(path)
        case EACCES, EPERM, ELOOP: .unreadable(file: path, reason: text(code))
        default: .readFailed(file: path, reason: text(code))
        }
    }

    private static func text(_ code: Int32) -> String {
        String(cString: strerror(code))
    }

    /// Whether a folder is at the path, or a link to one.
    static func isFolder(_ path: String) -> Bool {
        var status = stat()
        guard !path.isEmpty, !path.utf8.contains(0), stat(path, &status) == 0 else { return false }
        return status.st_mode & S_IFMT == S_IFDIR
    }

    /// Whether anything is at the path.
    static func exists(_ path: String) -> Bool {
        !path.isEmpty && !path.utf8.contains(0) && access(path, F_OK) == 0
    }
}

/// The system's `read`, under another name, because inside `InputFile` the name `read` means its own method.
private func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer?, _ count: Int) -> Int {
    read(descriptor, buffer, count)
}
