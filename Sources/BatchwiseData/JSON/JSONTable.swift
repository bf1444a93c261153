import Batchwise

/// The format of tables whose rows are objects of JSON: JSON lines, or an array of objects.
package enum JSONTable: DataFormat {
    package static func open(_ file: FoundFile, _ reading: Reading) throws(DataError) -> (any DataFile)? {
        guard file.bytes != nil, file.array == nil, reading.window == nil, recognises(file.head) else { return nil }
        var origin = TextOrigin(path: file.path, form: reading.form)
        let rows: JSONTableRows
        do throws(DataError) {
            rows = try JSONTableRows(of: origin)
        } catch {
            guard let other = try origin.withEncoding(after: error) else { throw error }
            origin = other
            rows = try JSONTableRows(of: origin)
        }
        origin.container = rows
        if let encoding = file.bytes?.encoding { origin.note(encoding) }
        origin.notices += rows.notices(file: file.path)
        return try CSV(origin, format: .json, header: nil, badLines: reading.badLines)
    }

    /// Whether a text begins with an array of objects, or with an object behind which another one stands.
    package static func holdsRows(_ head: [UInt8]) -> Bool {
        guard recognises(head) else { return false }
        var objects: JSONObjects
        guard let source = try? ByteSource(path: "", bytes: head) else { return false }
        objects = JSONObjects(source)
        guard (try? objects.next()) != nil else { return objects.isArray }
        return objects.isArray || (try? objects.next()) != nil
    }

    /// Whether a text begins with an object whose first key follows, or with an array of such objects.
    package static func recognises(_ head: [UInt8]) -> Bool {
        var marks = head.drop { $0 == 0xEF || $0 == 0xBB || $0 == 0xBF }.lazy.filter { $0 > 0x20 }.makeIterator()
        var first = marks.next()
        if first == UInt8(ascii: "[") { first = marks.next() }
        guard first == UInt8(ascii: "{"), let next = marks.next() else { return false }
        return next == UInt8(ascii: "\"") || next == UInt8(ascii: "}")
    }
}
