import CKernels

/// A convolution of images `[height, width, channels]` that carry their padding, plus a bias.
struct ConvolutionTraits: OperationTraits {
    let convolution: ConvolutionShape

    func shape(of inputs: [Shape]) -> Shape? { convolution.output }

    func addGradient(_ dy: Int, of node: Int, to backward: inout Backward) throws(GraphError) {
        let inputs = backward.inputs(of: node)
        let (x, weight) = (inputs[0], inputs[1])
        if backward.isNeeded(x) {
            // nothing needs the gradient of a border of zeros, so it is not computed
            var (image, border) = (x, (top: 0, left: 0))
            if case .pad(let pad) = backward.graph.nodes[x].operation, pad.isBorder {
                (image, border) = (backward.inputs(of: x)[0], (pad.top, pad.left))
            }
            let (pad, flipped) = convolution.inputGradient(backward.graph.shape(image), border)
            let padded = backward.add(.pad(pad), [dy])
            backward.accumulate(backward.add(.convolutionInputGradient(flipped), [padded, weight]), into: image)
        }
        try backward.addReduction(.convolutionWeightGradient(convolution), [x, dy], of: weight)
        if inputs.count > 2 { try backward.addReduction(.sumRows, [dy], of: inputs[2]) }
    }

    func addTangent(of node: Int, to tangents: inout TangentBuilder) -> [Int] {
        tangents.addTangentOfProduct(.convolution(convolution), of: node)
    }

    func multiplications(_ shape: Shape, _ inputs: [Shape]) -> Double { convolution.multiplications(inputs[1]) }

    func sharing(_ shape: Shape, rows: Int, workers: Int) -> Sharing { rows == 1 ? .lines : .rows }

    func values<Scalar>(_ inputs: Interpreter<Scalar>.Operands) -> [Scalar] {
        Interpreter<Scalar>.convolution(convolution, inputs[0], inputs[1], bias: inputs.bias)
    }

    func instruction(_ node: CompiledNode) -> Instruction? {
        Instruction(
            BW_DO_CONVOLUTION, x: node.x(0), y: node.y, w: node.parameter(1), bias: node.optionalParameter(2),
            width: node.size
        ).of(convolution)
    }
}

extension Interpreter {
    /// y[r, c, o] = bias[o] + sum over kernel rows i, kernel columns j and the group's channels k of
    /// x[r stride + i dilation, c stride + j dilation, k] w[i, j, k, o]
    static func convolution(
        _ shape: ConvolutionShape, _ x: [Scalar], _ w: [Scalar], bias: [Scalar]?
    ) -> [Scalar] {
        let taps = (0..<shape.groups).map { shape.taps(ofGroup: $0) }
        var y: [Scalar] = []
        for image in 0..<shape.images(in: x.count) {
            for row in 0..<shape.outHeight {
                for column in 0..<shape.outWidth {
                    for output in 0..<shape.outChannels {
                        var sum = bias?[output] ?? 0
                        for tap in taps[output / shape.groupOutputs] {
                            sum = sum.addingProduct(
                                x[shape.place(image, row, column, tap)],
                                w[tap.weight * shape.groupOutputs + output % shape.groupOutputs])
                        }
                        y.append(sum)
                    }
                }
            }
        }
        return y
    }
}
