import Batchwise

/// The format of Weka's ARFF files.
enum ARFF: DataFormat {
    static func open(_ file: FoundFile, _ reading: Reading) throws(DataError) -> (any DataFile)? {
        guard file.bytes != nil, file.array == nil, reading.window == nil, try isMeant(file) else { return nil }
        var origin = TextOrigin(path: file.path, form: reading.form)
        let header: ARFFHeader
        do throws(DataError) {
            header = try Self.header(of: origin)
        } catch {
            guard let other = try origin.withEncoding(after: error) else { throw error }
            origin = other
            header = try Self.header(of: origin)
        }
        origin.container = ARFFRows(header: header)
        if let encoding = file.bytes?.encoding { origin.note(encoding) }
        return try CSV(origin, format: .arff, header: nil, badLines: reading.badLines)
    }

    private static func header(of origin: TextOrigin) throws(DataError) -> ARFFHeader {
        var lines = LineReader(try origin.text())
        return try ARFFHeader(&lines)
    }

    /// Whether the first line that is no comment begins with `@relation` or `@attribute`.
    private static func isMeant(_ file: FoundFile) throws(DataError) -> Bool {
        let marks = file.head.drop { $0 == 0xEF || $0 == 0xBB || $0 == 0xBF || $0 <= 0x20 }
        guard marks.first == UInt8(ascii: "%") || marks.first == UInt8(ascii: "@") else { return false }
        var lines = LineReader(try TextOrigin(path: file.path).text())
        while let line = try lines.next() {
            let text = line.drop { $0 <= 0x20 }
            guard let first = text.first, first != UInt8(ascii: "%") else { continue }
            let word = String(decoding: text.prefix(10), as: UTF8.self).lowercased()
            return word.hasPrefix("@relation") || word.hasPrefix("@attribute")
        }
        return false
    }
}
