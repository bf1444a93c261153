// The notation in recipes of the decays that climb and fall: triangular and one-cycle.

extension LearningRate.MomentumCycle {
    fileprivate var notation: RecipeValue { .map([.init("high", .double(high)), .init("low", .double(low))]) }
}

extension LearningRate.Triangular {
    /// Reads `{low: 0.001, up: 2 epochs, down: 3 epochs, height: halving, momentum: {high: 0.95, low: 0.85}}`.
    init(_ reader: inout RecipeReader) throws(RecipeError) {
        low = try reader.required("low", "the rate at the foot of the triangles")
        up = try reader.requiredLength("up")
        down = try reader.length("down")
        height = try reader.height("height")
        momentum = try reader.momentum("momentum", usual: nil)
    }

    var entries: [RecipeValue.Entry] {
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
    /// `{high: 0.95, low: 0.85}` or `none`; `usual` where the recipe has no such key.
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

    /// `constant`, `halving` or `{factor: 0.9, every: 1 epoch}`.
    fileprivate mutating func height(_ key: String) throws(RecipeError) -> LearningRate.Triangular.Height {
        switch value(key) {
        case nil, .string("constant"): return .constant
        case .string("halving"): return .halving
        case .map(let entries)?:
            var reader = try RecipeReader(.map(entries), at: at(key))
            let factor = try reader.required("factor", "a number below 1, such as 0.9")
            let every = try reader.length("every") ?? .epochs(1)
            try reader.finish()
            return .exponential(factor: factor, every: every)
        case let other?:
            throw .value(
                at: at(key), expected: "constant, halving or {factor: 0.9, every: 1 epoch}", found: other.text)
        }
    }
}

extension LearningRate.OneCycle {
    /// Reads `{rise: 0.3, start-divisor: 25, end-divisor: 10000, shape: cosine, momentum: {high: 0.95, low: 0.85}}`.
    init(_ reader: inout RecipeReader) throws(RecipeError) {
        self.init(momentum: try reader.momentum("momentum", usual: .init()))
        rise = try reader.double("rise") ?? rise
        startDivisor = try reader.double("start-divisor") ?? startDivisor
        endDivisor = try reader.double("end-divisor") ?? endDivisor
        shape = try reader.choice("shape", Shape.self) ?? shape
    }

    var entries: [RecipeValue.Entry] {
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
