// What a description says of one column, from its numbers, bytes or texts.

extension DataDescription.Mixture {
    init?(_ column: Table.Column, in table: Table, comma: CSVNumber.Comma) {
        guard case .categorical(let codes, let levels) = column.values else { return nil }
        let areNumbers = levels.map { level in
            let bytes = Array(level.utf8)
            return CSVNumber.parse(bytes, bytes.indices, comma: comma) != nil
        }
        numbers = codes.count { $0 >= 0 && areNumbers[Int($0)] }
        guard numbers > 0, let row = codes.firstIndex(where: { $0 >= 0 && !areNumbers[Int($0)] }) else { return nil }
        firstText = levels[Int(codes[row])]
        line = table.line(row)
    }
}

extension DataDescription.Column {
    init(_ column: Table.Column) {
        switch column.values {
        case .numeric(let numbers):
            let described = Self(column.name, numbers)
            if column.isDate, case .numbers(let smallest, let largest, _, _, let distinct) = described.content {
                self.init(
                    name: column.name, missing: described.missing,
                    content: .dates(earliest: smallest, latest: largest, distinct: distinct))
            } else {
                self = described
            }
        case .categorical(let codes, let levels): self.init(column.name, codes: codes, levels: levels)
        case .skipped: self.init(name: column.name, missing: 0, content: .nothing)
        }
    }

    /// Numbers of which NaN are missing.
    init(_ name: String, _ numbers: some Collection<Double>) {
        self.init(name, forEach: { (body) throws(Never) in for number in numbers { body(number) } })
    }

    /// Numbers that are handed over twice.
    private init<Failure>(_ name: String, forEach: ((Double) -> Void) throws(Failure) -> Void) throws(Failure) {
        var (all, count, smallest, largest, sum) = (0, 0, Double.infinity, -Double.infinity, 0.0)
        var distinct: Set<Double> = []
        try forEach { number in
            all += 1
            guard !number.isNaN else { return }
            count += 1
            sum += number
            (smallest, largest) = (min(smallest, number), max(largest, number))
            if distinct.count <= 1000 { distinct.insert(number) }
        }
        self.name = name
        missing = all - count
        guard count > 0 else {
            content = .nothing
            return
        }
        let mean = sum / Double(count)
        var squares = 0.0
        try forEach { if !$0.isNaN { squares += ($0 - mean) * ($0 - mean) } }
        content = .numbers(
            smallest: smallest, largest: largest, mean: smallest == largest ? smallest : mean,
            deviation: smallest == largest ? 0 : (squares / Double(count)).squareRoot(),
            distinct: distinct.count > 1000 ? nil : distinct.count)
    }

    /// The features of an array in files, and how many are not zero.
    static func described(_ shards: ArrayShards) throws(DataError) -> (Self, nonZero: Int) {
        var nonZero = 0
        func forEach(_ body: (Double) -> Void) throws(DataError) {
            nonZero = 0
            try shards.forEachRun { _, bytes in
                func each<Number>(_: Number.Type, _ value: (Number) -> Double) {
                    for number in bytes.bindMemory(to: Number.self) {
                        let number = value(number)
                        if number != 0 { nonZero += 1 }
                        body(number)
                    }
                }
                switch shards.element {
                case .float: each(Float.self) { Double($0) }
                case .int32: each(Int32.self) { Double($0) }
                default: each(Double.self) { $0 }
                }
            }
        }
        switch shards.element {
        case .float, .double, .int32: return (try Self("features", forEach: forEach), nonZero)
        case .byte, .boolean:
            var counts = [Int](repeating: 0, count: 256)
            try shards.forEachRun { _, bytes in
                let found = Moments.counts(bytes.bindMemory(to: UInt8.self), width: bytes.count, rows: nil)
                for byte in counts.indices { counts[byte] += found[byte] }
            }
            return (Self("features", counts: counts), shards.byteCount - counts[0])
        }
    }

    /// Bytes.
    init(_ name: String, bytes: [UInt8]) {
        self.init(name, counts: Moments.counts(bytes, width: bytes.count, rows: nil))
    }

    /// Bytes, by how often each occurs.
    private init(_ name: String, counts: [Int]) {
        let present = counts.indices.filter { counts[$0] > 0 }
        let moments = Moments(counts: counts)
        self.name = name
        missing = 0
        guard let smallest = present.first, let largest = present.last else {
            content = .nothing
            return
        }
        content = .numbers(
            smallest: Double(smallest), largest: Double(largest), mean: moments.mean,
            deviation: smallest == largest ? 0 : moments.deviation, distinct: present.count)
    }

    init(_ name: String, codes: [Int32], levels: [String]) {
        var counts = [Int](repeating: 0, count: levels.count)
        for code in codes where code >= 0 { counts[Int(code)] += 1 }
        let order = levels.indices.sorted { (counts[$1], levels[$0]) < (counts[$0], levels[$1]) }
        self.name = name
        missing = codes.count { $0 < 0 }
        content = .texts(order.map { DataDescription.Share(name: levels[$0], count: counts[$0]) })
    }

    /// Labels: classes with their counts, or amounts.
    init(_ target: RawTarget) {
        switch target.values {
        case .texts(let codes, let levels): self.init("labels", codes: codes, levels: levels)
        case .numbers(let numbers):
            guard target.task == .classification,
                let fitted = try? target.fitted(as: .classification, rows: []),
                case .classes(let classes, let names) = try? target.targets(for: fitted)
            else {
                self.init("labels", numbers)
                return
            }
            self.init("labels", codes: classes, levels: names)
        }
    }
}

extension NumericArray {
    func described(_ name: String) -> DataDescription.Column {
        switch storage {
        case .bytes(let values), .booleans(let values): .init(name, bytes: values)
        case .integers(let values): .init(name, values.lazy.map(Double.init))
        case .floats(let values): .init(name, values.lazy.map(Double.init))
        case .doubles(let values): .init(name, values)
        }
    }

    var nonZeroCount: Int {
        switch storage {
        case .bytes(let values), .booleans(let values): values.count { $0 != 0 }
        case .integers(let values): values.count { $0 != 0 }
        case .floats(let values): values.count { $0 != 0 }
        case .doubles(let values): values.count { $0 != 0 }
        }
    }
}
