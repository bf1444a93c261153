import Batchwise

/// The rows of an array of examples: one run in memory, or runs in files that are read when they are needed.
enum ArrayRows: Sendable {
    case memory(NumericArray)
    case files(ArrayShards)

    /// The type of a number.
    var element: ArrayElement {
        switch self {
        case .memory(let array): array.storage.element
        case .files(let shards): shards.element
        }
    }

    /// The shape of one row.
    var shape: [Int] {
        switch self {
        case .memory(let array): Array(array.shape.dropFirst())
        case .files(let shards): shards.shape
        }
    }

    var count: Int {
        switch self {
        case .memory(let array): array.count
        case .files(let shards): shards.count
        }
    }

    /// Hands over all rows in order, a run at a time, and compares the checksums of files that have some.
    func forEachRun(
        comparingChecksums: Bool = true,
        _ body: (_ rows: Range<Int>, _ numbers: UnsafeRawBufferPointer) throws(DataError) -> Void
    ) throws(DataError) {
        switch self {
        case .files(let shards): try shards.forEachRun(comparingChecksums: comparingChecksums, body)
        case .memory(let array): try array.withBytes { (bytes) throws(DataError) in try body(0..<array.count, bytes) }
        }
    }

    /// The same, with the wanted rows of each run by their places in it; nil is all.
    ///
    /// - Parameter wanted: row numbers in ascending order; nil wants every row.
    func forEachRun(
        of wanted: RowList?,
        _ body: (_ rows: Range<Int>, _ wanted: RowList?, _ numbers: UnsafeRawBufferPointer) -> Void
    ) throws(DataError) {
        var next = 0
        try forEachRun { run, bytes in
            guard let wanted else { return body(run, nil, bytes) }
            if run.count == count { return body(run, wanted, bytes) }
            let first = next
            while next < wanted.count, wanted[next] < run.upperBound { next += 1 }
            body(run, RowList(wanted[first..<next].map { $0 - run.lowerBound }), bytes)
        }
    }

    /// The first number, in order, that is not finite, and its row.
    func firstNonFinite(width: Int) throws(DataError) -> (row: Int, number: Double)? {
        var found: (row: Int, number: Double)?
        try forEachRun { run, bytes in
            func search<Number>(_: Number.Type, _ value: (Number) -> Double) {
                let numbers = bytes.bindMemory(to: Number.self)
                guard found == nil, let at = numbers.firstIndex(where: { !value($0).isFinite }) else { return }
                found = (run.lowerBound + at / width, value(numbers[at]))
            }
            switch element {
            case .float: search(Float.self) { Double($0) }
            case .double: search(Double.self) { $0 }
            case .byte, .boolean, .int32, .int64: break
            }
        }
        return found
    }
}

/// The type of a number in an array, as NumPy writes it; little-endian.
enum ArrayElement: String, Codable, Sendable {
    case byte = "|u1"
    case boolean = "|b1"
    case float = "<f4"
    case double = "<f8"
    case int32 = "<i4"
    /// In memory only: files of other integers are read into these.
    case int64 = "<i8"

    /// Bytes of a number.
    var size: Int {
        switch self {
        case .byte, .boolean: 1
        case .float, .int32: 4
        case .double, .int64: 8
        }
    }

    /// Whether numbers are one byte each, and become features by one scale and one shift.
    var isByte: Bool { self == .byte || self == .boolean }
}

extension NumericArray {
    /// Lends the numbers of all rows.
    func withBytes(_ body: (UnsafeRawBufferPointer) throws(DataError) -> Void) throws(DataError) {
        func lend<Number>(_ numbers: [Number]) throws(DataError) {
            try numbers.withUnsafeBufferPointer { (buffer) throws(DataError) in try body(UnsafeRawBufferPointer(buffer)) }
        }
        switch storage {
        case .bytes(let numbers), .booleans(let numbers): try lend(numbers)
        case .integers(let numbers): try lend(numbers)
        case .floats(let numbers): try lend(numbers)
        case .doubles(let numbers): try lend(numbers)
        }
    }
}

extension NumericArray.Storage {
    var element: ArrayElement {
        switch self {
        case .bytes: .byte
        case .booleans: .boolean
        case .integers: .int64
        case .floats: .float
        case .doubles: .double
        }
    }
}
