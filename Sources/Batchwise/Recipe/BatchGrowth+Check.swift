extension BatchGrowth {
    /// Refuses settings that make no sense in this recipe.
    func check(_ recipe: Recipe) throws(RecipeError) {
        let size = recipe.batch.size
        func require(_ holds: Bool, _ key: String, _ expected: String, _ found: Any) throws(RecipeError) {
            if !holds { throw .value(at: "batch.grow.\(key)", expected: expected, found: "\(found)") }
        }
        if let limit { try require(limit > size, "up-to", "more than the batch of \(size)", limit) }
        switch rule {
        case .times(let factor, let marks):
            try require(!marks.isEmpty, "at", "at least one mark", "none")
            try require(factor > 1 && factor.isFinite, "times", "a number above 1", factor)
        case .to(let sizes, let marks):
            try require(!marks.isEmpty, "at", "at least one mark", "none")
            try require(
                sizes.count == marks.count, "to", "a size for each of the \(marks.count) marks", sizes.count)
        case .byNoise(let rule):
            switch rule.criterion {
            case .normTest(let theta): try require(theta > 0 && theta.isFinite, "theta", "a number above 0", theta)
            case .noiseScale(let share): try require(share > 0 && share.isFinite, "share", "a number above 0", share)
            case .goodput(let overhead):
                try require(overhead > 0 && overhead.isFinite, "overhead", "a number of examples above 0", overhead)
            case .cabs: break
            }
            try require(rule.times > 1 && rule.times.isFinite, "times", "a number above 1", rule.times)
            try require(rule.sample >= 2, "sample", "a whole number of at least 2", rule.sample)
            try require(rule.every.isPositive, "every", "a length above 0, such as 1 epochs", rule.every)
            guard limit != nil else {
                throw .missing(
                    at: "batch.grow.up-to", expected: "the largest batch that \(rule.criterion.name) may ask for")
            }
        }
        let sizes = if case .to = rule { "to" } else { "times" }
        var before = size
        for (mark, next) in steps(from: size) {
            let key = before == limit ? "up-to" : sizes
            try require(next > before, key, "a batch above the \(before) that it is at \(mark)", next)
            try require(next <= 1 << 30, sizes, "a batch of at most \(1 << 30)", next)
            before = next
        }
        if let length = recipe.learningRate.notation.lengthInUpdates {
            throw .value(
                at: "learning-rate", expected: "lengths in epochs or examples, as the batch grows", found: length)
        }
        try require(
            rate == .keep || recipe.learningRate.scaling != .none, "rate",
            "keep, or a learning-rate.scaling beside it", rate.rawValue)
        try require(
            momentum == .keep || recipe.optimizer.momentum ?? 0 > 0, "momentum", "keep, or an optimizer with momentum",
            momentum.rawValue)
    }
}

extension RecipeValue {
    /// A length that counts updates, here or within.
    fileprivate var lengthInUpdates: String? {
        switch self {
        case .string(let text): text.hasSuffix(" updates") || text.hasSuffix(" update") ? text : nil
        case .list(let items): items.lazy.compactMap(\.lengthInUpdates).first
        case .map(let entries): entries.lazy.compactMap(\.value.lengthInUpdates).first
        default: nil
        }
    }
}
