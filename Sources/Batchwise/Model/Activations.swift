/// max(x, 0)
public struct ReLU: PrimitiveLayer {
    public init() {}
    public func lower(_ x: Symbol, into graph: inout GraphBuilder) throws(GraphError) -> Symbol { x.relu() }
}

/// x where x > 0, slope x elsewhere.
public struct LeakyReLU: PrimitiveLayer {
    public var slope: Float
    /// The slope below 0.
    public init(_ slope: Float = 0.01) { self.slope = slope }
    public func lower(_ x: Symbol, into graph: inout GraphBuilder) throws(GraphError) -> Symbol {
        x.then(.unary(.leakyRelu(slope)))
    }
}

/// The hyperbolic tangent.
public struct Tanh: PrimitiveLayer {
    public init() {}
    public func lower(_ x: Symbol, into graph: inout GraphBuilder) throws(GraphError) -> Symbol { x.tanh() }
}

/// 1 / (1 + e^-x)
public struct Sigmoid: PrimitiveLayer {
    public init() {}
    public func lower(_ x: Symbol, into graph: inout GraphBuilder) throws(GraphError) -> Symbol { x.sigmoid() }
}

/// x (1 + erf(x / sqrt 2)) / 2, exact, not the tanh form [Hendrycks 2016].
public struct GELU: PrimitiveLayer {
    public init() {}
    public func lower(_ x: Symbol, into graph: inout GraphBuilder) throws(GraphError) -> Symbol {
        x.then(.unary(.gelu))
    }
}

/// x sigmoid(x), also called swish.
public struct SiLU: PrimitiveLayer {
    public init() {}
    public func lower(_ x: Symbol, into graph: inout GraphBuilder) throws(GraphError) -> Symbol {
        x.then(.unary(.silu))
    }
}

/// Inverted dropout: in training each number is set to 0 with this probability and the others are divided by
/// 1 - rate; in inference nothing happens [Srivastava 2014].
///
/// Which numbers go is a pure function of the seed, the epoch, the example and the layer.
public struct Dropout: PrimitiveLayer {
    public var rate: Float
    /// The probability, at least 0 and below 1.
    public init(_ rate: Float) { self.rate = rate }

    public func lower(_ x: Symbol, into graph: inout GraphBuilder) throws(GraphError) -> Symbol {
        guard rate >= 0, rate < 1 else {
            throw .setting(at: graph.path, "dropout has rate \(rate): give it 0 or more, and less than 1")
        }
        defer { graph.dropoutStreams += 1 }
        guard graph.purpose == .training, rate > 0 else { return x }
        return x.then(.dropout(rate: rate, stream: graph.dropoutStreams))
    }
}
