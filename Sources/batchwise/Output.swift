import Foundation
import Foundations

/// The two streams of a command: results on standard output, everything else on standard error.
enum Output {
    /// Whether nothing is written: among processes that train together, the first alone speaks. Set before any thread
    /// starts.
    nonisolated(unsafe) static var isSilent = false

    /// Writes to standard output.
    static func write(_ text: String) throws {
        try write(Array(text.utf8))
    }

    /// Writes to standard output.
    static func write(_ bytes: [UInt8]) throws {
        guard isSilent || writeAll(bytes, to: STDOUT_FILENO) else {
            throw Failure(.inputOutput, "cannot write to standard output: \(systemReason())")
        }
    }

    /// Writes one JSON object, the whole output of a command that was asked for `--json`.
    static func write(_ json: JSON) throws {
        try write(json.text + "\n")
    }

    /// Writes a line to standard error. A failure is ignored, because there is no other place to report it.
    static func log(_ line: String) {
        draw(line + "\n")
    }

    /// Writes a notice to standard error: in the lines of a terminal, and else in one line.
    static func note(_ notice: String) {
        guard isatty(STDERR_FILENO) == 1 else { return log("note: \(notice)") }
        for (number, line) in brokenLines(notice, width: 74).enumerated() {
            log((number == 0 ? "note: " : "      ") + line)
        }
    }

    /// Writes to standard error, as it is.
    static func draw(_ text: String) {
        if !isSilent { _ = writeAll(Array(text.utf8), to: STDERR_FILENO) }
    }
}

/// The system's message about the last call that failed.
func systemReason() -> String { AtomicFile.systemReason() }
