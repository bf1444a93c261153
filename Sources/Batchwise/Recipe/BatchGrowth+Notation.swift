extension BatchGrowth {
    /// Reads `{at: [30 epochs, 60 epochs], times: 5}`, `{at: 30 epochs, to: 512}`, or
    /// `{by: norm-test, theta: 0.5, every: 1 epochs, up-to: 4096}`, and likewise `by` another criterion.
    init(notation: RecipeValue, at path: String) throws(RecipeError) {
        var reader = try RecipeReader(notation, at: path)
        let by = try reader.choice("by", Basis.self) ?? .marks
        let limit = try reader.int("up-to", in: 1...(1 << 30))
        let times = try reader.double("times", "a number above 1", where: { $0 > 1 })
        /// The rule by a criterion, with the settings that all of them have.
        func noise(_ criterion: NoiseRule.Criterion) throws(RecipeError) -> Rule {
            var rule = NoiseRule(criterion)
            rule.every = try reader.lengths("every")?.first ?? rule.every
            rule.times = times ?? rule.times
            rule.sample = try reader.int("sample", in: 2...(1 << 30)) ?? rule.sample
            return .byNoise(rule)
        }
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
        case .normTest: rule = try noise(try reader.positive("theta").map { .normTest(theta: $0) } ?? .normTest())
        case .noiseScale:
            rule = try noise(try reader.positive("share").map { .noiseScale(share: $0) } ?? .noiseScale())
        case .cabs: rule = try noise(.cabs)
        case .goodput:
            guard let overhead = try reader.positive("overhead") else {
                throw reader.missing("overhead", "a number of examples, which batchwise measure throughput prints")
            }
            rule = try noise(.goodput(overhead: overhead))
        }
        self.init(
            rule, limit: limit, rate: try reader.choice("rate", Coupling.self) ?? .keep,
            momentum: try reader.choice("momentum", Coupling.self) ?? .keep)
        try reader.finish()
    }

    /// The bases of growth: marks, or a criterion on the gradient's noise.
    enum Basis: String, CaseIterable {
        case marks
        case normTest = "norm-test"
        case noiseScale = "noise-scale"
        case cabs, goodput
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
        case .byNoise(let rule):
            entries.append(.init("by", .string(rule.criterion.name)))
            switch rule.criterion {
            case .normTest(let theta): entries.append(.init("theta", .double(theta)))
            case .noiseScale(let share): entries.append(.init("share", .number(share)))
            case .cabs: break
            case .goodput(let overhead): entries.append(.init("overhead", .number(overhead)))
            }
            entries += [
                .init("every", .string(rule.every.description)), .init("times", .number(rule.times)),
                .init("sample", .int(rule.sample)),
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
    fileprivate mutating func positive(_ key: String) throws(RecipeError) -> Double? {
        try double(key, "a number above 0", where: { $0 > 0 })
    }

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
