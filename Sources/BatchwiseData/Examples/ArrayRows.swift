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

    /// Hands over all rows in order, a run at a time, with the places of the wanted rows in each run; nil stands for
    /// all.
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

    /// The first number, in order, that is wanted, and its row.
    ///
    /// - Parameters:
    ///   - width: numbers of a row.
    ///   - isWanted: is asked with the place of a number among all, and the number.
    func firstNumber(
        width: Int, where isWanted: (_ place: Int, _ number: Double) -> Bool
    ) throws(DataError) -> (row: Int, number: Double)? {
        var found: (row: Int, number: Double)?
        try forEachRun(comparingChecksums: false) { run, bytes in
            func search<Number>(_: Number.Type, _ value: (Number) -> Double) {
                let numbers = bytes.bindMemory(to: Number.self)
                let first = run.lowerBound * width
                guard found == nil, let at = numbers.indices.first(where: { isWanted(first + $0, value(numbers[$0])) })
                else { return }
                found = (run.lowerBound + at / width, value(numbers[at]))
            }
            switch element {
            case .byte, .boolean: search(UInt8.self) { Double($0) }
            case .int32: search(Int32.self) { Double($0) }
            case .int64: search(Int64.self) { Double($0) }
            case .float: search(Float.self) { Double($0) }
            case .double: search(Double.self) { $0 }
            }
        }
        return found
    }
}

extension NumericArray {
    /// Lends the numbers of all rows.
    func withBytes(_ body: (UnsafeRawBufferPointer) throws(DataError) -> Void) throws(DataError) {
        func lend<Number>(_ numbers: [Number]) throws(DataError) {
            try numbers.withUnsafeBufferPointer { (buffer) throws(DataError) in
                try body(UnsafeRawBufferPointer(buffer))
            }
        }
        switch storage {
        case .bytes(let numbers), .booleans(let numbers): try lend(numbers)
        case .integers(let numbers): try lend(numbers)
        case .floats(let numbers): try lend(numbers)
        case .doubles(let numbers): try lend(numbers)
        }
    }
}
