import CKernels

/// y = x w + bias, for every row of x.
struct DenseTraits: OperationTraits {
    var readsSparseRows: Bool { true }
    var takesDenseStorage: Bool { true }

    func shape(of inputs: [Shape]) -> Shape? { inputs[0].with(width: inputs[1].width) }

    func addGradient(_ dy: Int, of node: Int, to backward: inout Backward) throws(GraphError) {
        let inputs = backward.inputs(of: node)
        let (x, weight) = (inputs[0], inputs[1])
        if backward.isNeeded(x) { backward.accumulate(backward.add(.denseInputGradient, [dy, weight]), into: x) }
        try backward.addReduction(.denseWeightGradient, [x, dy], of: weight)
        if inputs.count > 2 { try backward.addReduction(.sumRows, [dy], of: inputs[2]) }
    }

    func addTangent(of node: Int, to tangents: inout TangentBuilder) -> [Int] {
        tangents.addTangentOfProduct(.dense, of: node)
    }

    func multiplications(_ shape: Shape, _ inputs: [Shape]) -> Double { denseMultiplications(inputs) }

    func sharing(_ shape: Shape, rows: Int, workers: Int) -> Sharing {
        denseSharing(shape, rows: rows, workers: workers)
    }

    func values<Scalar>(_ inputs: Interpreter<Scalar>.Operands) -> [Scalar] {
        let product = inputs.isTurned(1) ? Interpreter<Scalar>.narrowDense : Interpreter<Scalar>.dense
        return product(inputs[0], inputs[1], inputs.bias, inputs.node.shape.width)
    }

    func instruction(_ node: CompiledNode) -> Instruction? {
        let dense = node.denseShape(inputs: node.shape(0).width, outputs: node.width)
        return Instruction(
            BW_DO_DENSE, x: node.x(0), y: node.y, w: node.parameter(1), bias: node.optionalParameter(2),
            lead: node.lead, width: node.width
        ).of(dense).changed { $0.is_bfloat16 = node.isBFloat16(dense) }
    }
}

/// Multiplications of [x, w] or [dy, w], for one example.
func denseMultiplications(_ inputs: [Shape]) -> Double {
    Double(inputs[0].elements / inputs[0].width) * Double(inputs[1].elements)
}

/// Shared by rows, each worker reads all the weights, most of which others have just changed; shared by columns, each
/// reads all rows of the input. The smaller of the two should travel between cores.
func denseSharing(_ shape: Shape, rows: Int, workers: Int) -> Sharing {
    let lead = shape.elements / shape.width
    return shape.width >= 16 * workers && rows * lead <= shape.width ? .columns : .rows
}

extension CompiledNode {
    func denseShape(inputs: Int, outputs: Int) -> bw_dense_shape {
        guard case .parameter(let weight) = graph.nodes[node.inputs[1]].operation else { return .init() }
        return .init(inputs: inputs, outputs: outputs, panel: layout.panel(weight))
    }

    func isBFloat16(_ dense: bw_dense_shape) -> Int32 {
        graph.precision == .bfloat16 && dense.panel > 0 && graph.nodes[node.inputs[0]].operation != .sparseInput
            ? 1 : 0
    }
}

extension Interpreter {
    /// y[r, o] = bias[o] + sum over i of x[r, i] w[i, o]
    static func dense(_ x: [Scalar], _ w: [Scalar], bias: [Scalar]?, outputs: Int) -> [Scalar] {
        let inputs = w.count / outputs
        var y: [Scalar] = []
        for row in 0..<x.count / inputs {
            for output in 0..<outputs {
                var sum = bias?[output] ?? 0
                for input in 0..<inputs {
                    sum = sum.addingProduct(x[row * inputs + input], w[input * outputs + output])
                }
                y.append(sum)
            }
        }
        return y
    }

    /// y = x w + bias for a weight that lies turned: step i goes to sum i % 16 of sixteen, which are added up halves
    /// onto halves.
    static func narrowDense(_ x: [Scalar], _ w: [Scalar], bias: [Scalar]?, outputs: Int) -> [Scalar] {
        let inputs = w.count / outputs
        var y: [Scalar] = []
        for row in 0..<x.count / inputs {
            for output in 0..<outputs {
                var sums = [Scalar](repeating: 0, count: 16)
                for input in 0..<inputs {
                    sums[input % 16] =
                        sums[input % 16].addingProduct(x[row * inputs + input], w[input * outputs + output])
                }
                while sums.count > 1 { sums = zip(sums, sums[(sums.count / 2)...]).map { $0 + $1 } }
                y.append(sums[0] + (bias?[output] ?? 0))
            }
        }
        return y
    }
}
