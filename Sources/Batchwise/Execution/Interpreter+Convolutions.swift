/// Convolutions over images `[height, width, channels]` with weights
/// `[groups, kernelHeight, kernelWidth, in / groups, out / groups]`.
extension Interpreter {
    /// y[r, c, o] = bias[o] + sum over kernel rows i, kernel columns j and the group's channels k of
    /// x[r stride + i dilation, c stride + j dilation, k] w[i, j, k, o]
    static func convolution(
        _ shape: ConvolutionShape, _ x: [Scalar], _ w: [Scalar], bias: [Scalar]?
    ) -> [Scalar] {
        let taps = (0..<shape.groups).map { shape.taps(ofGroup: $0) }
        var y: [Scalar] = []
        for image in 0..<images(in: x, shape) {
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
                    for image in 0..<images(in: x, shape) {
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

    private static func images(in x: [Scalar], _ shape: ConvolutionShape) -> Int {
        x.count / (shape.inHeight * shape.inWidth * shape.inChannels)
    }
}

extension ConvolutionShape {
    /// One number of a window: where it lies from the window's corner, and its row of the weights.
    fileprivate struct Tap {
        var row, column, channel, weight: Int
    }

    fileprivate var groupInputs: Int { inChannels / groups }
    fileprivate var groupOutputs: Int { outChannels / groups }

    /// The numbers that an output of the group sees, in the order of the weights.
    fileprivate func taps(ofGroup group: Int) -> [Tap] {
        var taps: [Tap] = []
        for row in 0..<kernelHeight {
            for column in 0..<kernelWidth {
                for channel in 0..<groupInputs {
                    taps.append(
                        Tap(
                            row: row * dilationHeight, column: column * dilationWidth,
                            channel: group * groupInputs + channel,
                            weight: ((group * kernelHeight + row) * kernelWidth + column) * groupInputs + channel))
                }
            }
        }
        return taps
    }

    /// The index of the input that `tap` sees for an output pixel.
    fileprivate func place(_ image: Int, _ row: Int, _ column: Int, _ tap: Tap) -> Int {
        let inRow = row * strideHeight + tap.row
        let inColumn = column * strideWidth + tap.column
        return ((image * inHeight + inRow) * inWidth + inColumn) * inChannels + tap.channel
    }
}
