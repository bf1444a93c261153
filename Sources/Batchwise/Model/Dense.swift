/// A fully connected layer: y = x W + b.
///
/// # Shapes
/// `[batch, in]` to `[batch, units]`; an image `[batch, height, width, channels]` is flattened first; a sequence
/// `[batch, length, in]` is mapped position by position. Parameters: `weight` (in files `[units, in]`), `bias`
/// `[units]`.
public struct Dense: PrimitiveLayer {
    /// The number of outputs of a dense layer.
    public enum Units: Hashable, Sendable, ExpressibleByIntegerLiteral {
        /// This many outputs.
        case count(Int)
        /// As many outputs as the targets need: the number of classes, or of values to predict.
        case classes

        /// `128` stands for `.count(128)`.
        public init(integerLiteral value: Int) { self = .count(value) }
    }

    /// The number of outputs.
    public var units: Units
    /// Whether a bias is added to each output.
    public var bias: Bool
    /// The rule for the first values of the weight. nil means `he` for hidden layers and `zeros` for the layer of the
    /// classes, so that a run begins at the loss of equal probabilities, and a high rate does not make the first
    /// updates diverge.
    public var initialisation: WeightInitialisation?

    /// A layer with this many outputs, or with `.classes`.
    public init(_ units: Units, bias: Bool = true, initialisation: WeightInitialisation? = nil) {
        self.units = units
        self.bias = bias
        self.initialisation = initialisation
    }

    /// A layer with this many outputs.
    public init(_ units: Int, bias: Bool = true, initialisation: WeightInitialisation? = nil) {
        self.init(.count(units), bias: bias, initialisation: initialisation)
    }

    /// Adds the product and its parameters to the graph. Throws where `x` has more than three axes beside the batch, or
    /// the number of outputs is out of range.
    public func lower(_ x: Symbol, into graph: inout GraphBuilder) throws(GraphError) -> Symbol {
        let outputs: Int
        switch units {
        case .count(let count): outputs = count
        case .classes: outputs = graph.outputs
        }
        guard (1...Int.largestSetting).contains(outputs) else {
            throw .setting(at: graph.path, "dense has \(outputs) units: give it 1 to \(Int.largestSetting)")
        }
        let lengths = x.shape.lengths
        guard x.shape.hasBatch, (1...3).contains(lengths.count), x.shape.elements > 0 else {
            throw .shape(at: graph.path, expected: "[batch, width]", found: x.shape)
        }
        let flat = lengths.count == 3 ? x.flattened() : x
        let inputs = flat.shape.width
        let start = initialisation ?? (units == .classes ? .zeros : .he)
        let weight = graph.parameter(
            "weight", [inputs, outputs], start.resolved(inputs: inputs, outputs: outputs), layout: .dense, decays: true)
        return flat.dense(weight, bias: bias ? graph.parameter("bias", [outputs], .zeros) : nil)
    }
}

extension Dense: NotatedLayer {
    static let notation = "dense"
    static let shorthand: String? = "units"

    init(from reader: inout RecipeReader) throws(RecipeError) {
        let units: Units
        switch reader.value("units") {
        case .int(let count) where count >= 1: units = .count(count)
        case .string("classes"), .string("outputs"): units = .classes
        case nil: throw reader.missing("units", "a whole number of at least 1, or classes")
        case let other?:
            throw .value(
                at: reader.at("units"), expected: "a whole number of at least 1, or classes", found: other.text)
        }
        self.init(
            units, bias: try reader.bool("bias") ?? true,
            initialisation: try reader.choice("initialisation", WeightInitialisation.self))
    }

    var settings: [RecipeValue.Entry] {
        var entries: [RecipeValue.Entry] = []
        switch units {
        case .count(let count): entries.append(.init("units", .int(count)))
        case .classes: entries.append(.init("units", .string("classes")))
        }
        if !bias { entries.append(.init("bias", .bool(false))) }
        if let initialisation { entries.append(.init("initialisation", .string(initialisation.rawValue))) }
        return entries
    }
}
