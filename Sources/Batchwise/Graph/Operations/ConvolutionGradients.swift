import CKernels

/// dx from a padded and spread dy: a plain convolution with the weights flipped.
struct ConvolutionInputGradientTraits: OperationTraits {
    let convolution: ConvolutionShape

    var readsMirror: Bool { true }

    func shape(of inputs: [Shape]) -> Shape? { convolution.output }

    func addGradient(_ dy: Int, of node: Int, to backward: inout Backward) throws(GraphError) {
        throw backward.noGradient(of: node)
    }

    func addTangent(of node: Int, to tangents: inout TangentBuilder) -> [Int] {
        tangents.addProductRule(.convolutionInputGradient(convolution), of: node)
    }

    func multiplications(_ shape: Shape, _ inputs: [Shape]) -> Double { convolution.multiplications(inputs[1]) }

    func sharing(_ shape: Shape, rows: Int, workers: Int) -> Sharing { rows == 1 ? .lines : .rows }

    func values<Scalar>(_ inputs: Interpreter<Scalar>.Operands) -> [Scalar] {
        Interpreter<Scalar>.convolutionInputGradient(convolution, inputs[0], inputs[1])
    }

    func instruction(_ node: CompiledNode) -> Instruction? {
        Instruction(BW_DO_CONVOLUTION, x: node.x(0), y: node.y, w: node.mirror(1), width: node.size)
            .of(convolution).changed { $0.is_mirrored = 1 }
    }
}

/// dw, summed over the batch and the pixels.
struct ConvolutionWeightGradientTraits: ReductionTraits {
    let convolution: ConvolutionShape

    func shape(of inputs: [Shape]) -> Shape? { convolution.weight }

    func multiplications(_ shape: Shape, _ inputs: [Shape]) -> Double { convolution.multiplications(shape) }

    func addTangent(of node: Int, to tangents: inout TangentBuilder) -> [Int] {
        tangents.addProductRule(.convolutionWeightGradient(convolution), of: node)
    }

    func values<Scalar>(_ inputs: Interpreter<Scalar>.Operands) -> [Scalar] {
        Interpreter<Scalar>.convolutionWeightGradient(convolution, inputs[0], inputs[1], start: inputs.start)
    }

    func reduction(_ node: CompiledNode, _ storage: WeightStorage) -> bw_reduction {
        var reduction = node.reduction(BW_REDUCE_CONVOLUTION)
        (reduction.inputs, reduction.outputs) = (node.shape(0).elements, node.shape(1).elements)
        reduction.convolution = convolution.kernel
        return reduction
    }
}

extension Interpreter {
    /// dx from a padded and spread dy: the same convolution with the weights turned by half a turn, inputs and outputs
    /// exchanged. `shape` is that convolution's, while the weights lie as the forward convolution has them.
    static func convolutionInputGradient(_ shape: ConvolutionShape, _ dy: [Scalar], _ w: [Scalar]) -> [Scalar] {
        var turned: [Scalar] = []
        let inputs = shape.groupOutputs
        let outputs = shape.groupInputs  // the forward convolution's
        for group in 0..<shape.groups {
            for row in (0..<shape.kernelHeight).reversed() {
                for column in (0..<shape.kernelWidth).reversed() {
                    let pixel = (group * shape.kernelHeight + row) * shape.kernelWidth + column
                    for output in 0..<outputs {
                        for input in 0..<inputs { turned.append(w[(pixel * inputs + input) * outputs + output]) }
                    }
                }
            }
        }
        return convolution(shape, dy, turned, bias: nil)
    }

    /// dw[i, j, k, o] = start + sum over images, output rows r and output columns c of
    /// x[r stride + i dilation, c stride + j dilation, k] dy[r, c, o]
    static func convolutionWeightGradient(
        _ shape: ConvolutionShape, _ x: [Scalar], _ dy: [Scalar], start: [Scalar]
    ) -> [Scalar] {
        var dw = start
        for group in 0..<shape.groups {
            for tap in shape.taps(ofGroup: group) {
                for output in 0..<shape.groupOutputs {
                    let element = tap.weight * shape.groupOutputs + output
                    for image in 0..<shape.images(in: x.count) {
                        for row in 0..<shape.outHeight {
                            for column in 0..<shape.outWidth {
                                let pixel = (image * shape.outHeight + row) * shape.outWidth + column
                                dw[element] = dw[element].addingProduct(
                                    x[shape.place(image, row, column, tap)],
                                    dy[pixel * shape.outChannels + group * shape.groupOutputs + output])
                            }
                        }
                    }
                }
            }
        }
        return dw
    }
}
