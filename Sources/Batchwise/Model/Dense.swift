/// A fully connected layer: y = x W + b.
///
/// # Shapes
/// `[batch, in]` to `[batch, units]`; an image `[batch, height, width, channels]` is flattened first; a sequence
/// `[batch, length, in]` is mapped position by position. Parameters: `weight` (in files `[units, in]`), `bias` `[units]`.
public struct Dense: PrimitiveLayer {
    /// How many outputs.
    public enum Units: Hashable, Sendable, ExpressibleByIntegerLiteral {
        case count(Int)
        /// As many as the targets ask for: classes, or values to predict.
        case classes

        public init(integerLiteral value: Int) { self = .count(value) }
    }

    public var units: Units
    public var bias: Bool
    /// nil is `he` for hidden layers and `zeros` for the layer of the classes: a run then begins at the loss of knowing
    /// nothing, and high rates do not throw it off in its first updates.
    public var initialisation: WeightInitialisation?

    /// As many units as given, or `.classes`.
    public init(_ units: Units, bias: Bool = true, initialisation: WeightInitialisation? = nil) {
        self.units = units
        self.bias = bias
        self.initialisation = initialisation
    }

    /// As many units as given.
    public init(_ units: Int, bias: Bool = true, initialisation: WeightInitialisation? = nil) {
        self.init(.count(units), bias: bias, initialisation: initialisation)
    }

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
        let flat = lengths.count == 3 ? x.reshaped([x.shape.elements]) : x
        let inputs = flat.shape.width
        let start = initialisation ?? (units == .classes ? .zeros : .he)
        let weight = graph.parameter(
            "weight", [inputs, outputs], start.resolved(inputs: inputs, outputs: outputs), layout: .dense, decays: true)
        return flat.dense(weight, bias: bias ? graph.parameter("bias", [outputs], .zeros) : nil)
    }
}

/// An image or sequence as one row of numbers: `[batch, height, width, channels]` to `[batch, height * width * channels]`.
public struct Flatten: PrimitiveLayer {
    public init() {}
    public func lower(_ x: Symbol, into graph: inout GraphBuilder) throws(GraphError) -> Symbol {
        x.reshaped([x.shape.elements])
    }
}
