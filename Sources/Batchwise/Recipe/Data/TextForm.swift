extension DataSource {
    /// The character encoding of a file of text.
    ///
    /// UTF-16 and UTF-32 show the order of their bytes by a mark, and little-endian order is taken where there is none.
    public enum TextEncoding: String, Codable, CaseIterable, Sendable {
        case utf8 = "utf-8"
        case utf16 = "utf-16"
        case utf16LittleEndian = "utf-16le"
        case utf16BigEndian = "utf-16be"
        case utf32 = "utf-32"
        /// Western European text of Windows; it has all printable characters of Latin-1 in the same places.
        case windows1252 = "windows-1252"
        case windows1250 = "windows-1250"
        case windows1251 = "windows-1251"
        case latin1 = "latin-1"
        case latin2 = "latin-2"
        case latin9 = "latin-9"
        case macRoman = "mac-roman"
    }

    /// The separator of the cells of a row of text.
    public enum Separator: Equatable, Sendable {
        /// One character of ASCII.
        case character(UInt8)
        /// Runs of blanks and tabs; a row may begin with one.
        case blanks
        /// The places of a line at which every row has a blank.
        case fixedWidth
    }

    /// The quotes that enclose cells which hold a separator.
    public enum Quote: String, Codable, CaseIterable, Sendable { case double, single }

    /// The notation of a quote within a quoted cell: twice, or behind a backslash.
    public enum Escape: String, Codable, CaseIterable, Sendable { case doubling, backslash }

    /// The form of a table of text, as far as the recipe says it; the text itself decides what is nil.
    ///
    /// ```yaml
    /// data: {train: cars.data, target: mpg, encoding: windows-1252, separator: blanks}
    /// data: {train: notes.csv, target: grade, separator: ";", quote: single, escape: backslash}
    /// ```
    public struct TextForm: Equatable, Sendable {
        /// The character encoding.
        public var encoding: TextEncoding?
        /// The separator of cells.
        public var separator: Separator?
        /// The quotes that enclose cells.
        public var quote: Quote?
        /// The notation of quotes within quoted cells.
        public var escape: Escape?

        /// A form of which all is found out.
        public init(
            encoding: TextEncoding? = nil, separator: Separator? = nil, quote: Quote? = nil, escape: Escape? = nil
        ) {
            self.encoding = encoding
            self.separator = separator
            self.quote = quote
            self.escape = escape
        }
    }
}

extension DataSource.Separator {
    /// The forms in which a recipe may write a separator.
    package static let forms = "one character, or tab, blanks or fixed-width"

    /// Reads `tab`, `blanks`, `fixed-width` or one character of ASCII that no number or quote contains; nil for others.
    package init?(notation: String) {
        switch notation {
        case "tab", "\\t": self = .character(UInt8(ascii: "\t"))
        case "blanks": self = .blanks
        case "fixed-width": self = .fixedWidth
        default:
            guard let byte = notation.utf8.first, notation.utf8.count == 1, Self.maySeparate(byte) else { return nil }
            self = .character(byte)
        }
    }

    package var notation: String {
        switch self {
        case .character(UInt8(ascii: "\t")): "tab"
        case .character(let byte): String(decoding: [byte], as: UTF8.self)
        case .blanks: "blanks"
        case .fixedWidth: "fixed-width"
        }
    }

    /// Whether a byte can separate cells: no letter, digit, sign, point, quote, blank or line end.
    package static func maySeparate(_ byte: UInt8) -> Bool {
        guard byte < 0x7F, byte != 0 else { return false }
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "\\"), 0x0A, 0x0D, 0x20:
            return false
        default: return true
        }
    }
}

extension DataSource.TextForm {
    /// Reads the keys `encoding`, `separator`, `quote` and `escape`.
    init(_ reader: inout RecipeReader) throws(RecipeError) {
        encoding = try reader.choice("encoding", DataSource.TextEncoding.self)
        if let text = try reader.string("separator", DataSource.Separator.forms) {
            guard let separator = DataSource.Separator(notation: text) else {
                throw .value(at: reader.at("separator"), expected: DataSource.Separator.forms, found: text)
            }
            self.separator = separator
        }
        quote = try reader.choice("quote", DataSource.Quote.self)
        escape = try reader.choice("escape", DataSource.Escape.self)
    }

    /// Sets the form that one of these keys says.
    package mutating func set(_ key: String, _ value: RecipeValue) throws(RecipeError) {
        var reader = try RecipeReader(.map([.init(key, value)]), at: "data")
        let said = try DataSource.TextForm(&reader)
        encoding = said.encoding ?? encoding
        separator = said.separator ?? separator
        quote = said.quote ?? quote
        escape = said.escape ?? escape
    }
}
