import Batchwise
import Foundations

/// The attributes that an ARFF file declares before its data.
struct ARFFHeader: Sendable {
    enum Kind: Sendable {
        case numeric, text, date
        case nominal([[UInt8]])
    }

    struct Attribute: Sendable {
        let name: String
        let kind: Kind
    }

    let attributes: [Attribute]

    /// Reads the lines up to `@data`.
    init(_ lines: inout LineReader) throws(DataError) {
        let path = lines.path
        var attributes: [Attribute] = []
        var names: Set<String> = []
        while let line = try lines.next() {
            func bad(_ detail: String) -> DataError { .badLine(file: path, line: lines.number, detail: detail) }
            var words = ARFFWords(line)
            guard words.peek() != nil else { continue }
            guard words.passes("@"), let keyword = words.word(endingAt: "{") else {
                throw bad("@attribute or @data is expected before the rows")
            }
            switch String(decoding: keyword.text, as: UTF8.self).lowercased() {
            case "relation": continue
            case "data":
                guard !attributes.isEmpty else { throw bad("no @attribute stands before @data") }
                self.attributes = attributes
                return
            case "attribute":
                guard let word = words.word(endingAt: "{") else { throw bad("an attribute has no name") }
                guard let name = String(validating: word.text, as: UTF8.self) else {
                    throw .notText(file: path, line: lines.number, detail: "not UTF-8")
                }
                guard names.insert(name).inserted else { throw .duplicateColumn(file: path, name: name) }
                guard attributes.count < CSV.mostColumns else { throw bad("more than \(CSV.mostColumns) attributes") }
                let shown = escaped(name, limit: 60)
                attributes.append(.init(name: name, kind: try Self.kind(&words, shown, bad)))
            case let other: throw bad("@\(escaped(other, limit: 30)) is not read here; @attribute or @data is expected")
            }
        }
        throw .badLine(file: path, line: max(1, lines.number), detail: "the file ends before @data")
    }

    /// Whether dates of a format, in the letters of Java, have the year, the month and the day in this order; the usual
    /// format has.
    private static func isReadable(_ format: String) -> Bool {
        guard !format.isEmpty else { return true }
        return ["yyyy-MM-dd", "yyyy/MM/dd", "yyyy.MM.dd"].contains { format.hasPrefix($0) }
    }

    private static func kind(
        _ words: inout ARFFWords, _ name: String, _ bad: (String) -> DataError
    ) throws(DataError) -> Kind {
        if words.passes("{") {
            var labels: [[UInt8]] = []
            while !words.passes("}") {
                guard let label = words.value(endingAt: ",}") else {
                    throw bad("the labels of \(name) are not closed by }")
                }
                labels.append(label.text)
                _ = words.passes(",")
            }
            guard !labels.isEmpty else { throw bad("\(name) has no labels") }
            return .nominal(labels)
        }
        guard let word = words.word(endingAt: "{") else { throw bad("\(name) has no type") }
        switch String(decoding: word.text, as: UTF8.self).lowercased() {
        case "numeric", "real", "integer": return .numeric
        case "string": return .text
        case "date":
            let format = words.value(endingAt: "").map { String(decoding: $0.text, as: UTF8.self) } ?? ""
            guard isReadable(format) else {
                throw bad(
                    "\(name) has dates of the format \(escaped(format, limit: 40)), which is not read here; write dates as "
                        + "yyyy-MM-dd")
            }
            return .date
        case "relational": throw bad("\(name) holds tables, which are not read here; save one row a line")
        case let other:
            throw bad(
                "\(name) is of the type \(escaped(other, limit: 30)); numeric, string, date or {labels} is expected")
        }
    }
}
