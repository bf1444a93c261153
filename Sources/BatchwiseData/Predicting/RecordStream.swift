import Batchwise
import Foundation

/// The records of a text that comes through a pipe: lines, but for line ends within quotes.
///
/// Records are handed over as they come, so that a pipe that stays open is answered; only the first are gathered, for
/// the beginning of a table shows its dialect.
final class RecordStream {
    /// Whole records.
    struct Chunk {
        let bytes: [UInt8]
        /// The line of the first of them, from 1.
        let line: Int
        /// The number of lines that are not blank.
        let records: Int
    }

    /// A record that is longer than this has a quote that was never closed.
    static let mostBytes = 1 << 26
    private static let room = 1 << 20

    let name: String
    private let descriptor: Int32
    private let least: Int
    private var bytes: [UInt8] = []
    private var line = 1
    private var hasEnded = false
    private var isFirst = true
    /// The place to which quotes have been followed, and whether it is within some.
    private var (followed, isQuoted) = (0, false)
    /// The end of the last whole record before that place.
    private var end = 0

    /// - Parameters:
    ///   - name: what errors call the text.
    ///   - least: the bytes to gather before the first records are handed over.
    init(_ descriptor: Int32, name: String, least: Int = 1 << 16) {
        self.descriptor = descriptor
        self.name = name
        self.least = least
    }

    /// The next records; nil at the end of the text.
    func next() throws(DataError) -> Chunk? {
        while !hasEnded {
            let isEnough = end > 0 && (!isFirst || bytes.count >= least)
            if isEnough, bytes.count >= Self.room || !isWaiting { break }
            guard bytes.count - end < Self.mostBytes else {
                throw .unsupported(
                    file: name,
                    detail:
                        "has a row of more than \(Self.mostBytes >> 20) MiB from line \(line) on: is a quote left open?"
                )
            }
            try read()
        }
        if hasEnded { end = bytes.count }
        isFirst = false
        guard end > 0 else { return nil }
        let chunk = Array(bytes.prefix(end))
        let lines = chunk.count { $0 == UInt8(ascii: "\n") }
        let records = chunk.split(separator: UInt8(ascii: "\n")).count { line in line.contains { $0 > 0x20 } }
        bytes.removeFirst(end)
        (followed, end) = (max(0, followed - end), 0)
        defer { line += lines }
        return Chunk(bytes: chunk, line: line, records: records)
    }

    /// Whether bytes have come that were not read.
    private var isWaiting: Bool {
        var look = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&look, 1, 0) > 0
    }

    private func read() throws(DataError) {
        var part = [UInt8](repeating: 0, count: Self.room)
        var count = -1
        repeat {
            count = part.withUnsafeMutableBytes { Foundation.read(descriptor, $0.baseAddress, $0.count) }
        } while count < 0 && errno == EINTR
        guard count >= 0 else { throw .readFailed(file: name, reason: String(cString: strerror(errno))) }
        hasEnded = count == 0
        bytes += part.prefix(count)
        follow()
    }

    /// Looks for the ends of records: a quote opens where a cell may begin, and closes at the next one that is not
    /// doubled.
    private func follow() {
        while followed < bytes.count {
            let byte = bytes[followed]
            if byte == UInt8(ascii: "\"") {
                if isQuoted {
                    // a doubled quote opens again at once
                    isQuoted = false
                } else if followed == 0 || Self.beginsCell(after: bytes[followed - 1]) {
                    isQuoted = true
                }
            } else if byte == UInt8(ascii: "\n"), !isQuoted {
                end = followed + 1
            }
            followed += 1
        }
    }

    private static func beginsCell(after byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t"), UInt8(ascii: "|"), UInt8(ascii: "\n"),
            UInt8(ascii: "\r"), UInt8(ascii: "\""), 0xBF:
            true
        default: false
        }
    }
}
