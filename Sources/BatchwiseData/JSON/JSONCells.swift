import Batchwise
import Foundations

/// The value of a key of a row of JSON.
enum JSONCell {
    case missing
    case text(String)
    /// The bytes of a number or of a truth value, as they are written.
    case word(ArraySlice<UInt8>)
}

/// Reads the cells of an object: the keys of objects in it are joined by points.
struct JSONCells {
    /// Objects that are nested more deeply are no rows of a table.
    private static let deepest = 16

    let path: String

    /// Hands over each key with its value, in the order of the object.
    ///
    /// - Throws: `DataError.badLine` with the line and key of what cannot be read.
    func forEach(
        in object: (bytes: [UInt8], line: Int),
        _ body: (_ key: String, _ cell: JSONCell) throws(StrictJSON.Fault) -> Void
    ) throws(DataError) {
        var reader = StrictJSON(object.bytes, range: object.bytes.indices)
        do throws(StrictJSON.Fault) {
            try read(&reader, object.bytes, "", 0, body)
            try reader.finish()
        } catch {
            let line = object.line + object.bytes.prefix(max(0, error.offset)).count { $0 == 10 }
            guard String(validating: object.bytes, as: UTF8.self) != nil else {
                throw .notText(file: path, line: line, detail: "not UTF-8")
            }
            throw .badLine(file: path, line: line, detail: error.reason)
        }
    }

    private func read(
        _ reader: inout StrictJSON, _ bytes: [UInt8], _ prefix: String, _ depth: Int,
        _ body: (String, JSONCell) throws(StrictJSON.Fault) -> Void
    ) throws(StrictJSON.Fault) {
        guard depth < Self.deepest else {
            throw StrictJSON.Fault(reason: "objects are nested more than \(Self.deepest) deep", offset: reader.offset)
        }
        try reader.object { (reader, name) throws(StrictJSON.Fault) in
            let key = prefix + name
            do throws(StrictJSON.Fault) {
                // Python writes NaN, which is no JSON, for a missing number
                if Self.passesNaN(&reader, bytes) {
                    try body(key, .missing)
                    return
                }
                switch try reader.kind() {
                case .object: try self.read(&reader, bytes, key + ".", depth + 1, body)
                case .array:
                    throw StrictJSON.Fault(
                        reason: "it holds an array, and a cell is one value; give each of its values a key of its own",
                        offset: reader.offset)
                case .string: try body(key, .text(try reader.string()))
                case .number: try body(key, .word(bytes[try reader.number()]))
                case .boolean: try body(key, .word(ArraySlice((try reader.boolean() ? "true" : "false").utf8)))
                case .null:
                    try reader.null()
                    try body(key, .missing)
                }
            } catch {
                guard !error.reason.hasPrefix("key \"") else { throw error }
                throw StrictJSON.Fault(
                    reason: "key \"\(escaped(key, limit: 60))\": \(error.reason)", offset: error.offset)
            }
        }
    }

    private static func passesNaN(_ reader: inout StrictJSON, _ bytes: [UInt8]) -> Bool {
        var at = reader.offset
        while at < bytes.count, bytes[at] == 0x20 { at += 1 }
        guard bytes[at...].starts(with: "NaN".utf8) else { return false }
        reader.skip(to: at + 3)
        return true
    }
}
