import Batchwise
import Foundations

/// The objects of a text of JSON one after the other: each on lines of its own, or the elements of one array.
///
/// An object's braces are counted outside of strings; what stands between them is read elsewhere.
struct JSONObjects {
    let path: String
    private var buffer: BufferedBytes
    private var isAtStart = true
    /// The line of the byte that is read next, from 1.
    private var line = 1
    /// Whether the objects are elements of an array.
    private(set) var isArray = false
    /// Whether another element of the array, or its end, must be behind a comma.
    private var needsComma = false
    private var isClosed = false

    init(_ source: ByteSource) {
        buffer = BufferedBytes(source)
        path = source.path
    }

    /// The next object and the line in which it begins; nil at the end.
    mutating func next() throws(DataError) -> (bytes: [UInt8], line: Int)? {
        if isAtStart {
            isAtStart = false
            try buffer.begin()
            if try peek() == UInt8(ascii: "[") {
                isArray = true
                buffer.at += 1
            }
        }
        guard var byte = try peek() else {
            guard !isArray || isClosed else { throw bad("the array of objects is not closed; the file is cut short") }
            return nil
        }
        guard !isClosed else { throw bad("text follows the array of objects") }
        if isArray, byte == UInt8(ascii: "]") {
            isClosed = true
            buffer.at += 1
            return try next()
        }
        if isArray, needsComma {
            guard byte == UInt8(ascii: ",") else { throw bad("a comma is missing between two objects") }
            buffer.at += 1
            guard let next = try peek() else { throw bad("the array of objects is not closed; the file is cut short") }
            byte = next
        }
        guard byte == UInt8(ascii: "{") else { throw bad("an object {...} is expected; a row is an object of JSON") }
        needsComma = true
        return try object()
    }

    private mutating func object() throws(DataError) -> (bytes: [UInt8], line: Int) {
        let first = line
        var (depth, isInString, length) = (0, false, 0)
        while true {
            while buffer.at + length < buffer.bytes.count {
                let byte = buffer.bytes[buffer.at + length]
                length += 1
                switch byte {
                case UInt8(ascii: "\\") where isInString: length += 1
                case UInt8(ascii: "\""): isInString.toggle()
                case UInt8(ascii: "{") where !isInString: depth += 1
                case UInt8(ascii: "}") where !isInString:
                    depth -= 1
                    guard depth == 0 else { continue }
                    let bytes = Array(buffer.bytes[buffer.at..<(buffer.at + length)])
                    line += bytes.count { $0 == 10 }
                    buffer.at += length
                    return (bytes, first)
                default: break
                }
            }
            guard !buffer.isAtEnd else { throw bad("an object begins here and is not closed") }
            try buffer.refill()
        }
    }

    /// The next byte that is no space; nil at the end.
    private mutating func peek() throws(DataError) -> UInt8? {
        while true {
            while buffer.at < buffer.bytes.count {
                let byte = buffer.bytes[buffer.at]
                guard byte == 0x20 || byte == 9 || byte == 10 || byte == 13 else { return byte }
                if byte == 10 { line += 1 }
                buffer.at += 1
            }
            guard !buffer.isAtEnd else { return nil }
            try buffer.refill()
        }
    }

    private func bad(_ detail: String) -> DataError { .badLine(file: path, line: line, detail: detail) }
}
