import Batchwise
import Foundations

/// The place of a table of text, and how its bytes become text. It is opened anew for every pass over the rows.
struct TextOrigin: Sendable {
    enum Place: Sendable {
        case file
        case bytes([UInt8])
    }

    let path: String
    var place: Place
    /// The encoding, separator and quotes that are said.
    let form: DataSource.TextForm
    /// The encoding that has been found where none is said; nil: UTF-8, or what the first bytes show.
    var encoding: DataSource.TextEncoding?
    /// The container whose rows are the text; nil where the text itself is cut into cells.
    var container: (any RowSource)?
    /// Notices to a person about how the bytes are read.
    var notices: [String] = []

    init(path: String, place: Place = .file, form: DataSource.TextForm = .init(), container: (any RowSource)? = nil) {
        self.path = path
        self.place = place
        self.form = form
        self.container = container
    }

    /// Adds a notice, once.
    mutating func note(_ notice: String) {
        if !notices.contains(notice) { notices.append(notice) }
    }

    /// Adds a notice about the encoding that the first bytes show, where none is said.
    mutating func note(_ shown: DataSource.TextEncoding) {
        guard form.encoding == nil, encoding == nil else { return }
        note(
            "\(escaped(path, limit: 200)): is read as \(shown.title), as its first bytes show (data.encoding names "
                + "another)")
    }

    /// The bytes of the file in UTF-8.
    func text() throws(DataError) -> ByteSource {
        let source =
            switch place {
            case .file: try ByteSource(path: DataPath(path).file)
            case .bytes(let bytes): try ByteSource(path: path, bytes: bytes)
            }
        return try source.inUTF8(from: form.encoding ?? encoding)
    }

    /// The text that the scanner of tables reads.
    func open() throws(DataError) -> ByteSource {
        guard let container else { return try text() }
        return try ByteSource(
            path: path, rows: RowText(try container.rows(of: self), separator: container.separator), of: place)
    }

    /// How to read the text again where an error shows that it has another encoding or other quotes; nil where neither.
    ///
    /// - Parameter separator: the separator of cells, where it is known.
    func readAnew(after error: DataError, separator: UInt8? = nil) throws(DataError) -> TextOrigin? {
        switch error {
        case .notText: try withEncoding(after: error)
        case .raggedRow(_, let line, _, _), .textAfterQuote(_, let line), .unterminatedQuote(_, let line),
            .quoteWithinCell(_, let line, _):
            try withEscapes(line: line, separator: separator)
        default: nil
        }
    }

    /// How to read the text again where its bytes were no UTF-8; nil where they were.
    ///
    /// - Throws: `DataError.notText` where no encoding is likely.
    func withEncoding(after error: DataError) throws(DataError) -> TextOrigin? {
        guard case .notText = error, form.encoding == nil, encoding == nil else { return nil }
        let source = try text()
        guard source.encoding == nil, let foreign = try ForeignText(source) else { return nil }
        var other = self
        other.encoding = try foreign.encoding(file: path)
        // places in a line are counted in characters, so they are found anew
        if container is FixedWidthRows { (other.container, other.notices) = (nil, []) }
        other.notices.append(foreign.notice(file: path))
        return other
    }

    /// The same text with backslashes as escapes, or with single quotes around cells, where all of its rows are cut alike
    /// by that; nil where they are not.
    private func withEscapes(line: Int, separator: UInt8?) throws(DataError) -> TextOrigin? {
        guard container == nil, form.quote == nil, form.escape == nil else { return nil }
        let usual = separator.map { [$0] } ?? CSVDialect.delimiters
        for hasBackslashes in [true, false] {
            for separator in usual {
                let rows = QuotedRows(
                    separator: separator, hasSingleQuotes: !hasBackslashes, hasBackslashes: hasBackslashes)
                guard try rows.areEven(in: self) else { continue }
                var other = self
                other.container = rows
                other.notices.append(rows.notice(file: path, line: line))
                return other
            }
        }
        return nil
    }

    /// The same text, in which single quotes enclose cells; nil where something else is said or known.
    func withSingleQuotes(line: Int, separator: UInt8) -> TextOrigin? {
        guard container == nil, form.quote == nil, form.escape == nil else { return nil }
        var other = self
        let rows = QuotedRows(separator: separator, hasSingleQuotes: true, hasBackslashes: false)
        other.container = rows
        other.notices.append(rows.notice(file: path, line: line))
        return other
    }
}

extension ByteSource {
    /// The rows of a container as text. Its length is a guess by that of the file.
    fileprivate convenience init(path: String, rows: RowText, of place: TextOrigin.Place) throws(DataError) {
        let length =
            switch place {
            case .file: try InputFile(DataPath(path).file).length
            case .bytes(let bytes): bytes.count
            }
        try self.init(
            path: path, stream: rows, packing: .none, bound: 4 * min(length, 1 << 50) + 64, expected: 4 * length,
            encoding: .utf8)
    }
}
