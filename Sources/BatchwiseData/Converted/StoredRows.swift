import Batchwise
import Foundations

/// The rows of a converted table, read from its files when they are needed.
final class StoredRows: TableRows {
    let path: String
    let columns: [TableColumn]
    private let shards: ArrayShards
    private let cells: [StoredCells]
    private let data: ConvertedData

    /// - Parameter kinds: one entry a column; nil takes every column as it was converted.
    init(_ data: ConvertedData, kinds: [Table.Kind]?) throws(DataError) {
        self.data = data
        path = data.path
        shards = try data.shards(field: 0)
        let width = shards.shape[0]
        // numbers that are wanted as texts become levels, which needs a pass over all of them
        var numbers: [Int: Set<Double>] = [:]
        for (place, column) in (data.manifest.columns ?? []).enumerated()
        where column.levels == nil && kinds?[place] == .categorical { numbers[place] = [] }
        if !numbers.isEmpty {
            try shards.forEachRun { [element = shards.element] rows, bytes in
                for place in numbers.keys.sorted() {
                    for row in 0..<rows.count {
                        let number = Self.number(bytes, row * width + place, element)
                        if !number.isNaN { numbers[place]?.insert(number) }
                    }
                }
            }
        }
        var cells: [StoredCells] = []
        for (place, column) in (data.manifest.columns ?? []).enumerated() {
            cells.append(
                try StoredCells(column, kind: kinds?[place] ?? .either, numbers: numbers[place], path: path))
        }
        self.cells = cells
        columns = cells.map(\.column)
    }

    var rowCount: Int { shards.count }
    var byteCount: Int { shards.byteCount }
    var storedBytes: Int { shards.byteCount }
    func willRead(_ runs: [Range<Int>]) { shards.willRead(runs) }

    func contentChecksum() throws(DataError) -> UInt64 {
        var sum = Checksum()
        sum.add(Int(truncatingIfNeeded: try shards.contentChecksum()))
        for column in data.manifest.columns ?? [] {
            for level in column.levels ?? [] { sum.add(level) }
        }
        return sum.value
    }

    func forEachRun(_ body: (_ run: Table, _ first: Int) throws(DataError) -> Void) throws(DataError) {
        try shards.forEachRun { (rows, bytes) throws(DataError) in
            var values: [Table.Column] = []
            for place in columns.indices { values.append(try column(place, bytes, rows.count)) }
            var run = Table(
                columns: values, rowCount: rows.count, lines: [], parts: [.init(path: path, firstRow: 0)],
                hasLines: false)
            run.firstRow = rows.lowerBound
            try body(run, rows.lowerBound)
        }
    }

    func table(of places: [Int]) throws(DataError) -> Table {
        let kinds = columns.indices.map { places.contains($0) ? cells[$0].kind : .skip }
        return try StoredRows(data, kinds: kinds).table()
    }

    /// All rows in memory.
    func table() throws(DataError) -> Table {
        let wanted = cells.count { $0.kind != .skip }
        guard let count = elementCount([rowCount, wanted]), count <= memoryLimit / 8 else {
            throw .tooLarge(file: path, bytes: byteCount, limit: memoryLimit)
        }
        var all: [Table.Values] = []
        try forEachRun { (run, _) throws(DataError) in
            if all.isEmpty { all = run.columns.map { $0.values.withRoom(for: rowCount) } }
            for place in all.indices { all[place].append(run.columns[place].values) }
        }
        return Table(
            columns: columns.indices.map {
                Table.Column(name: columns[$0].name, values: all[$0], isDate: columns[$0].isDate)
            },
            rowCount: rowCount, lines: [], parts: [.init(path: path, firstRow: 0)], hasLines: false)
    }

    func fill(_ target: UnsafeMutablePointer<Double>, rows: [Int]) throws(DataError) {
        let width = columns.count
        let raw = UnsafeMutableRawBufferPointer.allocate(byteCount: rows.count * shards.rowBytes, alignment: 16)
        defer { raw.deallocate() }
        try shards.read(rows, into: raw)
        let bytes = UnsafeRawBufferPointer(raw)
        for (place, cells) in cells.enumerated() where cells.kind != .skip {
            for row in rows.indices {
                target[row * width + place] = try cells.cell(
                    Self.number(bytes, row * width + place, shards.element), path: path)
            }
        }
    }

    private func column(_ place: Int, _ bytes: UnsafeRawBufferPointer, _ count: Int) throws(DataError) -> Table.Column {
        let (cells, width) = (cells[place], columns.count)
        var values = Table.Values.skipped
        if cells.kind == .skip {
        } else if let levels = cells.column.levels {
            var codes = [Int32](repeating: -1, count: count)
            for row in 0..<count {
                codes[row] = Int32(try cells.cell(Self.number(bytes, row * width + place, shards.element), path: path))
            }
            values = .categorical(codes: codes, levels: levels)
        } else {
            values = .numeric((0..<count).map { Self.number(bytes, $0 * width + place, shards.element) })
        }
        return Table.Column(name: cells.column.name, values: values, isDate: cells.column.isDate)
    }

    @inline(__always)
    private static func number(_ bytes: UnsafeRawBufferPointer, _ place: Int, _ element: ArrayElement) -> Double {
        element == .float
            ? Double(bytes.load(fromByteOffset: 4 * place, as: Float.self))
            : bytes.load(fromByteOffset: 8 * place, as: Double.self)
    }
}

extension Table.Values {
    /// Empty values of this type, with room for so many.
    fileprivate func withRoom(for count: Int) -> Self {
        switch self {
        case .numeric:
            var numbers: [Double] = []
            numbers.reserveCapacity(count)
            return .numeric(numbers)
        case .categorical(_, let levels):
            var codes: [Int32] = []
            codes.reserveCapacity(count)
            return .categorical(codes: codes, levels: levels)
        case .skipped: return self
        }
    }

    /// Appends values of the same type.
    fileprivate mutating func append(_ more: Self) {
        switch (self, more) {
        case (.numeric(var numbers), .numeric(let others)):
            self = .skipped
            numbers += others
            self = .numeric(numbers)
        case (.categorical(var codes, let levels), .categorical(let others, _)):
            self = .skipped
            codes += others
            self = .categorical(codes: codes, levels: levels)
        default: break
        }
    }
}
