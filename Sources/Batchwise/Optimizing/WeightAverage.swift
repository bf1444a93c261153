/// An average of the parameters over updates. It is evaluated and saved in place of the last parameters, and so are
/// averaged running statistics.
public enum WeightAverage: Hashable, Sendable {
    /// a <- decay a + (1 - decay) w after every update, as torch.optim.swa_utils with get_ema_avg_fn.
    ///
    /// It begins as the parameters after the first update, so there is no bias to correct. The decay is one an update,
    /// whatever the batch.
    case exponential(decay: Float)
    /// The equal mean of the parameters at marks of the run: `from`, and `every` so long after it [Izmailov 2018].
    ///
    /// A mark counts at the end of the update that reaches it. Running statistics are averaged too, where
    /// torch.optim.swa_utils.update_bn would compute them anew from the training set.
    case equal(from: TrainingLength, every: TrainingLength)

    /// Reads `{ema: 0.999}` or `{swa: {from: 15 epochs, every: 1 epochs}}`.
    package init(notation: RecipeValue, at path: String = "average") throws(RecipeError) {
        var reader = try RecipeReader(notation, at: path)
        let decay = try reader.float("ema", .fraction)
        let marks = reader.value("swa")
        try reader.finish()
        switch (decay, marks) {
        case (let decay?, nil): self = .exponential(decay: decay)
        case (nil, let marks?):
            var reader = try RecipeReader(marks, at: "\(path).swa", shorthand: "from")
            guard let from = try reader.length("from") else {
                throw reader.missing("from", "where it begins, such as 15 epochs")
            }
            self = .equal(from: from, every: try reader.length("every") ?? .epochs(1))
            try reader.finish()
        default:
            throw .value(
                at: path, expected: "{ema: 0.999} or {swa: {from: 15 epochs, every: 1 epochs}}", found: notation.text)
        }
    }

    /// The notation of the average in a recipe.
    package var notation: RecipeValue {
        switch self {
        case .exponential(let decay): .map([.init("ema", .decimal(decay))])
        case .equal(let from, let every):
            .map([
                .init(
                    "swa",
                    .map([.init("from", from.notation), .init("every", every.notation)]))
            ])
        }
    }

    func check() throws(RecipeError) {
        let limit = NumberLimit.fraction
        guard case .exponential(let decay) = self, !limit.holds(decay) else { return }
        throw .value(at: "average.ema", expected: limit.text, found: "\(decay)")
    }
}
