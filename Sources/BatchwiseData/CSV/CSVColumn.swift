import Batchwise

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The values of one column, while its cells are being read.
struct CSVColumn {
    /// The type that cells are read as.
    enum Reading { case numbers, dates, texts }

    let name: String
    let kind: Table.Kind
    /// The number of rows whose texts are still to be read.
    private(set) var unread = 0
    private(set) var reading: Reading
    private(set) var levels: CSVLevels
    private(set) var hasNumbers = false
    /// The evidence of the points in the column's numbers.
    private(set) var points = PlainPoints.none
    private var numbers: [Double] = []
    private var codes: [Int32] = []

    /// - Parameter levels: the texts that the column is known to have.
    init(name: String, kind: Table.Kind, levels: CSVLevels) {
        self.name = name
        self.kind = kind
        self.levels = levels
        reading = kind == .date ? .dates : kind == .either || kind == .numeric ? .numbers : .texts
    }

    /// The number in a cell, NaN where none is given; nil where it is text, and may be.
    ///
    /// - Parameter before: the numbers of the column that have not been appended yet.
    mutating func number(
        _ scanner: borrowing CSVScanner, _ field: CSVScanner.Field, after before: UnsafeBufferPointer<Double>
    ) throws(DataError) -> Double? {
        if reading == .numbers, let number = CSVNumber.parse(scanner.bytes, field.range) {
            if kind == .either, abs(number) >= 0x1p53, CSVNumber.isBeyondDouble(scanner.bytes, field.range) {
                return nil
            }
            guard number.isFinite else {
                throw .notFinite(
                    file: scanner.path, line: field.line, column: name, found: try scanner.string(of: field))
            }
            return number
        }
        let cell = UnsafeBufferPointer(rebasing: scanner.bytes[field.range])
        if MissingWords.contains(cell) || MissingWords.isMark(cell) { return .nan }
        if reading == .dates || kind == .either, let date = CSVDate.parse(scanner.bytes, field.range) {
            // all values or none are dates
            if reading == .numbers, !hasNumbers, before.allSatisfy(\.isNaN) { reading = .dates }
            if reading == .dates { return date }
        }
        return nil
    }

    /// The cell of a field that is not there.
    var missing: Double { reading == .texts ? -1 : .nan }

    /// Makes room for an estimated number of rows.
    mutating func reserve(_ rows: Int) {
        if reading != .texts {
            numbers.reserveCapacity(rows)
            numbers.preferHugePages()
        } else if kind != .skip {
            codes.reserveCapacity(rows)
            codes.preferHugePages()
        }
    }

    /// Notes whether there is a number in a run of cells, and whether a point may group its digits.
    mutating func look(at run: UnsafeBufferPointer<Double>) {
        if !hasNumbers { hasNumbers = run.contains { !$0.isNaN } }
        if points != .decimal { points = Self.points(of: run, after: points) }
    }

    /// The evidence of numbers: a fraction that is not of thousandths, or of a number below 1 or above 1000, has no point
    /// that groups digits.
    private static func points(of run: UnsafeBufferPointer<Double>, after points: PlainPoints) -> PlainPoints {
        // adding this rounds to a whole number, where the number is smaller
        let rounding = 0x1.8p52
        var fractions = 0
        for number in run {
            let isFraction = (number + rounding) - rounding != number && abs(number) < 0x1p51
            fractions |= isFraction ? 1 : 0
        }
        guard fractions > 0 else { return points }
        for number in run where number != number.rounded() && !number.isNaN {
            let isThousandths = (number * 1000).rounded() / 1000 == number
            if !isThousandths || abs(number) < 1 || abs(number) >= 1000 { return .decimal }
        }
        return .doubtful
    }

    /// Appends a run of cells: numbers, or the numbers of texts.
    mutating func append(_ run: UnsafeBufferPointer<Double>) {
        if reading != .texts {
            numbers.append(contentsOf: run)
        } else if kind != .skip {
            let first = codes.count
            codes.append(contentsOf: repeatElement(0, count: run.count))
            codes.withUnsafeMutableBufferPointer { codes in
                for row in 0..<run.count { codes[first &+ row] = Int32(run[row]) }
            }
        }
    }

    /// - Parameter rows: the number of rows that have been kept.
    mutating func becomeText(rows: Int, unread: Int) {
        reading = .texts
        numbers = []
        self.unread = unread
        codes = [Int32](repeating: -1, count: rows)
    }

    /// The number of a cell's text, or -1 where none is given.
    @inline(__always)
    mutating func code(_ start: UnsafePointer<UInt8>, _ field: CSVScanner.Field) -> Int32 {
        kind == .skip ? -1 : levels.code(start, field)
    }

    mutating func setCode(_ code: Int32, row: Int) { codes[row] = code }

    /// The finished column; call it once.
    mutating func finished(path: String) throws(DataError) -> Table.Column {
        if kind == .skip { return Table.Column(name: name, values: .skipped) }
        if reading != .texts {
            return Table.Column(name: name, values: .numeric(numbers), isDate: reading == .dates)
        }
        let texts = try levels.sort(&codes, path: path)
        return Table.Column(name: name, values: .categorical(codes: codes, levels: texts))
    }
}

extension Array {
    /// Asks the system for large pages in the reserved room, because fewer pages are faster to set up. The system may
    /// refuse.
    fileprivate mutating func preferHugePages() {
        #if os(Linux)
            let hugePage = 1 << 21
            let bytes = capacity * MemoryLayout<Element>.stride
            withUnsafeMutableBufferPointer { buffer in
                guard let base = buffer.baseAddress else { return }
                let start = Int(bitPattern: base)
                let first = (start + hugePage - 1) / hugePage * hugePage
                let last = (start + bytes) / hugePage * hugePage
                if first < last { madvise(UnsafeMutableRawPointer(bitPattern: first), last - first, MADV_HUGEPAGE) }
            }
        #endif
    }
}
