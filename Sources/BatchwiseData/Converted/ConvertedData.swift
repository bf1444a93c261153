import Batchwise
import Foundations

/// A folder that `batchwise data convert` has written: arrays in NPY files, with checksums, ready to be read in any
/// order.
struct ConvertedData: DataFormat, TableFile {
    let path: String
    let manifest: ConvertedManifest

    /// Opens the folder; files are opened when they are read.
    init(path: String) throws(DataError) {
        self.path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        manifest = try ConvertedManifest(folder: self.path)
    }

    static func recognises(_ path: String) -> Bool { ConvertedManifest.exists(in: path) }

    /// Opens the table, sparse rows or array in the folder.
    static func open(_ file: FoundFile, _ reading: Reading) throws(DataError) -> (any DataFile)? {
        guard file.isFolder, recognises(file.path) else { return nil }
        let data = try ConvertedData(path: file.path)
        return switch data.manifest.kind {
        case .table: data
        case .sparse: try data.sparse()
        case .array: try data.examples(reading)
        }
    }

    mutating func append(_ path: String, _ reading: Reading) throws(DataError) {
        throw .partDiffers(file: path, from: self.path, detail: "no table of text")
    }

    /// A field's files, each with as many rows as the manifest says.
    func shards(field: Int) throws(DataError) -> ArrayShards {
        let description = manifest.fields[field]
        var shards: [ArrayShards.Shard] = []
        var first = 0
        for (index, shard) in manifest.shards.enumerated() {
            let file = path + "/" + manifest.fileName(field: field, shard: index)
            let found = try NPY.shards(ByteSource(path: file))
            let rows = first..<first + (found?.count ?? 0)
            guard let found, found.element == description.element, found.shape == description.shape,
                found.count == shard.rows || manifest.kind == .sparse && field > 1, let only = found.shards.first
            else {
                throw .badHeader(file: file, format: "NPY", detail: "it is not what \(ConvertedManifest.fileName) says")
            }
            shards.append(.init(file: only.file, offset: only.offset, rows: rows, checksum: shard.checksums[field]))
            first = rows.upperBound
        }
        return ArrayShards(description.element, shape: description.shape, shards: shards)
    }

    /// All elements of a field in memory, as they are.
    func elements<Element: BitwiseCopyable>(field: Int, _: Element.Type) throws(DataError) -> [Element] {
        let shards = try shards(field: field)
        guard shards.byteCount <= memoryLimit else {
            throw .tooLarge(file: path, bytes: shards.byteCount, limit: memoryLimit)
        }
        var elements: [Element] = []
        elements.reserveCapacity(shards.count)
        try shards.forEachRun { elements.append(contentsOf: $1.bindMemory(to: Element.self)) }
        return elements
    }

    /// All numbers of a field in memory.
    func numbers(field: Int) throws(DataError) -> [Double] {
        let shards = try shards(field: field)
        guard shards.byteCount <= memoryLimit else {
            throw .tooLarge(file: path, bytes: shards.byteCount, limit: memoryLimit)
        }
        var numbers: [Double] = []
        numbers.reserveCapacity(shards.byteCount / shards.element.size)
        try shards.forEachRun { _, bytes in
            switch shards.element {
            case .int32: numbers.append(contentsOf: bytes.bindMemory(to: Int32.self).lazy.map { Double($0) })
            case .byte, .boolean: numbers.append(contentsOf: bytes.lazy.map { Double($0) })
            case .int64: numbers.append(contentsOf: bytes.bindMemory(to: Int64.self).lazy.map { Double($0) })
            case .float: numbers.append(contentsOf: bytes.bindMemory(to: Float.self).lazy.map { Double($0) })
            case .double: numbers.append(contentsOf: bytes.bindMemory(to: Double.self))
            }
        }
        return numbers
    }

    // MARK: Arrays

    /// The examples of converted arrays or images.
    private func examples(_ reading: Reading) throws(DataError) -> ArrayFile {
        try ArrayFile(
            try shards(field: 0), path: path, channels: reading.channels, memory: reading.memory,
            keepsTestRows: manifest.keepsTestRows, target: manifest.fields.count > 1 ? try target() : nil)
    }

    private func target() throws(DataError) -> RawTarget {
        let field = manifest.fields[1]
        let numbers = try numbers(field: 1)
        guard let levels = field.levels else {
            let origin: RawTarget.Origin =
                switch field.origin {
                case .integers: .integers
                case .booleans: .booleans
                case .floats, nil: .floats
                }
            return RawTarget(
                file: path, values: .numbers(numbers), width: field.shape.reduce(1, *), origin: origin)
        }
        return RawTarget(
            file: path, values: .texts(codes: try codes(numbers, levels), levels: levels), width: 1, origin: .texts)
    }

    private func codes(_ numbers: [Double], _ levels: [String]) throws(DataError) -> [Int32] {
        var codes: [Int32] = []
        codes.reserveCapacity(numbers.count)
        for number in numbers {
            guard let code = Int32(exactly: number), code >= -1, Int(code) < levels.count else {
                throw .badHeader(file: path, format: "converted", detail: "\(number) is none of \(levels.count) levels")
            }
            codes.append(code)
        }
        return codes
    }

    // MARK: Tables

    var isDecided: Bool { true }
    var names: [String] { manifest.columns?.map(\.name) ?? [] }
    var hasHeader: Bool { manifest.header ?? false }

    /// The columns of a converted table, with the types that they were converted with where nothing else is wanted.
    func table(kinds: [Table.Kind]?) throws(DataError) -> Table { try StoredRows(self, kinds: kinds).table() }

    func rows(kinds: [Table.Kind]?, memory: Int) throws(DataError) -> any TableRows {
        let rows = try StoredRows(self, kinds: kinds)
        return rows.byteCount > memory ? rows : MemoryRows(try rows.table())
    }
}

/// A number as people write it: whole numbers without a point.
func numberText(_ number: Double) -> String { Int(exactly: number).map(String.init) ?? "\(number)" }
