extension LearningRate {
    /// What a recipe gets that names no decay: most runs end better for it.
    package static let usualDecay = Decay.cosine

    /// Reads `{base: 0.1, at-batch: 32, scaling: linear, warmup: 5 epochs, decay: cosine}`, or a bare number.
    ///
    /// A rate without a base is `usual`, with its rule for other batches; a base that is given holds as it is.
    package init(notation: RecipeValue, usual: LearningRate, at path: String = "learning-rate") throws(RecipeError) {
        var reader = try RecipeReader(notation, at: path, shorthand: "base")
        let given = try reader.double("base", "a number above 0", where: { $0 > 0 })
        base = given ?? usual.base
        atBatch = try reader.int("at-batch") ?? (given == nil ? usual.atBatch : nil)
        scaling =
            try reader.value("scaling").map { value throws(RecipeError) in
                try Scaling(notation: value, at: "\(path).scaling")
            } ?? (given == nil ? usual.scaling : .none)
        warmup = try reader.value("warmup").map { value throws(RecipeError) in
            try Duration(notation: value, at: "\(path).warmup")
        }
        decay = try reader.choice("decay", Decay.self) ?? Self.usualDecay
        try reader.finish()
        if scaling != .none && atBatch == nil {
            throw .missing(
                at: "\(path).at-batch", expected: "the batch that the base rate was chosen for, as scaling is on")
        }
    }

    /// How a recipe writes it.
    package var notation: RecipeValue {
        var entries: [RecipeValue.Entry] = [.init("base", .double(base))]
        if let atBatch { entries.append(.init("at-batch", .int(atBatch))) }
        if scaling != .none { entries.append(.init("scaling", scaling.notation)) }
        if let warmup { entries.append(.init("warmup", .string(warmup.description))) }
        entries.append(.init("decay", .string(decay.rawValue)))
        return .map(entries)
    }
}

extension LearningRate.Duration {
    /// Reads "5 epochs", "1000 updates" or "50000 examples".
    init(notation: RecipeValue, at path: String) throws(RecipeError) {
        let expected = "a length such as 5 epochs, 1000 updates or 50000 examples"
        guard case .string(let text) = notation else {
            throw .value(at: path, expected: expected, found: notation.text)
        }
        let words = text.split(separator: " ")
        guard words.count == 2, let count = Double(words[0]), count.isFinite, count >= 0, count < 1e15 else {
            throw .value(at: path, expected: expected, found: notation.text)
        }
        switch words[1] {
        case "epoch", "epochs": self = .epochs(count)
        case "update", "updates": self = .updates(Int(count))
        case "example", "examples": self = .examples(Int(count))
        default: throw .value(at: path, expected: expected, found: notation.text)
        }
    }
}
