import Batchwise

/// A text of another encoding as a stream of UTF-8, without its mark.
final class Transcoder: ByteStream {
    private static let chunk = 1 << 14

    private let source: ByteSource
    private let encoding: DataSource.TextEncoding
    /// The bytes of UTF-8 of each byte of an encoding of one byte a character; empty for other encodings.
    private let table: [[UInt8]]
    /// The number of bytes of a unit, and whether its lowest byte comes first.
    private var unit: Int
    private var isLowFirst: Bool
    private var input: [UInt8]
    /// The bytes of the input that are still to be read.
    private var unread = 0..<0
    private var output: [UInt8] = []
    private var given = 0
    private var line = 1
    private var isAtStart = true
    private var isAtEnd = false

    init(_ source: ByteSource, _ encoding: DataSource.TextEncoding) {
        self.source = source
        self.encoding = encoding
        input = [UInt8](repeating: 0, count: Self.chunk)
        output.reserveCapacity(3 * Self.chunk)
        let upper = CodePage.upperHalf(encoding) ?? []
        table =
            upper.isEmpty
            ? [] : (0..<128).map { [UInt8($0)] } + upper.map { $0 == "\u{FFFD}" ? [] : Array(String($0).utf8) }
        (unit, isLowFirst) =
            switch encoding {
            case .utf16, .utf16LittleEndian: (2, true)
            case .utf16BigEndian: (2, false)
            case .utf32: (4, true)
            default: (1, true)
            }
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(DataError) -> Int {
        var done = 0
        while done < buffer.count {
            if given == output.count {
                guard try refill() else { break }
            }
            let part = output[given..<min(output.count, given + buffer.count - done)]
            UnsafeMutableRawBufferPointer(rebasing: buffer[done...]).copyBytes(from: part)
            done += part.count
            given += part.count
        }
        return done
    }

    /// Turns the next bytes into UTF-8; false at the end of the text.
    private func refill() throws(DataError) -> Bool {
        output.removeAll(keepingCapacity: true)
        given = 0
        while output.isEmpty {
            guard !isAtEnd else { return false }
            // a unit that is cut, or half of a pair, stays for the next time
            let kept = Array(input[unread])
            input.replaceSubrange(0..<kept.count, with: kept)
            let got = try input.withUnsafeMutableBufferPointer { (buffer) throws(DataError) in
                try source.read(
                    into: UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[kept.count...]))
            }
            isAtEnd = got < input.count - kept.count
            unread = 0..<(kept.count + got)
            if isAtStart { passMark() }
            if table.isEmpty { try decodeUnits() } else { try decodeBytes() }
        }
        return true
    }

    private func passMark() {
        isAtStart = false
        let start = input[unread]
        if unit == 1 {
            if encoding == .utf8, start.starts(with: [0xEF, 0xBB, 0xBF]) { unread = 3..<unread.upperBound }
        } else if unit == 2 {
            if start.starts(with: [0xFF, 0xFE]) {
                isLowFirst = true
            } else if start.starts(with: [0xFE, 0xFF]) {
                isLowFirst = false
            } else {
                return
            }
            unread = 2..<unread.upperBound
        } else if start.starts(with: [0xFF, 0xFE, 0, 0]) || start.starts(with: [0, 0, 0xFE, 0xFF]) {
            isLowFirst = start.first == 0xFF
            unread = 4..<unread.upperBound
        }
    }

    private func decodeBytes() throws(DataError) {
        for byte in input[unread] {
            let text = table[Int(byte)]
            guard !text.isEmpty else { throw wrong("byte \(byte) stands for no character of \(encoding.title)") }
            output += text
            if byte == 10 { line += 1 }
        }
        unread = 0..<0
    }

    private func decodeUnits() throws(DataError) {
        guard unit > 1 else {
            output += input[unread]
            unread = 0..<0
            return
        }
        var at = unread.lowerBound
        let end = unread.upperBound
        while at + unit <= end {
            var value = number(at)
            var length = unit
            if unit == 2, (0xD800..<0xDC00).contains(value) {
                guard at + 4 <= end else {
                    guard isAtEnd else { break }
                    throw wrong("the last character is cut in half")
                }
                let low = number(at + 2)
                guard (0xDC00..<0xE000).contains(low) else { throw wrong("half of a character stands alone") }
                value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00)
                length = 4
            }
            guard let scalar = Unicode.Scalar(value) else { throw wrong("\(value) is the number of no character") }
            output += scalar.utf8
            if value == 10 { line += 1 }
            at += length
        }
        unread = at..<end
        if isAtEnd, !unread.isEmpty { throw wrong("the last character is cut") }
    }

    private func number(_ at: Int) -> UInt32 {
        var value: UInt32 = 0
        for place in 0..<unit { value = value << 8 | UInt32(input[isLowFirst ? at + unit - 1 - place : at + place]) }
        return value
    }

    private func wrong(_ detail: String) -> DataError {
        .notText(file: source.path, line: line, detail: "not \(encoding.title): \(detail)")
    }
}

extension ByteSource {
    /// The same text in UTF-8: by the encoding that is said, else by what its first bytes show. Text that may be UTF-8 is
    /// read as it stands.
    func inUTF8(from said: DataSource.TextEncoding?) throws(DataError) -> ByteSource {
        guard let encoding = said ?? .wide(head), encoding != .utf8 else { return self }
        return try ByteSource(transcoding: self, from: encoding)
    }
}
