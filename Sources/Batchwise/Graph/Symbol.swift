/// A tensor of the graph. A layer is given one as its input and returns one as its output.
///
/// Arithmetic on symbols records operations, and their gradients come from the graph. The right operand of `+ - * /`
/// has the left one's shape, or is a parameter whose shape is the end of it, or has 1 as its last axis.
public struct Symbol {
    let recorder: GraphBuilder.Recorder
    let node: Int
    /// The shape of the tensor, with the batch axis first; a parameter has no batch axis.
    public let shape: Shape

    func then(_ operation: Operation, with others: [Symbol] = [], shape: Shape? = nil) -> Symbol {
        if !self.shape.hasBatch {
            return failing("functions of parameters alone are not supported: combine them with the input first")
        }
        return recorder.add(operation, [self] + others, shape)
    }

    func failing(_ reason: String) -> Symbol {
        recorder.failure = recorder.failure ?? .unsupported(at: recorder.place, reason)
        return self
    }

    private static func binary(_ operation: Binary, _ a: Symbol, _ b: Symbol) -> Symbol {
        guard a.recorder === b.recorder else { return a.failing("symbols of two different graphs do not combine") }
        if !a.shape.hasBatch && b.shape.hasBatch {
            switch operation {
            case .add, .multiply: return binary(operation, b, a)
            case .subtract: return binary(.add, b.then(.unary(.scale(-1))), a)
            case .divide: return binary(.multiply, b.then(.unary(.reciprocal)), a)
            }
        }
        let x = a.shape.lengths
        let y = b.shape.lengths
        if !b.shape.hasBatch {
            guard y.count <= x.count, Array(x.suffix(y.count)) == y else {
                return a.failing("a parameter of shape \(b.shape) does not match the end of \(a.shape)")
            }
        } else if x != y {
            guard x.count == y.count, x.dropLast() == y.dropLast() else {
                return a.failing("shapes \(a.shape) and \(b.shape) do not match")
            }
            if x.last == 1 { return binary(operation, a.then(.spreadLast, shape: b.shape), b) }
            guard y.last == 1 else { return a.failing("shapes \(a.shape) and \(b.shape) do not match") }
        }
        return a.then(.binary(operation), with: [b])
    }

    /// a + b, element by element. Shapes that do not match make the layer's ``GraphError``.
    public static func + (a: Symbol, b: Symbol) -> Symbol { binary(.add, a, b) }
    /// a - b, element by element. Shapes that do not match make the layer's ``GraphError``.
    public static func - (a: Symbol, b: Symbol) -> Symbol { binary(.subtract, a, b) }
    /// a * b, element by element. Shapes that do not match make the layer's ``GraphError``.
    public static func * (a: Symbol, b: Symbol) -> Symbol { binary(.multiply, a, b) }
    /// a / b, element by element. Shapes that do not match make the layer's ``GraphError``.
    public static func / (a: Symbol, b: Symbol) -> Symbol { binary(.divide, a, b) }
    /// factor * x, for every element.
    public static func * (factor: Float, x: Symbol) -> Symbol { x.then(.unary(.scale(factor))) }
    /// factor * x, for every element.
    public static func * (x: Symbol, factor: Float) -> Symbol { x.then(.unary(.scale(factor))) }
    /// x + offset, for every element.
    public static func + (x: Symbol, offset: Float) -> Symbol { x.then(.unary(.offset(offset))) }
    /// x - offset, for every element.
    public static func - (x: Symbol, offset: Float) -> Symbol { x.then(.unary(.offset(-offset))) }
    /// -x, for every element.
    public static prefix func - (x: Symbol) -> Symbol { x.then(.unary(.scale(-1))) }

    /// max(x, 0)
    public func relu() -> Symbol { then(.unary(.relu)) }
    /// The hyperbolic tangent.
    public func tanh() -> Symbol { then(.unary(.tanh)) }
    /// 1 / (1 + e^-x)
    public func sigmoid() -> Symbol { then(.unary(.sigmoid)) }
    /// e^x
    public func exp() -> Symbol { then(.unary(.exp)) }
    /// The natural logarithm.
    public func log() -> Symbol { then(.unary(.log)) }
    /// The square root.
    public func sqrt() -> Symbol { then(.unary(.sqrt)) }
    /// x^2
    public func square() -> Symbol { then(.unary(.square)) }
    /// The matrix product with a weight `[in, out]`: the last axis, of length in, becomes out.
    public func dense(_ weight: Symbol, bias: Symbol? = nil) -> Symbol {
        let inputs = weight.shape.lengths
        guard !weight.shape.hasBatch, inputs.count == 2, shape.count >= 2, shape.width == inputs[0] else {
            return failing("a weight of shape \(weight.shape) does not follow \(shape)")
        }
        if let bias, bias.shape.hasBatch || bias.shape.lengths != [inputs[1]] {
            return failing("a bias of shape \(bias.shape) does not go with a weight of shape \(weight.shape)")
        }
        return then(.dense, with: [weight] + (bias.map { [$0] } ?? []))
    }
    /// The same elements in another shape, given without the batch axis; their number must not change.
    public func reshaped(_ lengths: [Int]) -> Symbol {
        guard lengths.reduce(1, *) == shape.elements else { return failing("\(shape) does not hold \(lengths)") }
        return then(.reshape, shape: .batch(lengths))
    }
    /// The last two axes in each other's place: `[batch, a, b]` becomes `[batch, b, a]`.
    public func transposed() -> Symbol {
        guard shape.hasBatch, shape.count == 3 else { return failing("\(shape) has not two axes to transpose") }
        return then(.transpose)
    }
    /// All numbers of an example in one row. Those of an image, `[batch, height, width, channels]`, lie channel by channel
    /// there, as in PyTorch, so that weights which follow mean the same in both; those of a sequence step by step.
    public func flattened() -> Symbol {
        let lengths = shape.lengths
        guard lengths.count == 3, lengths[2] > 1, lengths[0] * lengths[1] > 1 else { return reshaped([shape.elements]) }
        return reshaped([lengths[0] * lengths[1], lengths[2]]).transposed().reshaped([shape.elements])
    }
}
