import Batchwise

// Describes one column, from its numbers, bytes or texts.

extension DataDescription.Column {
    /// Describes numbers; NaN is a missing one.
    init(_ name: String, _ numbers: some Collection<Double>) {
        self.init(name, forEach: { (body) throws(Never) in for number in numbers { body(number) } })
    }

    /// Describes numbers that the caller passes twice.
    private init<Failure>(_ name: String, forEach: ((Double) -> Void) throws(Failure) -> Void) throws(Failure) {
        var summary = NumberSummary()
        try forEach { summary.add($0) }
        summary.endFirstPass()
        try forEach { summary.addDistance($0) }
        self = summary.column(name)
    }

    /// Describes the features of an array, and counts those that are not zero.
    static func described(_ rows: ArrayRows, name: String = "features") throws(DataError) -> (Self, nonZero: Int) {
        if rows.element.isByte {
            var counts = [Int](repeating: 0, count: 256)
            try rows.forEachRun { _, bytes in
                let found = Moments.counts(bytes.bindMemory(to: UInt8.self), width: bytes.count, rows: RowList?.none)
                for byte in counts.indices { counts[byte] += found[byte] }
            }
            return (Self(name, counts: counts), counts.reduce(0, +) - counts[0])
        }
        var nonZero = 0
        func forEach(_ body: (Double) -> Void) throws(DataError) {
            nonZero = 0
            try rows.forEachRun { _, bytes in
                func each<Number>(_: Number.Type, _ value: (Number) -> Double) {
                    for number in bytes.bindMemory(to: Number.self) {
                        let number = value(number)
                        if number != 0 { nonZero += 1 }
                        body(number)
                    }
                }
                switch rows.element {
                case .byte, .boolean: each(UInt8.self) { Double($0) }
                case .int32: each(Int32.self) { Double($0) }
                case .int64: each(Int64.self) { Double($0) }
                case .float: each(Float.self) { Double($0) }
                case .double: each(Double.self) { $0 }
                }
            }
        }
        return (try Self(name, forEach: forEach), nonZero)
    }

    /// Describes bytes.
    init(_ name: String, bytes: [UInt8]) {
        self.init(name, counts: Moments.counts(bytes, width: bytes.count, rows: RowList?.none))
    }

    /// Describes bytes by the number of times that each occurs.
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
        self.init(name, counts: counts, levels: levels, missing: codes.count { $0 < 0 })
    }

    /// Describes texts by the number of times that each occurs.
    init(_ name: String, counts: [Int], levels: [String], missing: Int) {
        let order = levels.indices.sorted { (counts[$1], levels[$0]) < (counts[$0], levels[$1]) }
        self.name = name
        self.missing = missing
        content = .texts(order.map { DataDescription.Share(name: levels[$0], count: counts[$0]) })
    }

    /// Describes labels: classes with their counts, or amounts.
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
