#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// One column on its way from cells to values.
struct CSVColumn {
    /// What cells are taken for.
    enum Reading { case numbers, dates, texts }

    let name: String
    let kind: Table.Kind
    /// Rows whose texts are still to be read.
    private(set) var unread = 0
    private(set) var reading: Reading
    private var numbers: [Double] = []
    private var codes: [Int32] = []
    private var interner = LevelInterner()
    /// Texts with doubled quotes as they are written, and the number of what each of them means.
    private var doubled = LevelInterner()
    private var codesOfDoubled: [Int32] = []
    /// A row in which each text appears, for an error about it.
    private var rows: [Int] = []

    init(name: String, kind: Table.Kind) {
        self.name = name
        self.kind = kind
        reading = kind == .date ? .dates : kind == .either || kind == .numeric ? .numbers : .texts
    }

    /// The number in a cell, NaN where none is given; nil where it is text, and may be.
    ///
    /// - Parameter before: the numbers of the column that have not been appended yet.
    mutating func number(
        _ scanner: borrowing CSVScanner, _ field: CSVScanner.Field, after before: UnsafeBufferPointer<Double>,
        comma: CSVNumber.Comma
    ) throws(DataError) -> Double? {
        if reading == .numbers, let number = CSVNumber.parse(scanner.bytes, field.range, comma: comma) {
            guard number.isFinite else {
                throw .notFinite(
                    file: scanner.path, line: field.line, column: name, found: try scanner.string(of: field))
            }
            return number
        }
        if CSVNumber.isMissing(scanner.bytes, field.range) { return .nan }
        if reading == .dates || kind == .either, let date = CSVDate.parse(scanner.bytes, field.range) {
            // all values or none are dates
            if reading == .numbers, numbers.allSatisfy(\.isNaN), before.allSatisfy(\.isNaN) { reading = .dates }
            if reading == .dates { return date }
        }
        switch kind {
        case .numeric:
            throw .notANumber(file: scanner.path, line: field.line, column: name, found: try scanner.string(of: field))
        case .date:
            throw .notADate(file: scanner.path, line: field.line, column: name, found: try scanner.string(of: field))
        case .either, .categorical, .skip: return nil
        }
    }

    /// Makes room for this many rows, and for what follows a bad guess.
    mutating func reserve(_ rows: Int) {
        if reading != .texts {
            numbers.reserveCapacity(rows)
            numbers.preferHugePages()
        } else if kind != .skip {
            codes.reserveCapacity(rows)
        }
    }

    mutating func append(_ run: UnsafeBufferPointer<Double>) { numbers.append(contentsOf: run) }

    mutating func becomeText(row: Int) {
        reading = .texts
        numbers = []
        unread = row
        codes = [Int32](repeating: -1, count: row)
    }

    mutating func appendText(_ scanner: borrowing CSVScanner, _ field: CSVScanner.Field) {
        if kind != .skip { codes.append(code(scanner, field, row: codes.count)) }
    }

    mutating func setText(_ scanner: borrowing CSVScanner, _ field: CSVScanner.Field, row: Int) {
        codes[row] = code(scanner, field, row: row)
    }

    /// The number of a cell's text, or -1 where none is given.
    private mutating func code(_ scanner: borrowing CSVScanner, _ field: CSVScanner.Field, row: Int) -> Int32 {
        if CSVNumber.isMissing(scanner.bytes, field.range) { return -1 }
        let start = scanner.start(of: field)
        let code: Int32
        if field.hasDoubledQuotes {
            let written = Int(doubled.code(of: start, count: field.range.count))
            if written == codesOfDoubled.count {
                let text = scanner.text(of: field)
                codesOfDoubled.append(interner.code(of: text + [UInt8](repeating: 0, count: 8), count: text.count))
            }
            code = codesOfDoubled[written]
        } else {
            code = interner.code(of: start, count: field.range.count)
        }
        if interner.count > rows.count { rows.append(row) }
        return code
    }

    func finished(path: String, lines: [UInt32]) throws(DataError) -> Table.Column {
        if kind == .skip { return Table.Column(name: name, values: .skipped) }
        if reading != .texts {
            return Table.Column(name: name, values: .numeric(numbers), isDate: reading == .dates)
        }
        let texts = try interner.sorted(codes) { .notText(file: path, line: Int(lines[rows[$0]]), detail: "not UTF-8") }
        return Table.Column(name: name, values: texts)
    }
}

extension Array {
    /// Asks for large pages behind the room that has been reserved: fewer to set up. Only a wish.
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
