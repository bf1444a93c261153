import Batchwise
import Foundations

/// A reader of the XML in a workbook, one event after the other.
///
/// Document types, and with them entities of one's own, are refused; the five of XML and characters by number are
/// resolved. Prefixes of names are dropped. Memory is that of the longest tag or text.
struct XMLScanner {
    enum Event {
        /// A tag opens. An empty one closes with the next event.
        case start(name: String, attributes: [(name: String, value: String)])
        case end(name: String)
        case text([UInt8])
    }

    private static let chunk = 1 << 16
    /// Elements that are nested more deeply are in no workbook.
    private static let deepest = 64
    /// The bytes of one tag or text at most; a cell of Excel has 32,767 characters.
    private static let longest = 1 << 22

    let path: String
    /// The name of the member, for errors.
    private let member: String
    private let source: ByteSource
    private var buffer: [UInt8] = []
    private var at = 0
    private var isAtEnd = false
    private var open: [String] = []
    private var pendingEnd: String?
    private var hasRoot = false

    init(_ source: ByteSource, member: String, path: String) throws(DataError) {
        self.source = try source.inUTF8(from: nil)
        self.member = member
        self.path = path
    }

    /// The next event; nil behind the end of the root.
    mutating func next() throws(DataError) -> Event? {
        if let name = pendingEnd {
            pendingEnd = nil
            open.removeLast()
            return .end(name: name)
        }
        while true {
            guard try available(1) else {
                guard hasRoot, open.isEmpty else { throw bad("it ends too early") }
                return nil
            }
            if buffer[at] != UInt8(ascii: "<") {
                let text = try read(until: [UInt8(ascii: "<")], consuming: 0)
                guard !open.isEmpty else {
                    guard text.allSatisfy({ $0 <= 0x20 || $0 == 0xEF || $0 == 0xBB || $0 == 0xBF }) else {
                        throw bad("text stands outside of its root")
                    }
                    continue
                }
                return .text(try resolved(text))
            }
            _ = try available(9)
            let ahead = buffer[at...].prefix(9)
            if ahead.starts(with: "<?".utf8) {
                _ = try read(until: Array("?>".utf8), consuming: 2)
            } else if ahead.starts(with: "<!--".utf8) {
                at += 4
                _ = try read(until: Array("-->".utf8), consuming: 3)
            } else if ahead.starts(with: "<![CDATA[".utf8) {
                at += 9
                let text = try read(until: Array("]]>".utf8), consuming: 3)
                guard !open.isEmpty else { throw bad("text stands outside of its root") }
                return .text(Array(text))
            } else if ahead.starts(with: "<!".utf8) {
                throw bad("it declares a document type, which no workbook has")
            } else {
                return try tag()
            }
        }
    }

    /// The text up to the end of the element that has just been opened.
    ///
    /// - Parameters:
    ///   - element: the name of the elements in it whose text is wanted; nil: all text.
    ///   - passed: the name of elements whose text is left out.
    mutating func text(of element: String? = nil, without passed: String? = nil) throws(DataError) -> [UInt8] {
        let depth = open.count
        var text: [UInt8] = []
        var (wanted, hidden) = (element == nil ? 1 : 0, 0)
        while open.count >= depth, let event = try next() {
            switch event {
            case .start(let name, _):
                if name == passed { hidden += 1 }
                if name == element { wanted += 1 }
            case .end(let name):
                if name == passed { hidden -= 1 }
                if name == element { wanted -= 1 }
            case .text(let more): if wanted > 0, hidden == 0 { text += more }
            }
            guard text.count <= Self.longest else { throw bad("a text is longer than any in a workbook") }
        }
        return text
    }

    private mutating func tag() throws(DataError) -> Event {
        var tag = try wholeTag()
        if tag.first == UInt8(ascii: "/") {
            let name = Self.local(tag.dropFirst().prefix { $0 > 0x20 })
            guard open.popLast() == name else {
                throw bad("the tag \(escaped(name, limit: 40)) is closed in the wrong place")
            }
            return .end(name: name)
        }
        let isEmpty = tag.last == UInt8(ascii: "/")
        if isEmpty { tag.removeLast() }
        let nameEnd = tag.firstIndex { $0 <= 0x20 } ?? tag.endIndex
        let name = Self.local(tag[..<nameEnd])
        guard !name.isEmpty else { throw bad("a tag has no name") }
        guard open.count < Self.deepest else { throw bad("its elements are nested more than \(Self.deepest) deep") }
        guard !open.isEmpty || !hasRoot else { throw bad("it has two roots") }
        hasRoot = true
        let attributes = try attributes(tag[nameEnd...])
        open.append(name)
        if isEmpty { pendingEnd = name }
        return .start(name: name, attributes: attributes)
    }

    /// The bytes between the angle brackets, where a quoted value may hold the second of them.
    private mutating func wholeTag() throws(DataError) -> ArraySlice<UInt8> {
        at += 1
        var length = 0
        var quote: UInt8?
        while true {
            while at + length < buffer.count {
                let byte = buffer[at + length]
                if byte == quote {
                    quote = nil
                } else if quote == nil {
                    if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") { quote = byte }
                    if byte == UInt8(ascii: ">") {
                        let tag = buffer[at..<(at + length)]
                        at += length + 1
                        return tag
                    }
                    guard byte != UInt8(ascii: "<") else { throw bad("a tag is not closed") }
                }
                length += 1
            }
            guard try available(length + 1) else { throw bad("it ends within a tag") }
        }
    }

    private func attributes(_ text: ArraySlice<UInt8>) throws(DataError) -> [(name: String, value: String)] {
        var attributes: [(name: String, value: String)] = []
        var rest = text.drop { $0 <= 0x20 }
        while !rest.isEmpty {
            guard let equal = rest.firstIndex(of: UInt8(ascii: "=")) else { throw bad("an attribute has no value") }
            let name = Self.local(rest[..<equal].prefix { $0 > 0x20 })
            rest = rest[(equal + 1)...].drop { $0 <= 0x20 }
            guard let quote = rest.first, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'"),
                let end = rest.dropFirst().firstIndex(of: quote)
            else { throw bad("the value of an attribute is in no quotes") }
            let value = try resolved(rest[rest.startIndex + 1..<end])
            attributes.append((name, String(decoding: value, as: UTF8.self)))
            rest = rest[(end + 1)...].drop { $0 <= 0x20 }
        }
        return attributes
    }

    private static func local(_ name: ArraySlice<UInt8>) -> String {
        let start = name.lastIndex(of: UInt8(ascii: ":")).map { $0 + 1 } ?? name.startIndex
        return String(decoding: name[start...], as: UTF8.self)
    }

    /// The text with its entities replaced.
    private func resolved(_ text: ArraySlice<UInt8>) throws(DataError) -> [UInt8] {
        guard text.contains(UInt8(ascii: "&")) else { return Array(text) }
        var result: [UInt8] = []
        var rest = text
        while let mark = rest.firstIndex(of: UInt8(ascii: "&")) {
            result += rest[..<mark]
            guard let end = rest[mark...].prefix(12).firstIndex(of: UInt8(ascii: ";")) else {
                throw bad("an entity is not closed")
            }
            let name = String(decoding: rest[(mark + 1)..<end], as: UTF8.self)
            switch name {
            case "lt": result.append(UInt8(ascii: "<"))
            case "gt": result.append(UInt8(ascii: ">"))
            case "amp": result.append(UInt8(ascii: "&"))
            case "quot": result.append(UInt8(ascii: "\""))
            case "apos": result.append(UInt8(ascii: "'"))
            default:
                let isHex = name.hasPrefix("#x")
                guard name.hasPrefix("#"), let value = UInt32(name.dropFirst(isHex ? 2 : 1), radix: isHex ? 16 : 10),
                    value != 0, let scalar = Unicode.Scalar(value)
                else { throw bad("the entity &\(escaped(name, limit: 12)); is unknown") }
                result += scalar.utf8
            }
            rest = rest[(end + 1)...]
        }
        return result + rest
    }

    /// The bytes before the next `mark`, which is passed as far as `consuming`.
    private mutating func read(until mark: [UInt8], consuming: Int) throws(DataError) -> ArraySlice<UInt8> {
        var searched = 0
        while true {
            if let place = buffer[(at + searched)...].firstIndex(of: mark[0]), place + mark.count <= buffer.count {
                guard buffer[place...].starts(with: mark) else {
                    searched = place + 1 - at
                    continue
                }
                let text = buffer[at..<place]
                at = place + consuming
                return text
            }
            let before = buffer.count - at
            guard try available(before + 1) else {
                guard mark == [UInt8(ascii: "<")] else { throw bad("it ends too early") }
                let text = buffer[at...]
                at = buffer.count
                return text
            }
            searched = max(searched, before - mark.count + 1, 0)
        }
    }

    /// Makes so many bytes available from here on; false where the text ends before.
    private mutating func available(_ count: Int) throws(DataError) -> Bool {
        while buffer.count - at < count, !isAtEnd {
            guard buffer.count - at <= Self.longest else { throw bad("a tag or text is longer than any in a workbook") }
            buffer.removeFirst(at)
            at = 0
            let used = buffer.count
            let room = max(used, min(Self.chunk, max(source.atMost, 1)))
            buffer += repeatElement(0, count: room)
            let got = try buffer.withUnsafeMutableBufferPointer { (buffer) throws(DataError) in
                try source.read(
                    into: UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: buffer[used...])))
            }
            buffer.removeLast(room - got)
            isAtEnd = got < room
        }
        return buffer.count - at >= count
    }

    private func bad(_ detail: String) -> DataError {
        .corruptFile(file: path, format: "XLSX", detail: "\(member): \(detail)")
    }
}

extension [(name: String, value: String)] {
    /// The value of an attribute.
    subscript(_ name: String) -> String? { first { $0.name == name }?.value }
}
