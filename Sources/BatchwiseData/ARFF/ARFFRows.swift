import Batchwise
import Foundations

/// The rows of an ARFF file, dense or sparse.
///
/// A number that a sparse row leaves out is 0, and a nominal value the first label, as Weka reads them.
struct ARFFRows: RowSource {
    let header: ARFFHeader
    var hasHeader: Bool? { true }

    var kinds: [Table.Kind]? {
        header.attributes.map { attribute in
            switch attribute.kind {
            case .numeric: .numeric
            case .nominal: .categorical
            case .text, .date: .either
            }
        }
    }

    func rows(of origin: TextOrigin) throws(DataError) -> any RowStream {
        var lines = LineReader(try origin.text())
        let header = try ARFFHeader(&lines)
        guard header.attributes.map(\.name) == self.header.attributes.map(\.name) else {
            throw .changes(file: origin.path)
        }
        return Stream(lines, header.attributes)
    }

    private final class Stream: RowStream {
        private var lines: LineReader
        private let attributes: [ARFFHeader.Attribute]
        /// The labels of each nominal attribute.
        private let labels: [Set<[UInt8]>]
        private var written = 0
        private var values: [[UInt8]?]

        init(_ lines: LineReader, _ attributes: [ARFFHeader.Attribute]) {
            self.lines = lines
            self.attributes = attributes
            labels = attributes.map { attribute in
                if case .nominal(let labels) = attribute.kind { Set(labels) } else { [] }
            }
            values = attributes.map { _ in nil }
        }

        func next(_ rows: inout RowWriter) throws(DataError) -> Bool {
            if written == 0 {
                for attribute in attributes { rows.append(attribute.name) }
                rows.endRow()
                written = 1
                // rows keep the numbers of their lines
                while written < lines.number {
                    rows.endLine()
                    written += 1
                }
                return true
            }
            guard let line = try lines.next() else { return false }
            var words = ARFFWords(line)
            guard let first = words.peek() else {
                rows.endLine()
                return true
            }
            if first == UInt8(ascii: "{") { try readSparse(&words) } else { try readDense(&words) }
            for value in values {
                if let value { rows.append(value) } else { rows.appendMissing() }
            }
            rows.endRow()
            return true
        }

        private func readDense(_ words: inout ARFFWords) throws(DataError) {
            var count = 0
            repeat {
                guard words.peek() != UInt8(ascii: "{") else {
                    throw bad("a weight stands behind the row; make it an attribute, and name it in data.weights")
                }
                guard let value = words.value(endingAt: ",") else {
                    throw bad("a value is missing, or a quote is not closed")
                }
                guard count < attributes.count else {
                    throw .raggedRow(
                        file: lines.path, line: lines.number, expected: attributes.count, found: count + 1)
                }
                values[count] = try checked(value, count)
                count += 1
                guard let next = words.peek() else { break }
                guard next == UInt8(ascii: ",") else { throw bad("text follows a quoted value") }
            } while words.passes(",")
            guard count == attributes.count else {
                throw .raggedRow(file: lines.path, line: lines.number, expected: attributes.count, found: count)
            }
        }

        private func readSparse(_ words: inout ARFFWords) throws(DataError) {
            _ = words.passes("{")
            var isGiven = [Bool](repeating: false, count: attributes.count)
            while !words.passes("}") {
                guard let index = words.word(endingAt: ",}"),
                    let place = Int(String(decoding: index.text, as: UTF8.self)),
                    attributes.indices.contains(place)
                else { throw bad("the number of an attribute from 0 to \(attributes.count - 1) is expected") }
                guard !isGiven[place] else { throw bad("attribute \(place) stands twice in a row") }
                guard let value = words.value(endingAt: ",}") else { throw bad("attribute \(place) has no value") }
                isGiven[place] = true
                values[place] = try checked(value, place)
                guard words.passes(",") || words.peek() == UInt8(ascii: "}") else {
                    throw bad("a sparse row is not closed by }")
                }
            }
            guard words.peek() == nil else {
                throw bad("a weight stands behind the row; make it an attribute, and name it in data.weights")
            }
            for (place, attribute) in attributes.enumerated() where !isGiven[place] {
                switch attribute.kind {
                case .numeric: values[place] = Array("0".utf8)
                case .nominal(let labels): values[place] = labels[0]
                case .text, .date:
                    throw bad("a sparse row leaves out \(escaped(attribute.name, limit: 60)), which has no zero")
                }
            }
        }

        /// The value of an attribute, nil where it is missing.
        private func checked(_ value: (text: [UInt8], isQuoted: Bool), _ place: Int) throws(DataError) -> [UInt8]? {
            if !value.isQuoted, value.text == [UInt8(ascii: "?")] { return nil }
            let attribute = attributes[place]
            switch attribute.kind {
            case .text, .date: break
            case .numeric:
                guard CSVNumber.parse(value.text, value.text.indices) != nil else {
                    throw .notANumber(
                        file: lines.path, line: lines.number, column: attribute.name,
                        found: String(decoding: value.text, as: UTF8.self))
                }
            case .nominal(let all):
                guard labels[place].contains(value.text) else {
                    let names = all.prefix(1000).map { String(decoding: $0, as: UTF8.self) }
                    let text = String(decoding: value.text, as: UTF8.self)
                    let near = nearestName(to: text, in: names).map { " (did you mean \"\($0)\"?)" } ?? ""
                    throw .badCell(
                        file: lines.path, place: "line \(lines.number)", column: attribute.name,
                        detail: "\"\(escaped(text, limit: 60))\" is none of its labels\(near)")
                }
            }
            return value.text
        }

        private func bad(_ detail: String) -> DataError {
            .badLine(file: lines.path, line: lines.number, detail: detail)
        }
    }
}
