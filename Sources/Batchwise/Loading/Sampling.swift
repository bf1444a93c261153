/// The rule by which an epoch draws its examples, in place of visiting each example once.
///
/// ```yaml
/// batch: {size: 32, sampling: class-balance}
/// batch: {size: 32, sampling: {by: weights, replacement: false, examples: 10000}}
/// ```
public struct Sampling: Hashable, Sendable {
    /// The number that the chance of an example is proportional to.
    public enum Basis: String, Codable, CaseIterable, Sendable {
        /// Proportional to 1 over the number of examples of the example's class, so that every class comes equally
        /// often.
        case classBalance = "class-balance"
        /// Proportional to the example's weight, which then counts in no mean: each example that is drawn counts once.
        case weights
    }

    /// The number that the chance of an example is proportional to.
    public var basis: Basis
    /// Whether an example may come more than once an epoch.
    public var replacement: Bool
    /// The number of examples in an epoch; nil: as many as the data set has, or, without replacement, as many as have a
    /// weight above 0.
    public var examples: Int?

    /// A rule that draws examples by chances proportional to `basis`.
    public init(by basis: Basis, replacement: Bool = true, examples: Int? = nil) {
        self.basis = basis
        self.replacement = replacement
        self.examples = examples
    }

    /// The chance of every example, but for a common factor.
    func chances(_ data: Dataset) throws(PlanError) -> [Double] {
        switch basis {
        case .classBalance:
            guard case .classes(let classes, let names) = data.targets else {
                throw .mismatch("batch.sampling: class-balance needs classes, and the targets are numbers: use weights")
            }
            var counts = [Double](repeating: 0, count: names.count)
            for place in classes { counts[Int(place)] += 1 }
            return classes.map { 1 / counts[Int($0)] }
        case .weights:
            guard let weights = data.weights else {
                throw .mismatch("batch.sampling: weights needs example weights: name their column in data.weights")
            }
            return weights.map { Double($0) }
        }
    }

    /// The number of examples in an epoch over data with these chances.
    func epochLength(_ chances: [Double]) throws(PlanError) -> Int {
        let possible = replacement ? chances.count : chances.count { $0 > 0 }
        guard let examples, !replacement, examples > possible else { return examples ?? possible }
        throw .mismatch(
            "batch.sampling.examples is \(examples), and without replacement there are \(possible): use fewer")
    }
}

extension Sampling {
    /// Reads `class-balance`, or `{by: weights, replacement: false, examples: 1000}`.
    init(notation: RecipeValue, at path: String) throws(RecipeError) {
        var reader = try RecipeReader(notation, at: path, shorthand: "by")
        guard let basis = try reader.choice("by", Basis.self) else {
            throw reader.missing("by", "class-balance or weights")
        }
        self.init(
            by: basis, replacement: try reader.bool("replacement") ?? true,
            examples: try reader.int("examples", in: 1...(1 << 40)))
        try reader.finish()
    }

    var notation: RecipeValue {
        var entries: [RecipeValue.Entry] = [.init("by", .string(basis.rawValue))]
        if !replacement { entries.append(.init("replacement", .bool(false))) }
        if let examples { entries.append(.init("examples", .int(examples))) }
        return entries.count == 1 ? .string(basis.rawValue) : .map(entries)
    }
}
