extension LearningRate.Decay {
    /// Reads a name, `cosine`, or a name with its settings, `{step: {every: 30 epochs, factor: 0.1}}`.
    init(notation: RecipeValue, at path: String) throws(RecipeError) {
        let name: String
        let value: RecipeValue
        switch notation {
        case .string(let text): (name, value) = (text, .null)
        case .map(let entries) where entries.count == 1: (name, value) = (entries[0].key, entries[0].value)
        default: throw .value(at: path, expected: "the name of a decay, with its settings", found: notation.text)
        }
        var reader = try RecipeReader(value, at: "\(path).\(name)")
        switch name {
        case "constant": self = .constant
        case "linear": self = .linear(end: try reader.double("end") ?? 0, from: try reader.duration("from"))
        case "cosine": self = .cosine(end: try reader.double("end") ?? 0, from: try reader.duration("from"))
        case "polynomial":
            self = .polynomial(
                power: try reader.required("power", "a number above 0, such as 2"),
                end: try reader.double("end") ?? 0, from: try reader.duration("from"))
        case "step": self = .step(every: try reader.length("every"), factor: try reader.double("factor") ?? 0.1)
        case "multi-step": self = .multiStep(at: try reader.marks("at"), factor: try reader.double("factor") ?? 0.1)
        case "exponential":
            self = .exponential(
                factor: try reader.required("factor", "a number below 1, such as 0.9"),
                every: try reader.duration("every") ?? .epochs(1))
        case "inverse-square-root": self = .inverseSquareRoot(over: try reader.duration("over"))
        case "restarts":
            self = .restarts(
                first: try reader.length("first"), factor: try reader.double("factor") ?? 1,
                end: try reader.double("end") ?? 0)
        case "triangular": self = .triangular(try .init(&reader))
        case "one-cycle": self = .oneCycle(try .init(&reader))
        case "plateau": self = .plateau(try .init(&reader))
        default:
            throw .unknownKey(at: path, key: name, nearest: nearestName(to: name, in: Self.names), known: Self.names)
        }
        try reader.finish()
    }

    /// How a recipe writes it: what is usual is left out.
    var notation: RecipeValue {
        var entries: [RecipeValue.Entry] = []
        func add(_ key: String, _ value: Double, unless usual: Double? = nil) {
            if value != usual { entries.append(.init(key, .double(value))) }
        }
        func add(_ key: String, _ duration: LearningRate.Duration?) {
            if let duration { entries.append(.init(key, duration.notation)) }
        }
        switch self {
        case .constant: break
        case .linear(let end, let from), .cosine(let end, let from):
            add("end", end, unless: 0)
            add("from", from)
        case .polynomial(let power, let end, let from):
            add("power", power)
            add("end", end, unless: 0)
            add("from", from)
        case .step(let every, let factor):
            add("every", every)
            add("factor", factor)
        case .multiStep(let marks, let factor):
            entries.append(.init("at", .list(marks.map(\.notation))))
            add("factor", factor)
        case .exponential(let factor, let every):
            add("factor", factor)
            add("every", every)
        case .inverseSquareRoot(let over): add("over", over)
        case .restarts(let first, let factor, let end):
            add("first", first)
            add("factor", factor, unless: 1)
            add("end", end, unless: 0)
        case .triangular(let cycle): entries = cycle.entries
        case .oneCycle(let cycle): entries = cycle.entries
        case .plateau(let plateau): entries = plateau.entries
        }
        return entries.isEmpty ? .string(name) : .map([.init(name, .map(entries))])
    }
}

extension RecipeReader {
    fileprivate mutating func required(_ key: String, _ expected: String) throws(RecipeError) -> Double {
        guard let number = try double(key) else { throw missing(key, expected) }
        return number
    }

    fileprivate mutating func length(_ key: String) throws(RecipeError) -> LearningRate.Duration {
        guard let duration = try duration(key) else { throw missing(key, LearningRate.Duration.expected) }
        return duration
    }

    /// One mark or a list of them.
    fileprivate mutating func marks(_ key: String) throws(RecipeError) -> [LearningRate.Duration] {
        guard case .list(let items) = value(key) else { return [try length(key)] }
        var marks: [LearningRate.Duration] = []
        for (index, item) in items.enumerated() { marks.append(try .init(notation: item, at: "\(at(key)).\(index)")) }
        return marks
    }

    /// `{high: 0.95, low: 0.85}` or `none`; `usual` where nothing is said.
    fileprivate mutating func momentum(
        _ key: String, usual: LearningRate.MomentumCycle?
    ) throws(RecipeError) -> LearningRate.MomentumCycle? {
        guard let value = value(key) else { return usual }
        if value == .string("none") { return nil }
        guard case .map = value else {
            throw .value(at: at(key), expected: "{high: 0.95, low: 0.85} or none", found: value.text)
        }
        var reader = try RecipeReader(value, at: at(key))
        let high = try reader.double("high") ?? 0.95
        let cycle = LearningRate.MomentumCycle(high: high, low: try reader.double("low") ?? 0.85)
        try reader.finish()
        return cycle
    }
}

extension LearningRate.MomentumCycle {
    fileprivate var notation: RecipeValue { .map([.init("high", .double(high)), .init("low", .double(low))]) }
}

extension LearningRate.Triangular {
    fileprivate init(_ reader: inout RecipeReader) throws(RecipeError) {
        low = try reader.required("low", "the rate at the foot of the triangles")
        up = try reader.length("up")
        down = try reader.duration("down")
        height = try reader.height("height")
        momentum = try reader.momentum("momentum", usual: nil)
    }

    fileprivate var entries: [RecipeValue.Entry] {
        var entries: [RecipeValue.Entry] = [.init("low", .double(low)), .init("up", up.notation)]
        if let down { entries.append(.init("down", down.notation)) }
        switch height {
        case .constant: break
        case .halving: entries.append(.init("height", .string("halving")))
        case .exponential(let factor, let every):
            entries.append(
                .init("height", .map([.init("factor", .double(factor)), .init("every", every.notation)])))
        }
        if let momentum { entries.append(.init("momentum", momentum.notation)) }
        return entries
    }
}

extension RecipeReader {
    /// `constant`, `halving` or `{factor: 0.9, every: 1 epoch}`.
    fileprivate mutating func height(_ key: String) throws(RecipeError) -> LearningRate.Triangular.Height {
        switch value(key) {
        case nil, .string("constant"): return .constant
        case .string("halving"): return .halving
        case .map(let entries)?:
            var reader = try RecipeReader(.map(entries), at: at(key))
            let factor = try reader.required("factor", "a number below 1, such as 0.9")
            let every = try reader.duration("every") ?? .epochs(1)
            try reader.finish()
            return .exponential(factor: factor, every: every)
        case let other?:
            throw .value(
                at: at(key), expected: "constant, halving or {factor: 0.9, every: 1 epoch}", found: other.text)
        }
    }
}

extension LearningRate.OneCycle {
    fileprivate init(_ reader: inout RecipeReader) throws(RecipeError) {
        self.init(momentum: try reader.momentum("momentum", usual: .init()))
        rise = try reader.double("rise") ?? rise
        startDivisor = try reader.double("start-divisor") ?? startDivisor
        endDivisor = try reader.double("end-divisor") ?? endDivisor
        shape = try reader.choice("shape", Shape.self) ?? shape
    }

    fileprivate var entries: [RecipeValue.Entry] {
        let usual = Self()
        var entries: [RecipeValue.Entry] = []
        if rise != usual.rise { entries.append(.init("rise", .double(rise))) }
        if startDivisor != usual.startDivisor { entries.append(.init("start-divisor", .double(startDivisor))) }
        if endDivisor != usual.endDivisor { entries.append(.init("end-divisor", .double(endDivisor))) }
        if shape != usual.shape { entries.append(.init("shape", .string(shape.rawValue))) }
        if momentum != usual.momentum { entries.append(.init("momentum", momentum?.notation ?? .string("none"))) }
        return entries
    }
}

extension LearningRate.Plateau {
    fileprivate init(_ reader: inout RecipeReader) throws(RecipeError) {
        self.init()
        factor = try reader.double("factor") ?? factor
        patience = try reader.int("patience", in: 0...1_000_000) ?? patience
        cooldown = try reader.int("cooldown", in: 0...1_000_000) ?? cooldown
        threshold = try reader.double("threshold") ?? threshold
        minimum = try reader.double("minimum") ?? minimum
        metric = try reader.choice("metric", Metric.self)
    }

    fileprivate var entries: [RecipeValue.Entry] {
        let usual = Self()
        var entries: [RecipeValue.Entry] = []
        if factor != usual.factor { entries.append(.init("factor", .double(factor))) }
        if patience != usual.patience { entries.append(.init("patience", .int(patience))) }
        if cooldown != usual.cooldown { entries.append(.init("cooldown", .int(cooldown))) }
        if threshold != usual.threshold { entries.append(.init("threshold", .double(threshold))) }
        if minimum != usual.minimum { entries.append(.init("minimum", .double(minimum))) }
        if let metric { entries.append(.init("metric", .string(metric.rawValue))) }
        return entries
    }
}
