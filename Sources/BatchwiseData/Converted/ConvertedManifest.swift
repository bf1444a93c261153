import Batchwise
import Foundation
import Foundations

/// The `manifest.json` of a folder of converted data: its fields, and the number of their files.
///
/// Field `name` of shard 3 is the file `name-00003.npy`, an array of the shard's rows. No name from the manifest
/// becomes a path: the fields have fixed names, which are `features` and `target`, `rows` for a table, and `target`,
/// `ends`, `indices` and `values` for sparse rows.
struct ConvertedManifest: Encodable, Equatable {
    enum Kind: String, Encodable { case array, table, sparse }

    /// A field, which has one array for each example: the features, the target, or all columns of a table.
    struct Field: Encodable, Equatable {
        var name: String
        var element: ArrayElement
        /// The shape of one example's array; empty for a single number.
        var shape: [Int]
        /// Texts that the numbers are indices of, -1 where none was given.
        var levels: [String]?
        /// Whether a target's numbers were integers, booleans or floats.
        var origin: Origin?
    }

    /// A column of a table.
    struct Column: Encodable, Equatable {
        var name: String
        /// Texts that the numbers are indices of, -1 where none was given; in any order.
        var levels: [String]?
        /// Whether the numbers were dates, and are seconds since 1970.
        var isDate: Bool?
    }

    enum Origin: String, Encodable { case integers, booleans, floats }

    struct Shard: Encodable, Equatable {
        var rows: Int
        /// The CRC-32 of the rows' bytes, for each field.
        var checksums: [UInt32]
    }

    static let fileName = "manifest.json"
    static let currentVersion = 2
    private static let longest = 64 << 20
    /// The most bytes that the texts of a table may have, so that the manifest can be read again.
    static let mostLevelBytes = longest / 4

    var format = "batchwise-data"
    var version = Self.currentVersion
    var kind: Kind
    /// Whether a table's columns had names.
    var header: Bool?
    /// The columns of a table; nil for other kinds.
    var columns: [Column]?
    /// Whether some rows are held out for testing by default.
    var keepsTestRows: Bool
    /// The smallest and the largest index of sparse rows.
    var indices: ClosedRange<Int>?
    var fields: [Field]
    var shards: [Shard]

    var count: Int { shards.reduce(0) { $0 + $1.rows } }

    /// The name of a field's file.
    func fileName(field: Int, shard: Int) -> String {
        let name =
            switch kind {
            case .array: field == 0 ? "features" : "target"
            case .table: "rows"
            case .sparse: ConvertedData.sparseFields[field].name
            }
        let digits = String(shard)
        return "\(name)-\(String(repeating: "0", count: max(0, 5 - digits.count)))\(digits).npy"
    }

    init(
        kind: Kind, header: Bool? = nil, columns: [Column]? = nil, keepsTestRows: Bool, fields: [Field],
        shards: [Shard] = [], indices: ClosedRange<Int>? = nil
    ) {
        self.indices = indices
        self.kind = kind
        self.columns = columns
        self.header = header
        self.keepsTestRows = keepsTestRows
        self.fields = fields
        self.shards = shards
    }

    /// Whether there is a manifest in the folder.
    static func exists(in folder: String) -> Bool { InputFile.exists(folder + "/" + fileName) }

    init(folder: String) throws(DataError) {
        let path = folder + "/" + Self.fileName
        try self.init(path: path, bytes: ByteSource(path: path).rest(limit: Self.longest))
        func require(_ holds: Bool, _ detail: String) throws(DataError) {
            if !holds { throw .badHeader(file: path, format: "manifest", detail: detail) }
        }
        try require(!fields.isEmpty && !shards.isEmpty, "there is no field or no shard")
        try require(kind == .table || columns == nil, "what is no table has columns")
        try require(
            kind != .array || fields.count <= 2, "an array has features and a target, not \(fields.count) fields")
        try require(
            kind != .sparse || fields == ConvertedData.sparseFields && shards.count == 1 && indices != nil,
            "the fields of sparse rows are others")
        if kind == .table {
            let names = (columns ?? []).map(\.name)
            try require(
                fields.count == 1 && fields[0].shape == [names.count] && !names.isEmpty
                    && Set(names).count == names.count
                    && (fields[0].element == .double || fields[0].element == .float),
                "the columns of the table are others than those of its rows")
            for column in columns ?? [] {
                try require(
                    column.levels.map { Set($0).count == $0.count && $0.count < 1 << 31 } ?? true,
                    "two levels of a column are the same")
            }
        }
        for field in fields {
            let numbers = elementCount(field.shape)
            try require(numbers.map { $0 > 0 && $0 < 1 << 40 } ?? false, "the shape \(field.shape)")
            try require(field.levels.map { Set($0).count == $0.count } ?? true, "two levels of a field are the same")
        }
        var count = 0
        for shard in shards {
            let (sum, overflow) = count.addingReportingOverflow(shard.rows)
            try require(shard.rows > 0 && !overflow && sum < 1 << 48, "a shard of \(shard.rows) rows")
            try require(shard.checksums.count == fields.count, "a shard of \(shard.checksums.count) checksums")
            count = sum
        }
    }

    /// The bytes of the file.
    func encoded() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let bytes = Array(try encoder.encode(self)) + [UInt8(ascii: "\n")]
        guard bytes.count <= Self.longest else {
            let longest = columns?.max { $0.levels?.count ?? 0 < $1.levels?.count ?? 0 }
            throw DataError.tooManyTexts(file: Self.fileName, column: longest?.name ?? fields[0].name)
        }
        return bytes
    }
}
