/// Normalises each channel over the whole batch, or over ghost batches, and all pixels, then scales and shifts it
/// [Ioffe 2015, Hoffer 2017].
///
/// Which examples are normalised together is named in the model, and is never whatever a worker happened to hold: the
/// whole batch, in however many micro-batches and on however many workers it runs, forward and backward as in one pass;
/// or ghost batches of so many consecutive examples (a last one may be smaller). Inference uses running statistics,
/// updated once an update by their mean over the ghost batches: running <- (1 - momentum) running + momentum mean,
/// variances unbiased as in PyTorch.
///
/// # Shapes
/// `[batch, …, channels]`, unchanged. Parameters: `weight`, `bias`, `running_mean`, `running_var`, each `[channels]`.
public struct BatchNorm: PrimitiveLayer {
    /// The examples that are normalised together.
    public enum Group: Hashable, Sendable {
        /// All examples of the update.
        case batch
        /// This many consecutive examples of the batch, at least 2: a whole number of grains.
        case ghost(Int)
    }

    /// The examples that are normalised together.
    public var group: Group
    /// The weight of the newest batch in the running statistics, from 0 to 1.
    public var momentum: Float
    /// The number above 0 that is added to the variance.
    public var epsilon: Float

    /// A batch norm over a group: `BatchNorm(over: .batch)` normalises over the whole batch.
    public init(over group: Group, momentum: Float = 0.1, epsilon: Float = 1e-5) {
        self.group = group
        self.momentum = momentum
        self.epsilon = epsilon
    }

    /// A batch norm over ghost batches of this many examples.
    public init(ghost: Int, momentum: Float = 0.1, epsilon: Float = 1e-5) {
        self.init(over: .ghost(ghost), momentum: momentum, epsilon: epsilon)
    }

    /// Adds the normalisation and its parameters to the graph. Throws where a setting is out of range.
    public func lower(_ x: Symbol, into graph: inout GraphBuilder) throws(GraphError) -> Symbol {
        guard epsilon > 0 else { throw .setting(at: graph.path, "epsilon \(epsilon) is not above 0") }
        guard x.shape.hasBatch, x.shape.count >= 2, x.shape.elements > 0 else {
            throw .shape(at: graph.path, expected: "[batch, …, channels]", found: x.shape)
        }
        if case .ghost(let size) = group, !(2...(1 << 30)).contains(size) {
            throw .setting(at: graph.path, "a ghost batch of \(size): give it 2 examples or more")
        }
        guard momentum >= 0, momentum <= 1 else {
            throw .setting(at: graph.path, "momentum \(momentum) is not between 0 and 1")
        }
        let channels = x.shape.width
        let mean = graph.parameter("running_mean", [channels], .zeros, layout: .plain, decays: false, isStatistic: true)
        let variance = graph.parameter(
            "running_var", [channels], .ones, layout: .plain, decays: false, isStatistic: true)
        if graph.purpose == .inference || graph.isFrozen {
            let y = x.then(.runningNormalise(epsilon: epsilon), with: [mean, variance])
            return graph.scaleAndShift(y, width: channels)
        }
        let positions = x.shape.elements / channels
        let normalisation: Normalisation =
            switch group {
            case .batch: .batch(positions: positions, channels: channels, epsilon: epsilon)
            case .ghost(let size): .ghost(size: size, positions: positions, channels: channels, epsilon: epsilon)
            }
        let moments = x.then(.moments(normalisation))
        graph.addStatistic(moments: moments, mean: mean, variance: variance, momentum: momentum, normalisation)
        return graph.scaleAndShift(x.then(.normalise(normalisation), with: [moments]), width: channels)
    }
}

extension BatchNorm: NotatedLayer {
    static let notation = "batch-norm"
    static let shorthand: String? = "ghost"
    init(from reader: inout RecipeReader) throws(RecipeError) {
        let group: Group
        switch reader.value("ghost") {
        case .string("batch"): group = .batch
        case .int(let size) where size >= 2: group = .ghost(size)
        case let value?:
            throw .value(
                at: reader.at("ghost"), expected: "batch, or a number of examples of at least 2", found: value.text)
        case nil:
            throw reader.missing(
                "ghost",
                "the number of examples whose statistics are taken together, for example {batch-norm: {ghost: 32}}, "
                    + "or {batch-norm: batch} for all examples of an update")
        }
        self.init(
            over: group,
            momentum: Float(
                try reader.double("momentum", "a number from 0 to 1", where: { (0...1).contains($0) }) ?? 0.1),
            epsilon: try reader.epsilon())
    }
    var settings: [RecipeValue.Entry] {
        let ghost: RecipeValue = if case .ghost(let size) = group { .int(size) } else { .string("batch") }
        return [.init("ghost", ghost)] + (momentum == 0.1 ? [] : [.init("momentum", .decimal(momentum))])
            + epsilonSettings(epsilon)
    }
}
