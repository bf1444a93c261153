import Batchwise
import Foundations

/// Reads the manifest of a folder that may be damaged: memory is allocated for bytes that are there, never for a number
/// that the manifest claims.
extension ConvertedManifest {
    private typealias Fault = StrictJSON.Fault

    /// Parses the bytes. Whether the fields agree with each other is checked afterwards.
    ///
    /// - Throws: `DataError.badHeader` with the place of the first surprise.
    init(path: String, bytes: [UInt8]) throws(DataError) {
        var reader = StrictJSON(bytes, range: 0..<bytes.count)
        do throws(Fault) {
            try self.init(&reader)
            try reader.finish()
        } catch {
            throw .badHeader(file: path, format: "manifest", detail: "\(error.reason), at byte \(error.offset)")
        }
    }

    private init(_ reader: inout StrictJSON) throws(Fault) {
        var (format, version, kind, header) = ("", 0, Kind?.none, Bool?.none)
        var (columns, indices) = ([Column]?.none, [Int]())
        var keepsTestRows = false
        var (fields, shards) = ([Field](), [Shard]())
        let start = reader.offset
        try reader.object { reader, key throws(Fault) in
            switch key {
            case "format": format = try reader.string()
            case "version": version = try reader.naturalNumber()
            case "kind": kind = try reader.word()
            case "header": header = try reader.boolean()
            case "keepsTestRows": keepsTestRows = try reader.boolean()
            case "columns": columns = try reader.list(atMost: CSV.mostColumns, Column.init)
            case "indices": indices = try reader.list(atMost: 2) { reader throws(Fault) in try reader.naturalNumber() }
            case "fields": fields = try reader.list(atMost: ConvertedData.sparseFields.count, Field.init)
            case "shards": shards = try reader.list(Shard.init)
            default: throw Fault(reason: "a manifest has no key \"\(key)\"", offset: start)
            }
        }
        guard format == "batchwise-data" else { throw Fault(reason: "the format is \(format)", offset: start) }
        guard version == Self.currentVersion else {
            throw Fault(reason: "version \(version) is not read here; convert the source once more", offset: start)
        }
        guard let kind else { throw Fault(reason: "it has no kind", offset: start) }
        guard indices.isEmpty || indices.count == 2 && indices[0] <= indices[1] else {
            throw Fault(reason: "the indices are no range", offset: start)
        }
        self.init(
            kind: kind, header: header, columns: columns, keepsTestRows: keepsTestRows, fields: fields, shards: shards,
            indices: indices.isEmpty ? nil : indices[0]...indices[1])
    }
}

extension ConvertedManifest.Field {
    fileprivate init(_ reader: inout StrictJSON) throws(StrictJSON.Fault) {
        let start = reader.offset
        var (name, element, shape) = (String?.none, ArrayElement?.none, [Int]?.none)
        var (levels, origin) = ([String]?.none, ConvertedManifest.Origin?.none)
        try reader.object { reader, key throws(StrictJSON.Fault) in
            switch key {
            case "name": name = try reader.string()
            case "element": element = try reader.word()
            case "shape":
                shape = try reader.list(atMost: 64) { reader throws(StrictJSON.Fault) in try reader.naturalNumber() }
            case "levels": levels = try reader.list { reader throws(StrictJSON.Fault) in try reader.string() }
            case "origin": origin = try reader.word()
            default: throw StrictJSON.Fault(reason: "a field has no key \"\(key)\"", offset: start)
            }
        }
        guard let name, let element, let shape else {
            throw StrictJSON.Fault(reason: "a field needs name, element and shape", offset: start)
        }
        self.init(name: name, element: element, shape: shape, levels: levels, origin: origin)
    }
}

extension ConvertedManifest.Column {
    fileprivate init(_ reader: inout StrictJSON) throws(StrictJSON.Fault) {
        let start = reader.offset
        var (name, levels, isDate) = (String?.none, [String]?.none, Bool?.none)
        try reader.object { reader, key throws(StrictJSON.Fault) in
            switch key {
            case "name": name = try reader.string()
            case "levels": levels = try reader.list { reader throws(StrictJSON.Fault) in try reader.string() }
            case "isDate": isDate = try reader.boolean()
            default: throw StrictJSON.Fault(reason: "a column has no key \"\(key)\"", offset: start)
            }
        }
        guard let name else { throw StrictJSON.Fault(reason: "a column needs a name", offset: start) }
        self.init(name: name, levels: levels, isDate: isDate)
    }
}

extension ConvertedManifest.Shard {
    fileprivate init(_ reader: inout StrictJSON) throws(StrictJSON.Fault) {
        let start = reader.offset
        var (rows, checksums) = (Int?.none, [UInt32]())
        try reader.object { reader, key throws(StrictJSON.Fault) in
            switch key {
            case "rows": rows = try reader.naturalNumber()
            case "checksums":
                checksums = try reader.list(atMost: ConvertedData.sparseFields.count) {
                    reader throws(StrictJSON.Fault) in
                    let start = reader.offset
                    guard let checksum = UInt32(exactly: try reader.naturalNumber()) else {
                        throw StrictJSON.Fault(reason: "a checksum is beyond 32 bits", offset: start)
                    }
                    return checksum
                }
            default: throw StrictJSON.Fault(reason: "a shard has no key \"\(key)\"", offset: start)
            }
        }
        guard let rows else { throw StrictJSON.Fault(reason: "a shard needs rows", offset: start) }
        self.init(rows: rows, checksums: checksums)
    }
}

extension StrictJSON {
    /// A string that is one of the words of an enumeration.
    fileprivate mutating func word<Word: RawRepresentable<String>>() throws(Fault) -> Word {
        let start = offset
        let text = try string()
        guard let word = Word(rawValue: text) else {
            throw Fault(reason: "\"\(text.prefix(40))\" is not known", offset: start)
        }
        return word
    }

    /// Reads the elements of an array, up to a largest number of them.
    fileprivate mutating func list<Element>(
        atMost limit: Int = .max, _ element: (inout StrictJSON) throws(Fault) -> Element
    ) throws(Fault) -> [Element] {
        var elements: [Element] = []
        try array { reader throws(Fault) in
            guard elements.count < limit else {
                throw Fault(reason: "there are more than \(limit) of them", offset: reader.offset)
            }
            elements.append(try element(&reader))
        }
        return elements
    }
}
