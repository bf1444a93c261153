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
        guard graph.purpose == .training, !graph.omitsDropout, rate > 0 else { return x }
        return x.then(.dropout(rate: rate, stream: graph.dropoutStreams))
    }
}

extension Dropout: NotatedLayer {
    static let notation = "dropout"
    static let shorthand: String? = "rate"
    init(from reader: inout RecipeReader) throws(RecipeError) {
        guard let rate = try reader.float("rate", .fraction) else {
            throw reader.missing("rate", NumberLimit.fraction.text)
        }
        self.init(rate)
    }
    var settings: [RecipeValue.Entry] { [.init("rate", .decimal(rate))] }
}
