/// The rectified linear unit: max(x, 0) for every element. The shape stays the same.
public struct ReLU: PrimitiveLayer {
    /// A rectified linear unit.
    public init() {}
    /// Adds max(x, 0) to the graph.
    public func lower(_ x: Symbol, into graph: inout GraphBuilder) throws(GraphError) -> Symbol { x.relu() }
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

/// The hyperbolic tangent of every element. The shape stays the same.
public struct Tanh: PrimitiveLayer {
    /// A hyperbolic tangent.
    public init() {}
    /// Adds tanh(x) to the graph.
    public func lower(_ x: Symbol, into graph: inout GraphBuilder) throws(GraphError) -> Symbol { x.tanh() }
}

/// The logistic function 1 / (1 + e^-x) of every element. The shape stays the same.
public struct Sigmoid: PrimitiveLayer {
    /// A logistic function.
    public init() {}
    /// Adds 1 / (1 + e^-x) to the graph.
    public func lower(_ x: Symbol, into graph: inout GraphBuilder) throws(GraphError) -> Symbol { x.sigmoid() }
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

/// The sigmoid linear unit x sigmoid(x), also called swish. The shape stays the same.
public struct SiLU: PrimitiveLayer {
    /// A sigmoid linear unit.
    public init() {}
    /// Adds x sigmoid(x) to the graph.
    public func lower(_ x: Symbol, into graph: inout GraphBuilder) throws(GraphError) -> Symbol {
        x.then(.unary(.silu))
    }
}

/// Inverted dropout: in training each number is set to 0 with this probability and the others are divided by
/// 1 - rate; in inference nothing happens [Srivastava 2014].
///
/// Which elements become 0 is a pure function of the seed, the epoch, the example and the layer.
public struct Dropout: PrimitiveLayer {
    /// The probability that an element becomes 0, at least 0 and below 1.
    public var rate: Float
    /// The probability, at least 0 and below 1.
    public init(_ rate: Float) { self.rate = rate }

    /// Adds dropout to the graph in training; returns `x` itself in inference. Throws where the rate is out of range.
    public func lower(_ x: Symbol, into graph: inout GraphBuilder) throws(GraphError) -> Symbol {
        guard rate >= 0, rate < 1 else {
            throw .setting(at: graph.path, "dropout has rate \(rate): give it 0 or more, and less than 1")
        }
        defer { graph.dropoutStreams += 1 }
        guard graph.purpose == .training, rate > 0 else { return x }
        return x.then(.dropout(rate: rate, stream: graph.dropoutStreams))
    }
}
