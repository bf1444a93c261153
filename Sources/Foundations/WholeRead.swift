import Foundation

/// Reads all bytes of a regular file.
///
/// Throws ``FileError/missing(path:reason:)`` where it cannot be opened, ``FileError/malformed(path:reason:)`` where it
/// has more bytes than `limit`, and ``FileError/inputOutput(path:reason:)`` where the system fails to read it.
package func readAll(_ path: String, limit: Int = .max) throws(FileError) -> [UInt8] {
    // without O_NONBLOCK, opening a pipe would wait for its writer
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .missing(path: path, reason: AtomicFile.systemReason()) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
        throw .inputOutput(path: path, reason: "cannot read it: \(AtomicFile.systemReason())")
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
        throw .inputOutput(path: path, reason: "cannot read it: it is no regular file")
    }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 20)
    while true {
        let count = read(descriptor, &chunk, chunk.count)
        if count < 0 && errno == EINTR { continue }
        guard count >= 0 else {
            throw .inputOutput(path: path, reason: "cannot read it: \(AtomicFile.systemReason())")
        }
        if count == 0 { return bytes }
        guard count <= limit - bytes.count else {
            throw .malformed(path: path, reason: "has more than \(byteText(limit))")
        }
        bytes += chunk[..<count]
    }
}
