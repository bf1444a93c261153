// Yams composes a whole document before anyone may look at it, and compares keys that are lists of aliases value by value.
// Its C parser gives one event after the other, so that limits hold while the text is read.
internal import CYaml
import Foundations

/// One event of a YAML text: a value without parts, an alias, or one end of a list or map.
struct YAMLEvent {
    enum Kind {
        /// A text; one without quotes may be a number or another value.
        case scalar(String, isPlain: Bool)
        case alias(String)
        case list, map
        /// The end of a list or map.
        case end
        /// The begin or end of a document.
        case document
        /// The end of the text.
        case endOfText
    }

    let kind: Kind
    /// The name after `&`.
    let anchor: String?
    /// The text after `!`.
    let tag: String?
    /// The place where the event begins, such as "line 3, column 5".
    let place: String
}

/// The events of a YAML text, in order.
final class YAMLEvents {
    private let text: UnsafeMutableBufferPointer<UInt8>
    private let parser: UnsafeMutablePointer<yaml_parser_t>

    init(_ text: String) {
        let bytes = text.utf8
        self.text = .allocate(capacity: bytes.count)
        _ = self.text.initialize(from: bytes)
        // the parser keeps a pointer to itself, so it stays where it is
        parser = .allocate(capacity: 1)
        parser.initialize(to: yaml_parser_t())
        yaml_parser_initialize(parser)
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, self.text.baseAddress, self.text.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
        text.deallocate()
    }

    /// The next event. Throws `RecipeError.syntax` with the line and column where the text is not YAML.
    func next() throws(RecipeError) -> YAMLEvent {
        while true {
            var event = yaml_event_t()
            guard yaml_parser_parse(parser, &event) == 1 else { throw .syntax(problem()) }
            defer { yaml_event_delete(&event) }
            if event.type != YAML_STREAM_START_EVENT { return Self.event(event) }
        }
    }

    private static func event(_ event: yaml_event_t) -> YAMLEvent {
        func made(
            _ kind: YAMLEvent.Kind, anchor: UnsafeMutablePointer<UInt8>? = nil, tag: UnsafeMutablePointer<UInt8>? = nil
        ) -> YAMLEvent {
            YAMLEvent(
                kind: kind, anchor: anchor.map { String(cString: $0) }, tag: tag.map { String(cString: $0) },
                place: place(event.start_mark))
        }
        switch event.type {
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            return made(
                .scalar(String(decoding: bytes, as: UTF8.self), isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE),
                anchor: scalar.anchor, tag: scalar.tag)
        case YAML_ALIAS_EVENT: return made(.alias(String(cString: event.data.alias.anchor)))
        case YAML_SEQUENCE_START_EVENT:
            return made(.list, anchor: event.data.sequence_start.anchor, tag: event.data.sequence_start.tag)
        case YAML_MAPPING_START_EVENT:
            return made(.map, anchor: event.data.mapping_start.anchor, tag: event.data.mapping_start.tag)
        case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: return made(.end)
        case YAML_STREAM_END_EVENT: return made(.endOfText)
        default: return made(.document)
        }
    }

    private static func place(_ mark: yaml_mark_t) -> String { "line \(mark.line + 1), column \(mark.column + 1)" }

    /// The reason why the parser stopped, and where.
    private func problem() -> String {
        let parser = parser.pointee
        let problem = parser.problem.map { String(cString: $0) } ?? "it cannot be read"
        if parser.error == YAML_READER_ERROR {
            let line = 1 + text.prefix(parser.problem_offset).count { $0 == UInt8(ascii: "\n") }
            return "line \(line): \(problem) (U+\(String(parser.problem_value, radix: 16, uppercase: true)))"
        }
        let advice = hasTab(inLine: parser.problem_mark.line) ? "; there is a tab: indent with spaces" : ""
        return "\(Self.place(parser.problem_mark)): \(problem)\(advice)"
    }

    private func hasTab(inLine number: Int) -> Bool {
        var line = 0
        for byte in text {
            if byte == UInt8(ascii: "\n") { line += 1 }
            if line > number { break }
            if line == number, byte == UInt8(ascii: "\t") { return true }
        }
        return false
    }
}
