@testable import Batchwise

/// Every arithmetic form and function of symbols, on an input `[batch, ..., 4]`.
struct EveryOperator: PrimitiveLayer {
    func lower(_ x: Symbol, into graph: inout GraphBuilder) throws(GraphError) -> Symbol {
        let gain = graph.parameter("gain", [4], .ones)
        let shift = graph.parameter("shift", [4], .zeros)
        let whole = graph.parameter("whole", x.shape.lengths, .ones)
        let one = graph.parameter("one", [1], .ones)
        let weight = graph.parameter("weight", [4, 4], .normal(1))
        let bias = graph.parameter("bias", [4], .zeros)

        let positive = x.square() + 0.5
        // Parameters on either side.
        var y = (gain * x + shift) / positive + gain / positive + (shift - x.tanh()) + (x.sigmoid() - gain) / whole
        y = y + (whole + x) * (whole * x)
        // A last axis of 1 on either side.
        let total = positive.sumLast() * one
        let mean = x.meanLast()
        y = y + x.exp() / x.exp().sumLast() + mean * x + (mean - x) / total + (x - mean) * total + total / positive
        y = y + (mean + positive.log()) - (positive.sqrt() - mean)
        // Numbers.
        y = y + 2 * x.relu() - x * 0.3 + (-x - 1.5).square()
        // Shapes and products.
        let flat = x.reshaped([x.shape.elements]).reshaped(x.shape.lengths)
        return y.dense(weight, bias: bias) * flat + y.dense(weight)
    }
}

/// Every function of the last axis, on an input `[batch, ..., 4]`.
struct EveryLastAxisFunction: PrimitiveLayer {
    func lower(_ x: Symbol, into graph: inout GraphBuilder) throws(GraphError) -> Symbol {
        let weight = graph.parameter("weight", [4, 5], .normal(1))
        let y = x.dense(weight)
        let odds = y.softmax()
        let parts = y.slice(1..<4).concatenated(with: odds, x.maxLast(), y.slice(4..<5).square())
        return parts * y.maxLast() + parts.meanLast() / (odds.slice(0..<1).sumLast() + 1)
    }
}

/// A weight that the layer uses three times, so that its gradient is the sum of three reductions.
struct Tied: PrimitiveLayer {
    func lower(_ x: Symbol, into graph: inout GraphBuilder) throws(GraphError) -> Symbol {
        let weight = graph.parameter("weight", [4, 4], .normal(1))
        return x.dense(weight).tanh().dense(weight).tanh().dense(weight)
    }
}

/// A weight used in a product and element by element.
struct Mixed: PrimitiveLayer {
    func lower(_ x: Symbol, into graph: inout GraphBuilder) throws(GraphError) -> Symbol {
        let weight = graph.parameter("weight", x.shape.lengths, .normal(0.05))
        return (x.dense(weight) + weight).tanh()
    }
}

private struct Block: Layer {
    var width: Int
    var isNormalised: Bool
    var body: some Layer {
        Dense(width, bias: !isNormalised).named("in")
        if isNormalised { BatchNorm(ghost: 3) }
        SiLU()
    }
}

/// Composites within composites, with `for`, `if` and names.
struct Tower: Layer {
    var blocks: Int
    var isNormalised: Bool
    var body: some Layer {
        for index in 0..<blocks { Block(width: 4 + index, isNormalised: isNormalised) }
        Residual { Block(width: 3 + blocks, isNormalised: false) }
        Dense(.classes).named("logits")
    }
}
