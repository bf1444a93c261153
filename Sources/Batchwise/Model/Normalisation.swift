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

extension LayerNorm: NotatedLayer {
    static let notation = "layer-norm"
    init(from reader: inout RecipeReader) throws(RecipeError) { self.init(epsilon: try reader.epsilon()) }
    var settings: [RecipeValue.Entry] { epsilonSettings(epsilon) }
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

extension GroupNorm: NotatedLayer {
    static let notation = "group-norm"
    static let shorthand: String? = "groups"
    init(from reader: inout RecipeReader) throws(RecipeError) {
        guard let groups = try reader.int("groups") else {
            throw reader.missing("groups", "the number of groups of channels")
        }
        self.init(groups: groups, epsilon: try reader.epsilon())
    }
    var settings: [RecipeValue.Entry] { [.init("groups", .int(groups))] + epsilonSettings(epsilon) }
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

extension InstanceNorm: NotatedLayer {
    static let notation = "instance-norm"
    init(from reader: inout RecipeReader) throws(RecipeError) { self.init(epsilon: try reader.epsilon()) }
    var settings: [RecipeValue.Entry] { epsilonSettings(epsilon) }
}

extension Symbol {
    fileprivate func normalised(_ normalisation: Normalisation) -> Symbol {
        then(.normalise(normalisation), with: [then(.moments(normalisation))])
    }
}

extension GraphBuilder {
    mutating func scaleAndShift(_ x: Symbol, width: Int) -> Symbol {
        x * parameter("weight", [width], .ones) + parameter("bias", [width], .zeros)
    }

    mutating func addStatistic(
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

extension RecipeReader {
    mutating func epsilon() throws(RecipeError) -> Float {
        try float("epsilon", .positive) ?? 1e-5
    }
}

func epsilonSettings(_ epsilon: Float) -> [RecipeValue.Entry] {
    epsilon == 1e-5 ? [] : [.init("epsilon", .decimal(epsilon))]
}
