extension LearningRate {
    /// The decay of recipes that name none. Most runs end with a better model when the rate falls.
    package static let usualDecay: Decay = .cosine

    /// Reads `{base: 0.1, at-batch: 32, scaling: linear, warmup: 5 epochs, decay: cosine}`, or a bare number.
    ///
    /// A rate without a base is `usual`, with the rule of `usual` for other batches; a base that is given holds as it
    /// is.
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
            try Warmup(notation: value, at: "\(path).warmup")
        }
        decay =
            try reader.value("decay").map { value throws(RecipeError) in
                try Decay(notation: value, at: "\(path).decay")
            } ?? Self.usualDecay
        try reader.finish()
        try check(at: path)
    }

    /// The notation of the learning rate in a recipe.
    package var notation: RecipeValue {
        var entries: [RecipeValue.Entry] = [.init("base", .double(base))]
        if let atBatch { entries.append(.init("at-batch", .int(atBatch))) }
        if scaling != .none { entries.append(.init("scaling", scaling.notation)) }
        if let warmup { entries.append(.init("warmup", warmup.notation)) }
        entries.append(.init("decay", decay.notation))
        return .map(entries)
    }
}
