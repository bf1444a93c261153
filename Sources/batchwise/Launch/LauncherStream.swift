import Foundation

/// The standard error of one start of a launcher: the lines of workers go on to this program's, and the messages of
/// `mpirun` to a file.
final class LauncherStream {
    /// Where the launcher writes.
    let input: Int32
    private let output: Int32
    private let path: String
    private let heading: String
    private var hasHeading = false
    private var messages = LauncherMessages()

    /// - Parameters:
    ///   - path: the file that messages are added to.
    ///   - heading: the line that stands before the first of them.
    init(messagesTo path: String, heading: String) throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw Failure(.inputOutput, "a pipe cannot be created: \(systemReason())") }
        (output, input) = (ends[0], ends[1])
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        // whoever reads must not wait, for processes that were left behind may hold the other end
        _ = fcntl(output, F_SETFL, O_NONBLOCK)
        (self.path, self.heading) = (path, heading)
    }

    deinit {
        close(output)
        close(input)
    }

    /// The sentence of `mpirun` that says why it ended; nil where it has said none.
    var sentence: String? { messages.sentence }

    /// Hands on what has been written so far.
    func drain() {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = read(output, &buffer, buffer.count), count > 0 {
            show(messages.workerLines(in: buffer[..<count]))
        }
    }

    /// Hands on the rest, when the launcher has ended. Returns the workers' part of its standard output, to which MPICH
    /// writes its messages.
    func finish(output bytes: [UInt8]) -> [UInt8] {
        drain()
        show(messages.finish())
        let lines = messages.workerLines(in: bytes) + messages.finish()
        keep(messages.takeMessages())
        return lines.allSatisfy { $0 == UInt8(ascii: "\n") } ? [] : lines
    }

    private func show(_ lines: [UInt8]) {
        if !lines.isEmpty { Output.draw(String(decoding: lines, as: UTF8.self)) }
        keep(messages.takeMessages())
    }

    private func keep(_ own: [UInt8]) {
        guard !own.isEmpty else { return }
        // a full disk loses messages, and nothing else
        let file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
        guard file >= 0 else { return }
        defer { close(file) }
        let text = (hasHeading ? [] : Array((heading + "\n").utf8)) + own
        hasHeading = true
        _ = text.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
    }
}
