// The controls compute what other programs do where they cut a batch, with the same engine. A control that came to the
// same bits would show that the audit cannot find a difference.

extension Audit {
    /// A computation whose result must differ from the reference.
    struct ControlCut: Sendable {
        enum Kind: Sendable {
            /// The mean gradients of the micro-batches are averaged as if all micro-batches had the same weight.
            case meanOfMeans(Int)
            /// Batch normalisation takes the examples of a micro-batch together, in place of the recipe's ghost batch.
            case statistics(Recipe)
        }
        var name: String
        var explanation: String
        var kind: Kind
    }

    /// The controls that the recipe allows. A batch of two has no uneven cut, and a model may have no batch
    /// normalisation.
    var controls: [ControlCut] {
        var controls: [ControlCut] = []
        if batch > 2 {
            let size = Self.unevenSize(of: batch)
            let last = batch % size
            controls.append(
                ControlCut(
                    name: "mean of means, \(Self.parts(of: batch, size))",
                    explanation:
                        "the mean gradients of the micro-batches averaged without weights, so that each of the last "
                        + "\(last) examples counts \(size) / \(last) times", kind: .meanOfMeans(size)))
        }
        if let (ghost, recipe) = recipeWithOtherStatistics {
            controls.append(
                ControlCut(
                    name: "statistics of micro-batches of \(ghost)",
                    explanation:
                        "batch normalisation over the micro-batch that was there, not over the recipe's ghost batch",
                    kind: .statistics(recipe)))
        }
        return controls
    }

    /// A size of about three eighths of the batch, such that a smaller part is left over.
    static func unevenSize(of batch: Int) -> Int {
        let usual = max(2, (3 * batch + 7) / 8)
        return (usual..<batch).first { batch % $0 != 0 } ?? batch - 1
    }

    func control(_ control: ControlCut, _ reference: Reference) throws -> AuditCertificate.Control {
        let machine = Machine(threads: 1, microBatch: batch, loadingThreads: 0)
        switch control.kind {
        case .meanOfMeans(let size):
            return AuditCertificate.Control(
                name: control.name, explanation: control.explanation,
                difference: try difference(machine, reference, size, isExact: false),
                isCalibrated: try difference(machine, reference, size, isExact: true) == nil)
        case .statistics(let recipe):
            var other = try trainer(machine, recipe: recipe)
            let losses = try losses(&other, updates)
            return AuditCertificate.Control(
                name: control.name, explanation: control.explanation,
                difference: AuditSnapshot(other.checkpoint(), losses: losses)
                    .difference(from: reference.snapshot, start: reference.start), isCalibrated: true)
        }
    }

    /// Runs the updates with the weights that micro-batches of `size` have in a mean of means, or with those that they
    /// have in an exact mean.
    private func difference(
        _ machine: Machine, _ reference: Reference, _ size: Int, isExact: Bool
    ) throws -> AuditCertificate.Difference? {
        var trainer = try trainer(machine)
        var losses: [Double] = []
        for _ in 0..<updates {
            try trainer.weighParts(of: size, isExact: isExact)
            losses.append(try trainer.update().loss)
        }
        return AuditSnapshot(trainer.checkpoint(), losses: losses)
            .difference(from: reference.snapshot, start: reference.start)
    }

    /// The recipe with ghost batches of another size, and its own grain and lanes; nil without batch normalisation, or
    /// where no other size is a whole number of grains.
    private var recipeWithOtherStatistics: (ghost: Int, recipe: Recipe)? {
        guard let model = try? LayerList(of: recipe.model).notation() else { return nil }
        var ghosts: Set<Int> = []
        _ = model.mappingGhosts {
            ghosts.insert($0)
            return $0
        }
        guard let largest = ghosts.max() else { return nil }
        let whole = min(largest, batch)
        let grains = Array(stride(from: plan.grain, to: batch, by: plan.grain)) + [batch]
        let sizes = grains.filter { $0 >= 2 && $0 != whole && $0 % plan.grain == 0 }
        guard let size = sizes.last(where: { 2 * $0 <= whole }) ?? sizes.first,
            let layers = try? LayerList(notation: model.mappingGhosts { _ in size })
        else { return nil }
        var recipe = recipe
        recipe.model = layers
        recipe.batch.grain = plan.grain
        recipe.batch.lanes = plan.lanes
        return (size, recipe)
    }
}

extension RecipeValue {
    /// The model with the size of every ghost batch replaced.
    fileprivate func mappingGhosts(_ map: (Int) -> Int) -> RecipeValue {
        switch self {
        case .list(let items): return .list(items.map { $0.mappingGhosts(map) })
        case .map(let entries):
            // a frozen layer takes no statistics
            if entries.contains(where: { $0.key == "frozen" && $0.value == .bool(true) }) { return self }
            return .map(
                entries.map { entry in
                    guard entry.key == BatchNorm.notation else {
                        return Entry(entry.key, entry.value.mappingGhosts(map))
                    }
                    switch entry.value {
                    case .int(let ghost): return Entry(entry.key, .int(map(ghost)))
                    case .map(let settings)
                    where !settings.contains(where: { $0.key == "frozen" && $0.value == .bool(true) }):
                        return Entry(
                            entry.key,
                            .map(
                                settings.map { setting in
                                    guard setting.key == BatchNorm.shorthand, case .int(let ghost) = setting.value
                                    else { return setting }
                                    return Entry(setting.key, .int(map(ghost)))
                                }))
                    default: return entry
                    }
                })
        default: return self
        }
    }
}

extension LayerList {
    /// The layers in a line: dense 64, relu, dense classes.
    static func summary(of model: any Layer) -> String {
        guard case .list(let items) = try? LayerList(of: model).notation() else { return "\(type(of: model))" }
        return items.map(Self.summary(of:)).joined(separator: ", ")
    }

    private static func summary(of item: RecipeValue) -> String {
        switch item {
        case .string(let text): text
        case .int(let number): "\(number)"
        case .double(let number): "\(number)"
        case .bool(let value): "\(value)"
        case .null: ""
        case .list(let items): "[" + items.map(summary(of:)).joined(separator: ", ") + "]"
        case .map(let entries):
            entries.map { "\($0.key) \(summary(of: $0.value))" }.joined(separator: " ")
        }
    }
}
