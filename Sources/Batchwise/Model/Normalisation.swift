/// Normalises the last axis of each example, then scales and shifts it [Ba 2016].
///
/// # Shapes
/// Any `[batch, …, width]`, unchanged. Parameters: `weight` `[width]`, `bias` `[width]`.
public struct LayerNorm: PrimitiveLayer {
    /// The number above 0 that is added to the variance.
    public var epsilon: Float
    /// A layer norm with this number, above 0, added to the variance.
    public init(epsilon: Float = 1e-5) { self.epsilon = epsilon }

    /// Adds the normalisation and its parameters to the graph. Throws where `x` has no last axis or `epsilon` is not
    /// above 0.
    public func lower(_ x: Symbol, into graph: inout GraphBuilder) throws(GraphError) -> Symbol {
        guard epsilon > 0 else { throw .setting(at: graph.path, "epsilon \(epsilon) is not above 0") }
        guard x.shape.hasBatch, x.shape.count >= 2, x.shape.elements > 0 else {
            throw .shape(at: graph.path, expected: "[batch, …, width]", found: x.shape)
        }
        let width = x.shape.width
        let lead = x.shape.elements / width
        let normalisation = Normalisation.group(lead: lead, positions: 1, channels: width, groups: 1, epsilon: epsilon)
        return graph.scaleAndShift(x.normalised(normalisation), width: width)
    }
}

/// Normalises groups of channels of each example over all its pixels, then scales and shifts each channel [Wu 2018].
///
/// An example's output does not depend on its batch. One group is layer normalisation over channels and space; as many
/// groups as channels is instance normalisation.
///
/// # Shapes
/// `[batch, …, channels]`, unchanged. Parameters: `weight` `[channels]`, `bias` `[channels]`.
public struct GroupNorm: PrimitiveLayer {
    /// The number of groups, which divides the channels.
    public var groups: Int
    /// The number above 0 that is added to the variance.
    public var epsilon: Float

    /// A group norm of this many groups, which must divide the channels.
    public init(groups: Int, epsilon: Float = 1e-5) {
        self.groups = groups
        self.epsilon = epsilon
    }

    /// Adds the normalisation and its parameters to the graph. Throws where the groups do not divide the channels.
    public func lower(_ x: Symbol, into graph: inout GraphBuilder) throws(GraphError) -> Symbol {
        guard epsilon > 0 else { throw .setting(at: graph.path, "epsilon \(epsilon) is not above 0") }
        guard x.shape.hasBatch, x.shape.count >= 2, x.shape.elements > 0 else {
            throw .shape(at: graph.path, expected: "[batch, …, channels]", found: x.shape)
        }
        let channels = x.shape.width
        guard groups >= 1, channels % groups == 0 else {
            throw .setting(at: graph.path, "\(groups) groups do not divide \(channels) channels")
        }
        let normalisation = Normalisation.group(
            lead: 1, positions: x.shape.elements / channels, channels: channels, groups: groups, epsilon: epsilon)
        return graph.scaleAndShift(x.normalised(normalisation), width: channels)
    }
}

/// Normalises each channel of each example over all its pixels, then scales and shifts it [Ulyanov 2016]: group
/// normalisation with as many groups as channels.
///
/// # Shapes
/// `[batch, …, channels]`, unchanged. Parameters: `weight` `[channels]`, `bias` `[channels]`.
public struct InstanceNorm: PrimitiveLayer {
    /// The number above 0 that is added to the variance.
    public var epsilon: Float
    /// An instance norm with this number, above 0, added to the variance.
    public init(epsilon: Float = 1e-5) { self.epsilon = epsilon }

    /// Adds the normalisation and its parameters to the graph. Throws where `x` has no channels.
    public func lower(_ x: Symbol, into graph: inout GraphBuilder) throws(GraphError) -> Symbol {
        try GroupNorm(groups: max(x.shape.width, 1), epsilon: epsilon).lower(x, into: &graph)
    }
}

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

extension Symbol {
    fileprivate func normalised(_ normalisation: Normalisation) -> Symbol {
        then(.normalise(normalisation), with: [then(.moments(normalisation))])
    }
}

extension GraphBuilder {
    fileprivate mutating func scaleAndShift(_ x: Symbol, width: Int) -> Symbol {
        x * parameter("weight", [width], .ones) + parameter("bias", [width], .zeros)
    }

    fileprivate mutating func addStatistic(
        moments: Symbol, mean: Symbol, variance: Symbol, momentum: Float, _ normalisation: Normalisation
    ) {
        func index(_ symbol: Symbol) -> Int {
            if case .parameter(let index) = recorder.graph.nodes[symbol.node].operation { index } else { -1 }
        }
        recorder.graph.statistics.append(
            .init(
                moments: moments.node, mean: index(mean), variance: index(variance), momentum: momentum,
                normalisation: normalisation))
    }
}
