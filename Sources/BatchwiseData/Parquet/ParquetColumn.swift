import Batchwise

/// The values of one column, while its pages are being read: numbers, or texts.
struct ParquetColumn {
    private let field: ParquetSchema.Field
    private let kind: Table.Kind
    private let isText: Bool
    private var numbers: [Double] = []
    /// The text in each row, -1 where there is none.
    private var codes: [Int32] = []
    private var texts = ParquetTexts()
    /// The values of the dictionary of the chunk that is read, as numbers or texts.
    private var dictionaryNumbers: [Double] = []
    private var dictionaryCodes: [Int32] = []

    init(_ field: ParquetSchema.Field, kind: Table.Kind, rows: Int) {
        self.field = field
        self.kind = kind
        isText =
            switch field.meaning {
            case .text, .uuid: true
            case .boolean: kind == .either || kind == .categorical
            default: kind == .categorical
            }
        if isText { codes.reserveCapacity(rows) } else { numbers.reserveCapacity(rows) }
    }

    private var rowCount: Int { isText ? codes.count : numbers.count }

    /// Reads all rows of a chunk.
    mutating func append(_ chunk: ParquetChunk, room: inout Int) throws(ParquetFault) {
        var chunk = chunk
        (dictionaryNumbers, dictionaryCodes) = ([], [])
        while let page = try chunk.next(room: &room) {
            switch page {
            case .dictionary(let bytes, let count):
                let values = try field.values(bytes, .plain, count: count, room: &room)
                if isText {
                    dictionaryCodes = codes(values)
                } else {
                    dictionaryNumbers = try numbers(values, present: nil)
                }
            case .data(let bytes, let encoding, let present, let count):
                try append(bytes, encoding, present, count, &room)
            }
        }
    }

    private mutating func append(
        _ page: ParquetBytes, _ encoding: ParquetEncoding, _ present: [UInt32]?, _ count: Int, _ room: inout Int
    ) throws(ParquetFault) {
        let given = present.map { $0.reduce(into: 0) { $0 += Int($1) } } ?? count
        if field.meaning == .empty || given == 0 {
            guard given == 0 else { throw .damaged("a value in a column of none") }
            if isText {
                codes.append(contentsOf: repeatElement(-1, count: count))
            } else {
                numbers.append(contentsOf: repeatElement(.nan, count: count))
            }
            return
        }
        if encoding == .dictionary || encoding == .plainDictionary {
            var bytes = page
            let width = Int(try bytes.byte())
            let places = try RunLengths.decode(&bytes, width: width, count: given)
            if isText {
                Self.spread(try Self.entries(dictionaryCodes, places), present, missing: -1, &codes)
            } else {
                Self.spread(try Self.entries(dictionaryNumbers, places), present, missing: .nan, &numbers)
            }
            return
        }
        let values = try field.values(page, encoding, count: given, room: &room)
        if isText {
            Self.spread(codes(values), present, missing: -1, &codes)
        } else {
            Self.spread(try numbers(values, present: present), present, missing: .nan, &numbers)
        }
    }

    /// The entries of a dictionary at these places.
    private static func entries<Cell>(_ dictionary: [Cell], _ places: [UInt32]) throws(ParquetFault) -> [Cell] {
        var largest: UInt32 = 0
        for place in places { largest = max(largest, place) }
        guard Int(largest) < dictionary.count else {
            throw .damaged("place \(largest) in a dictionary of \(dictionary.count) values")
        }
        return places.map { dictionary[Int($0)] }
    }

    /// Appends values, with a missing one wherever a row has none.
    private static func spread<Cell>(_ values: [Cell], _ present: [UInt32]?, missing: Cell, _ cells: inout [Cell]) {
        guard let present else {
            cells.append(contentsOf: values)
            return
        }
        var next = 0
        for isThere in present {
            if isThere != 0 {
                cells.append(values[next])
                next += 1
            } else {
                cells.append(missing)
            }
        }
    }

    /// The numbers of values.
    private func numbers(_ values: ParquetValues, present: [UInt32]?) throws(ParquetFault) -> [Double] {
        switch values {
        case .numbers(let numbers): return numbers
        case .integers(let integers):
            var numbers: [Double] = []
            numbers.reserveCapacity(integers.count)
            for (index, integer) in integers.enumerated() {
                guard let number = field.meaning.number(integer) else {
                    guard kind != .either else { throw beyond(index, present) }
                    numbers.append(field.meaning.nearest(integer))
                    continue
                }
                numbers.append(number)
            }
            return numbers
        case .slices(let slices):
            guard case .decimal(let scale) = field.meaning else { throw .damaged("bytes where numbers are expected") }
            var numbers: [Double] = []
            numbers.reserveCapacity(slices.places.count)
            for (index, place) in slices.places.enumerated() {
                let bytes = slices.storage[place]
                if let value = ParquetDecimal.value(bytes), let number = field.meaning.number(value) {
                    numbers.append(number)
                    continue
                }
                guard let text = ParquetDecimal.text(bytes, scale: scale), let number = Double(text) else {
                    throw .damaged("a decimal of \(bytes.count) bytes")
                }
                guard kind != .either || scale > 0 || abs(number) <= 0x1p53 else { throw beyond(index, present) }
                numbers.append(number)
            }
            return numbers
        }
    }

    /// - Parameter index: the place of the value among those of its page or dictionary.
    private func beyond(_ index: Int, _ present: [UInt32]?) -> ParquetFault {
        guard let present else { return .beyondDouble(row: rowCount + index) }
        var left = index
        for (row, isThere) in present.enumerated() where isThere != 0 {
            if left == 0 { return .beyondDouble(row: rowCount + row) }
            left -= 1
        }
        return .beyondDouble(row: rowCount)
    }

    private mutating func codes(_ values: ParquetValues) -> [Int32] {
        switch values {
        case .numbers(let numbers): numbers.map { texts.code(of: $0, field.meaning) }
        case .integers(let integers): integers.map { texts.code(of: $0, field.meaning) }
        case .slices(let slices): texts.codes(of: slices, field.meaning)
        }
    }

    /// The finished column; call it once.
    mutating func finished() throws(ParquetFault) -> Table.Column {
        guard isText else {
            if let row = numbers.firstIndex(where: \.isInfinite) {
                throw .cell(row: row, "\(numbers[row]) is not a finite number")
            }
            guard kind != .date || field.meaning.isDate || field.meaning == .empty else {
                throw .cell(row: 0, "a date is expected, as in training, and the column holds numbers")
            }
            return Table.Column(name: field.name, values: .numeric(numbers), isDate: field.meaning.isDate)
        }
        let levels = try texts.sort(&codes)
        if kind == .numeric || kind == .date {
            return Table.Column(
                name: field.name, values: .numeric(try ParquetTexts.numbers(codes, levels, kind)), isDate: kind == .date
            )
        }
        // no value in any row tells no type, as in other tables
        if kind == .either, levels.isEmpty {
            return Table.Column(name: field.name, values: .numeric(codes.map { _ in .nan }))
        }
        return Table.Column(name: field.name, values: .categorical(codes: codes, levels: levels))
    }
}
