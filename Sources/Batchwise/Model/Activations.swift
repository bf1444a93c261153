/// The rectified linear unit: max(x, 0) for every element. The shape stays the same.
public struct ReLU: PrimitiveLayer {
    /// A rectified linear unit.
    public init() {}
    /// Adds max(x, 0) to the graph.
    public func lower(_ x: Symbol, into graph: inout GraphBuilder) throws(GraphError) -> Symbol { x.relu() }
}

extension ReLU: NotatedLayer {
    static let notation = "relu"
    init(from reader: inout RecipeReader) throws(RecipeError) { self.init() }
}

/// A leaky rectified linear unit: x where x > 0, and slope x elsewhere. The shape stays the same.
public struct LeakyReLU: PrimitiveLayer {
    /// The slope for elements below 0.
    public var slope: Float

    /// A leaky rectified linear unit with this slope.
    public init(_ slope: Float = 0.01) { self.slope = slope }
    /// Adds the leaky rectified linear unit of `x` to the graph.
    public func lower(_ x: Symbol, into graph: inout GraphBuilder) throws(GraphError) -> Symbol {
        x.then(.unary(.leakyRelu(slope)))
    }
}

extension LeakyReLU: NotatedLayer {
    static let notation = "leaky-relu"
    static let shorthand: String? = "slope"
    init(from reader: inout RecipeReader) throws(RecipeError) {
        self.init(try reader.float("slope", .finite) ?? 0.01)
    }
    var settings: [RecipeValue.Entry] { [.init("slope", .decimal(slope))] }
}

/// The hyperbolic tangent of every element. The shape stays the same.
public struct Tanh: PrimitiveLayer {
    /// A hyperbolic tangent.
    public init() {}
    /// Adds tanh(x) to the graph.
    public func lower(_ x: Symbol, into graph: inout GraphBuilder) throws(GraphError) -> Symbol { x.tanh() }
}

extension Tanh: NotatedLayer {
    static let notation = "tanh"
    init(from reader: inout RecipeReader) throws(RecipeError) { self.init() }
}

/// The logistic function 1 / (1 + e^-x) of every element. The shape stays the same.
public struct Sigmoid: PrimitiveLayer {
    /// A logistic function.
    public init() {}
    /// Adds 1 / (1 + e^-x) to the graph.
    public func lower(_ x: Symbol, into graph: inout GraphBuilder) throws(GraphError) -> Symbol { x.sigmoid() }
}

extension Sigmoid: NotatedLayer {
    static let notation = "sigmoid"
    init(from reader: inout RecipeReader) throws(RecipeError) { self.init() }
}

/// The Gaussian error linear unit x (1 + erf(x / sqrt 2)) / 2: the exact form, not the one with tanh [Hendrycks 2016].
public struct GELU: PrimitiveLayer {
    /// A Gaussian error linear unit.
    public init() {}
    /// Adds x (1 + erf(x / sqrt 2)) / 2 to the graph.
    public func lower(_ x: Symbol, into graph: inout GraphBuilder) throws(GraphError) -> Symbol {
        x.then(.unary(.gelu))
    }
}

extension GELU: NotatedLayer {
    static let notation = "gelu"
    init(from reader: inout RecipeReader) throws(RecipeError) { self.init() }
}

/// The sigmoid linear unit x sigmoid(x), also called swish. The shape stays the same.
public struct SiLU: PrimitiveLayer {
    /// A sigmoid linear unit.
    public init() {}
    /// Adds x sigmoid(x) to the graph.
    public func lower(_ x: Symbol, into graph: inout GraphBuilder) throws(GraphError) -> Symbol {
        x.then(.unary(.silu))
    }
}

extension SiLU: NotatedLayer {
    static let notation = "silu"
    init(from reader: inout RecipeReader) throws(RecipeError) { self.init() }
}
