import CKernels

/// dx = dy w'
struct DenseInputGradientTraits: OperationTraits {
    var takesDenseStorage: Bool { true }

    func shape(of inputs: [Shape]) -> Shape? { inputs[0].with(width: inputs[1].lengths[0]) }

    func addGradient(_ dy: Int, of node: Int, to backward: inout Backward) throws(GraphError) {
        throw backward.noGradient(of: node)
    }

    func addTangent(of node: Int, to tangents: inout TangentBuilder) -> [Int] {
        tangents.addProductRule(.denseInputGradient, of: node)
    }

    func multiplications(_ shape: Shape, _ inputs: [Shape]) -> Double { denseMultiplications(inputs) }

    func sharing(_ shape: Shape, rows: Int, workers: Int) -> Sharing {
        denseSharing(shape, rows: rows, workers: workers)
    }

    func values<Scalar>(_ inputs: Interpreter<Scalar>.Operands) -> [Scalar] {
        Interpreter<Scalar>.denseInputGradient(inputs[0], inputs[1], inputs: inputs.node.shape.width)
    }

    func instruction(_ node: CompiledNode) -> Instruction? {
        let dense = node.denseShape(inputs: node.width, outputs: node.shape(0).width)
        return Instruction(
            BW_DO_DENSE_INPUT_GRADIENT, x: node.x(0), y: node.y, w: node.parameter(1), lead: node.lead,
            width: node.width
        ).of(dense).changed { $0.is_bfloat16 = node.isBFloat16(dense) }
    }
}

/// dw = x' dy, summed over the batch.
struct DenseWeightGradientTraits: ReductionTraits {
    var readsSparseRows: Bool { true }
    var takesDenseStorage: Bool { true }

    func shape(of inputs: [Shape]) -> Shape? { .fixed([inputs[0].width, inputs[1].width]) }

    func multiplications(_ shape: Shape, _ inputs: [Shape]) -> Double { denseMultiplications([inputs[0], shape]) }

    func addTangent(of node: Int, to tangents: inout TangentBuilder) -> [Int] {
        tangents.addProductRule(.denseWeightGradient, of: node)
    }

    func values<Scalar>(_ inputs: Interpreter<Scalar>.Operands) -> [Scalar] {
        Interpreter<Scalar>.denseWeightGradient(inputs[0], inputs[1], start: inputs.start, inputs.node.shape)
    }

    func reduction(_ node: CompiledNode, _ storage: WeightStorage) -> bw_reduction {
        let x = node.graph.nodes[node.node.inputs[0]].operation
        var reduction = node.reduction(BW_REDUCE_DENSE)
        reduction.is_bfloat16 = x == .pairRows ? 1 : 0
        reduction.example_rows = node.shape(0).elements / node.shape(0).width
        (reduction.inputs, reduction.outputs) = (node.shape(0).width, node.shape(1).width)
        if x == .sparseInput {
            reduction.kind = BW_REDUCE_SPARSE
            reduction.is_turned = storage == .turned ? 1 : 0
        } else if storage == .turned {
            swap(&reduction.x, &reduction.dy)
            swap(&reduction.inputs, &reduction.outputs)
        }
        return reduction
    }
}

extension Interpreter {
    /// dx[r, i] = sum over o of dy[r, o] w[i, o]
    static func denseInputGradient(_ dy: [Scalar], _ w: [Scalar], inputs: Int) -> [Scalar] {
        let outputs = w.count / inputs
        var dx: [Scalar] = []
        for row in 0..<dy.count / outputs {
            for input in 0..<inputs {
                var sum: Scalar = 0
                for output in 0..<outputs {
                    sum = sum.addingProduct(dy[row * outputs + output], w[input * outputs + output])
                }
                dx.append(sum)
            }
        }
        return dx
    }

    /// dw[i, o] = start[i, o] + sum over r of x[r, i] dy[r, o]
    static func denseWeightGradient(_ x: [Scalar], _ dy: [Scalar], start: [Scalar], _ shape: Shape) -> [Scalar] {
        let outputs = shape.width
        let inputs = shape.elements / outputs
        var dw = start
        for input in 0..<inputs {
            for output in 0..<outputs {
                for row in 0..<x.count / inputs {
                    dw[input * outputs + output] = dw[input * outputs + output]
                        .addingProduct(x[row * inputs + input], dy[row * outputs + output])
                }
            }
        }
        return dw
    }
}
