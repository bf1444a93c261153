import Batchwise
import Foundations

/// The way in which a text is cut into cells, as far as it is not by comma, semicolon, tab or bar with double quotes:
/// said by the recipe, or shown by the first rows.
struct TextDialect {
    /// The separator that is said or found; nil: one of the usual ones, which the head of the table finds.
    private(set) var delimiter: UInt8?
    /// The container that cuts the lines; nil where the scanner of tables does.
    private(set) var container: (any RowSource)?
    /// A notice to a person about what has been found.
    private(set) var notice: String?

    /// Separators of one character beside the usual ones.
    private static let rareDelimiters = Array(":^~\u{1F}\u{1}".utf8)
    /// The lines at the beginning that are looked at.
    static let mostLines = 1000

    init(of window: TextWindow, _ origin: TextOrigin) throws(DataError) {
        let form = origin.form
        switch form.separator {
        case .character(let byte): delimiter = byte
        case .blanks:
            container = BlankRows(hasUnnamedFirst: BlankEvidence(Self.lines(window, origin.path)).hasUnnamedFirst)
            return
        case .fixedWidth:
            container = try FixedWidthRows(of: origin)
            return
        case nil: break
        }
        if form.quote == .single || form.escape == .backslash {
            let (scanner, said) = try CSVHead.beginning(window, origin.path)
            let separator =
                delimiter ?? said ?? CSVDialect.delimiter(ofName: origin.path)
                ?? CSVDialect.delimiter(in: window, from: scanner.position)
            container = QuotedRows(
                separator: separator, hasSingleQuotes: form.quote == .single, hasBackslashes: form.escape == .backslash)
            return
        }
        guard delimiter == nil else { return }
        let bytes = UnsafeBufferPointer(start: window.start, count: window.count)
        guard !bytes.prefix(4096).contains(0) else { return }
        let (scanner, said) = try CSVHead.beginning(window, origin.path)
        guard said == nil else { return }
        let usual = CSVDialect.best(of: CSVDialect.delimiters, in: window, from: scanner.position)
        if let usual, usual.evenness > 0, usual.delimiter != UInt8(ascii: "\t"), usual.delimiter != UInt8(ascii: ",") {
            return
        }
        let lines = Self.lines(window, origin.path)
        let evidence = BlankEvidence(lines)
        let file = escaped(origin.path, limit: 200)
        // lines with more words than others may be columns of fixed width
        let areBlanks = evidence.isShown && (evidence.isEven || !FixedWidthEvidence(lines).isShown)
        if areBlanks, usual.map({ $0.evenness == 0 || evidence.overrides($0.delimiter, $0.fields) }) ?? true {
            container = BlankRows(hasUnnamedFirst: evidence.hasUnnamedFirst)
            notice =
                "\(file): blanks separate its \(evidence.width) cells a line (data.separator names another)"
                + (evidence.hasUnnamedFirst
                    ? "; line \(evidence.firstLine) names all columns but the first" : "")
            return
        }
        guard usual.map({ $0.evenness == 0 }) ?? true, CSVDialect.delimiter(ofName: origin.path) == nil else { return }
        if usual == nil, let rare = CSVDialect.best(of: Self.rareDelimiters, in: window, from: scanner.position),
            rare.evenness == 2, lines.count > 1, !Self.areTimes(lines, rare.delimiter)
        {
            delimiter = rare.delimiter
            let shown =
                rare.delimiter < 0x20
                ? "byte \(rare.delimiter)" : "\"\(Character(Unicode.Scalar(rare.delimiter)))\""
            notice = "\(file): \(shown) separates its \(rare.fields) cells a line (data.separator names another)"
            return
        }
        guard usual == nil, FixedWidthEvidence(lines).isShown else { return }
        let found = try FixedWidthRows(of: origin)
        guard found.columns.count > 1 else { return }
        container = found
        notice = found.notice(file: file)
    }

    /// The first lines that are not empty, from the first row on, with their numbers; a line that the window cuts is left
    /// out.
    private static func lines(_ window: TextWindow, _ path: String) -> [(bytes: ArraySlice<UInt8>, number: Int)] {
        guard let (scanner, _) = try? CSVHead.beginning(window, path) else { return [] }
        let bytes = UnsafeBufferPointer(start: window.start, count: window.count)
        var lines: [(bytes: ArraySlice<UInt8>, number: Int)] = []
        var (at, number) = (scanner.position, scanner.line)
        while at < bytes.count, lines.count < mostLines {
            let rest = bytes[at...]
            let end = rest.firstIndex { $0 == 10 || $0 == 13 } ?? bytes.count
            guard end < bytes.count || window.isLast else { break }
            let line = bytes[at..<end]
            if line.contains(where: { $0 != 0x20 && $0 != 0x09 }) { lines.append((ArraySlice(line), number)) }
            at = end + 1
            if end + 1 < bytes.count, bytes[end] == 13, bytes[end + 1] == 10 { at += 1 }
            number += 1
        }
        return lines
    }

    /// Whether the lines are times such as 12:30, which colons do not cut.
    private static func areTimes(_ lines: [(bytes: ArraySlice<UInt8>, number: Int)], _ delimiter: UInt8) -> Bool {
        guard delimiter == UInt8(ascii: ":") else { return false }
        return lines.dropFirst().allSatisfy { line in
            line.bytes.suffix(5).split(separator: delimiter).last?.count == 2
                && line.bytes.split(separator: delimiter, omittingEmptySubsequences: false).suffix(2).allSatisfy {
                    $0.suffix(2).allSatisfy { (0x30...0x39).contains($0) }
                }
        }
    }
}
