extension BatchGrowth {
    /// Reads `{at: [30 epochs, 60 epochs], times: 5}`, `{at: 30 epochs, to: 512}`, or
    /// `{by: norm-test, theta: 0.5, every: 1 epochs, up-to: 4096}`.
    init(notation: RecipeValue, at path: String) throws(RecipeError) {
        var reader = try RecipeReader(notation, at: path)
        let by = try reader.choice("by", Basis.self) ?? .marks
        let limit = try reader.int("up-to", in: 1...(1 << 30))
        let times = try reader.double("times", "a number above 1", where: { $0 > 1 })
        let rule: Rule
        switch by {
        case .marks:
            guard let marks = try reader.lengths("at") else { throw reader.missing("at", "marks such as [30 epochs]") }
            let sizes = try reader.sizes("to")
            switch (times, sizes) {
            case (let times?, nil): rule = .times(times, at: marks)
            case (nil, let sizes?): rule = .to(sizes, at: marks)
            case (nil, nil): throw reader.missing("times", "how many times as large, or to: the sizes")
            case (_?, _?): throw .value(at: reader.at("to"), expected: "either times or to", found: "both")
            }
        case .normTest:
            let usual = NormTest()
            let theta = try reader.double("theta", "a number above 0", where: { $0 > 0 })
            let every = try reader.lengths("every")?.first
            let sample = try reader.int("sample", in: 2...(1 << 30))
            rule = .normTest(
                NormTest(
                    theta: theta ?? usual.theta, every: every ?? usual.every, times: times ?? usual.times,
                    sample: sample ?? usual.sample))
        }
        self.init(
            rule, limit: limit, rate: try reader.choice("rate", Coupling.self) ?? .keep,
            momentum: try reader.choice("momentum", Coupling.self) ?? .keep)
        try reader.finish()
    }

    private enum Basis: String, CaseIterable {
        case marks
        case normTest = "norm-test"
    }

    var notation: RecipeValue {
        func list(_ values: [RecipeValue]) -> RecipeValue { values.count == 1 ? values[0] : .list(values) }
        var entries: [RecipeValue.Entry] = []
        switch rule {
        case .times(let factor, let marks):
            entries.append(.init("at", list(marks.map { .string($0.description) })))
            entries.append(.init("times", .number(factor)))
        case .to(let sizes, let marks):
            entries.append(.init("at", list(marks.map { .string($0.description) })))
            entries.append(.init("to", list(sizes.map { .int($0) })))
        case .normTest(let test):
            entries += [
                .init("by", .string(Basis.normTest.rawValue)), .init("theta", .double(test.theta)),
                .init("every", .string(test.every.description)), .init("times", .number(test.times)),
                .init("sample", .int(test.sample)),
            ]
        }
        if let limit { entries.append(.init("up-to", .int(limit))) }
        if rate != .keep { entries.append(.init("rate", .string(rate.rawValue))) }
        if momentum != .keep { entries.append(.init("momentum", .string(momentum.rawValue))) }
        return .map(entries)
    }
}

extension RecipeValue {
    /// Whole numbers without a point.
    fileprivate static func number(_ number: Double) -> RecipeValue {
        Int(exactly: number).map { .int($0) } ?? .double(number)
    }
}

extension RecipeReader {
    /// One size or a list of them.
    fileprivate mutating func sizes(_ key: String) throws(RecipeError) -> [Int]? {
        guard let value = value(key) else { return nil }
        let items = if case .list(let items) = value { items } else { [value] }
        var sizes: [Int] = []
        for item in items {
            guard case .int(let size) = item, (1...(1 << 30)).contains(size) else {
                throw .value(
                    at: at(key), expected: "a whole number from 1 to \(1 << 30) for each mark", found: item.text)
            }
            sizes.append(size)
        }
        return sizes
    }
}
