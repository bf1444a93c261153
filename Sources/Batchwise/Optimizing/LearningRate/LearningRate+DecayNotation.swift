import Foundations

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
        case "linear": self = .linear(end: try reader.double("end") ?? 0, from: try reader.length("from"))
        case "cosine": self = .cosine(end: try reader.double("end") ?? 0, from: try reader.length("from"))
        case "polynomial":
            self = .polynomial(
                power: try reader.required("power", "a number above 0, such as 2"),
                end: try reader.double("end") ?? 0, from: try reader.length("from"))
        case "step": self = .step(every: try reader.requiredLength("every"), factor: try reader.double("factor") ?? 0.1)
        case "multi-step":
            guard let marks = try reader.lengths("at") else { throw reader.missing("at", TrainingLength.expected) }
            self = .multiStep(at: marks, factor: try reader.double("factor") ?? 0.1)
        case "exponential":
            self = .exponential(
                factor: try reader.required("factor", "a number below 1, such as 0.9"),
                every: try reader.length("every") ?? .epochs(1))
        case "inverse-square-root": self = .inverseSquareRoot(over: try reader.length("over"))
        case "restarts":
            self = .restarts(
                first: try reader.requiredLength("first"), factor: try reader.double("factor") ?? 1,
                end: try reader.double("end") ?? 0)
        case "triangular": self = .triangular(try .init(&reader))
        case "one-cycle": self = .oneCycle(try .init(&reader))
        case "plateau": self = .plateau(try .init(&reader))
        default:
            throw .unknownKey(at: path, key: name, nearest: nearestName(to: name, in: Self.names), known: Self.names)
        }
        try reader.finish()
    }

    /// The notation of the decay in a recipe, without settings that have their default value.
    package var notation: RecipeValue {
        var entries: [RecipeValue.Entry] = []
        func add(_ key: String, _ value: Double, unless usual: Double? = nil) {
            if value != usual { entries.append(.init(key, .double(value))) }
        }
        func add(_ key: String, _ length: TrainingLength?) {
            if let length { entries.append(.init(key, length.notation)) }
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
    mutating func required(_ key: String, _ expected: String) throws(RecipeError) -> Double {
        guard let number = try double(key) else { throw missing(key, expected) }
        return number
    }
}
