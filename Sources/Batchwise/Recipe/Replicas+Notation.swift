extension Replicas {
    /// Reads `{count: 4, updates: 16}`, with `start: 5 epochs`, `outer: {rate: 0.7, momentum: 0.9, nesterov: true,
    /// eager: true}` or `elastic: 0.1`, `compression: bfloat16` or `{largest: 0.01}`, `fragments: 4`.
    package init(notation: RecipeValue, at path: String = "replicas") throws(RecipeError) {
        var reader = try RecipeReader(notation, at: path)
        guard let count = try reader.int("count", in: 1...Self.most) else {
            throw reader.missing("count", "the number of replicas, such as 4")
        }
        guard let updates = try reader.int("updates", in: 1...Self.mostUpdates) else {
            throw reader.missing("updates", "the updates between two averages, such as 16")
        }
        self.init(count, updates: updates)
        start = try reader.length("start")
        let outer = reader.value("outer")
        let elastic = try reader.float("elastic", .positive)
        switch (outer, elastic) {
        case (nil, nil): break
        case (let outer?, nil): rule = .outer(try OuterOptimizer(notation: outer, at: "\(path).outer"))
        case (nil, let elastic?): rule = .elastic(elastic)
        default: throw .conflict("\(path) has outer and elastic, which exclude each other: remove one")
        }
        compression = try reader.value("compression").map { value throws(RecipeError) in
            try ChangeCompression(notation: value, at: "\(path).compression")
        }
        fragments = try reader.int("fragments", in: 1...Self.mostFragments) ?? 1
        try reader.finish()
    }

    private static let most = 4096
    private static let mostUpdates = 1_000_000_000
    private static let mostFragments = 4096

    /// The notation in a recipe.
    package var notation: RecipeValue {
        var entries: [RecipeValue.Entry] = [.init("count", .int(count)), .init("updates", .int(updates))]
        if let start { entries.append(.init("start", start.notation)) }
        switch rule {
        case .mean: break
        case .outer(let outer): entries.append(.init("outer", outer.notation))
        case .elastic(let strength): entries.append(.init("elastic", .decimal(strength)))
        }
        if let compression { entries.append(.init("compression", compression.notation)) }
        if fragments != 1 { entries.append(.init("fragments", .int(fragments))) }
        return .map(entries)
    }

    /// Checks the numbers, and that nothing stands beside replicas that needs one model.
    func check(_ recipe: Recipe) throws(RecipeError) {
        func require(_ holds: Bool, _ key: String, _ expected: String, _ found: some CustomStringConvertible)
            throws(RecipeError)
        {
            guard holds else { throw .value(at: "replicas.\(key)", expected: expected, found: "\(found)") }
        }
        try require(
            (1...Self.most).contains(count), "count", "a whole number from 1 to \(Self.most)", count)
        try require(
            (1...Self.mostUpdates).contains(updates), "updates", "a whole number from 1 to \(Self.mostUpdates)", updates
        )
        try require(
            (1...min(Self.mostFragments, updates)).contains(fragments), "fragments",
            "a whole number from 1 to \(min(Self.mostFragments, updates)), as each fragment has its own update",
            fragments)
        if let start { try require(start.isPositive, "start", TrainingLength.expected, start) }
        switch rule {
        case .mean: break
        case .outer(let outer):
            try require(NumberLimit.positive.holds(outer.rate), "outer.rate", NumberLimit.positive.text, outer.rate)
            try require(
                NumberLimit.fraction.holds(outer.momentum), "outer.momentum", NumberLimit.fraction.text, outer.momentum)
            try require(
                !outer.isEager || compression == nil, "compression",
                "none beside outer.eager, whose replicas take their own changes as they are", "one")
        case .elastic(let strength):
            try require(
                NumberLimit.positive.holds(strength) && Double(strength) * Double(count + 1) < 2, "elastic",
                "a number above 0 and below 2 / (count + 1), beyond which replicas and centre move apart", strength)
            try require(fragments == 1, "fragments", "1 beside elastic", fragments)
            try require(compression == nil, "compression", "none beside elastic", "one")
        }
        if case .largest(let fraction) = compression {
            try require(
                fraction > 0 && fraction <= 1, "compression.largest", "a fraction above 0, and at most 1", fraction)
        }
        try require(
            recipe.batch.size >= count, "count",
            "at most the batch, \(recipe.batch.size) examples, so that each has one",
            count)
        guard recipe.separateReplicas != nil else { return }
        let others: [(isThere: Bool, name: String)] = [
            (recipe.average != nil, "average"), (recipe.asynchronous != nil, "asynchronous"),
            (recipe.batch.grow?.noiseRule != nil, "batch.grow.by"),
            (recipe.learningRate.scaling == .adaScale, "learning-rate.scaling: adascale"),
        ]
        for other in others where other.isThere {
            throw .conflict("\(other.name) needs one model, and replicas makes several: remove one of the two")
        }
    }
}

extension OuterOptimizer {
    /// Reads `{rate: 0.7, momentum: 0.9, nesterov: true, eager: true}`; `{}` stands for these numbers without `eager`.
    init(notation: RecipeValue, at path: String) throws(RecipeError) {
        var reader = try RecipeReader(notation, at: path, shorthand: "rate")
        self.init()
        rate = try reader.float("rate", .positive) ?? rate
        momentum = try reader.float("momentum", .fraction) ?? momentum
        nesterov = try reader.bool("nesterov") ?? (momentum > 0)
        isEager = try reader.bool("eager") ?? false
        try reader.finish()
    }

    var notation: RecipeValue {
        var entries: [RecipeValue.Entry] = [
            .init("rate", .decimal(rate)), .init("momentum", .decimal(momentum)), .init("nesterov", .bool(nesterov)),
        ]
        if isEager { entries.append(.init("eager", .bool(true))) }
        return .map(entries)
    }
}

extension ChangeCompression {
    /// Reads `bfloat16` or `{largest: 0.01}`.
    init(notation: RecipeValue, at path: String) throws(RecipeError) {
        if notation == .string("bfloat16") {
            self = .bfloat16
            return
        }
        guard case .map = notation else {
            throw .value(at: path, expected: "bfloat16 or {largest: 0.01}", found: notation.text)
        }
        var reader = try RecipeReader(notation, at: path)
        let expected = "a fraction above 0, and at most 1"
        guard let fraction = try reader.double("largest", expected, where: { $0 > 0 && $0 <= 1 }) else {
            throw reader.missing("largest", expected)
        }
        try reader.finish()
        self = .largest(fraction: fraction)
    }

    var notation: RecipeValue {
        switch self {
        case .bfloat16: .string("bfloat16")
        case .largest(let fraction): .map([.init("largest", .double(fraction))])
        }
    }
}
