import Batchwise

/// The lines of a text one after the other, without their ends: LF, CR LF or CR.
struct LineReader {
    let path: String
    private var buffer: BufferedBytes
    private var isAtStart = true
    /// The number of the last line that was read, from 1.
    private(set) var number = 0

    init(_ source: ByteSource) {
        buffer = BufferedBytes(source)
        path = source.path
    }

    /// The next line; nil at the end of the text.
    mutating func next() throws(DataError) -> ArraySlice<UInt8>? {
        if isAtStart {
            isAtStart = false
            try buffer.begin()
        }
        var searched = 0
        while true {
            if let end = buffer.bytes[(buffer.at + searched)...].firstIndex(where: { $0 == 10 || $0 == 13 }),
                buffer.bytes[end] == 10 || end + 1 < buffer.bytes.count || buffer.isAtEnd
            {
                let line = buffer.bytes[buffer.at..<end]
                buffer.at = end + 1
                if buffer.bytes[end] == 13, buffer.at < buffer.bytes.count, buffer.bytes[buffer.at] == 10 {
                    buffer.at += 1
                }
                number += 1
                return line
            }
            guard !buffer.isAtEnd else {
                guard buffer.at < buffer.bytes.count else { return nil }
                let line = buffer.bytes[buffer.at...]
                buffer.at = buffer.bytes.count
                number += 1
                return line
            }
            searched = max(0, buffer.bytes.count - buffer.at - 1)
            try buffer.refill()
        }
    }
}
