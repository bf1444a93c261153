import CKernels

/// A convolution over an input that already carries its padding.
///
/// Weights are `[groups, kernelHeight, kernelWidth, inChannels / groups, outChannels / groups]`.
package struct ConvolutionShape: Hashable, Sendable {
    package var inHeight, inWidth, inChannels: Int
    package var outHeight, outWidth, outChannels: Int
    package var kernelHeight, kernelWidth: Int
    package var strideHeight = 1, strideWidth = 1, dilationHeight = 1, dilationWidth = 1, groups = 1
}

extension ConvolutionShape {
    /// Channels of the input and the output that belong to a group.
    var groupInputs: Int { inChannels / groups }
    var groupOutputs: Int { outChannels / groups }

    /// The shape of the result and of the weight.
    var output: Shape { .batch([outHeight, outWidth, outChannels]) }
    var weight: Shape { .fixed([groups, kernelHeight, kernelWidth, groupInputs, groupOutputs]) }

    /// Multiplications for one example, with a weight of this shape.
    func multiplications(_ weight: Shape) -> Double { Double(outHeight * outWidth) * Double(weight.elements) }

    var kernel: bw_convolution_shape {
        bw_convolution_shape(
            in_height: inHeight, in_width: inWidth, in_channels: inChannels, out_height: outHeight,
            out_width: outWidth, out_channels: outChannels, kernel_height: kernelHeight, kernel_width: kernelWidth,
            stride_height: strideHeight, stride_width: strideWidth, dilation_height: dilationHeight,
            dilation_width: dilationWidth, groups: groups)
    }

    /// dx = convolution(pad(dy), w flipped and transposed): the padding, and that convolution. `input` is the shape of
    /// x without its border, `border` the zeros above and left of it.
    func inputGradient(
        _ input: Shape, _ border: (top: Int, left: Int)
    ) -> (pad: PadShape, flipped: ConvolutionShape) {
        let reachHeight = dilationHeight * (kernelHeight - 1)
        let reachWidth = dilationWidth * (kernelWidth - 1)
        let (height, width) = (input.lengths[0], input.lengths[1])
        let pad = PadShape(
            height: outHeight, width: outWidth, channels: outChannels, outHeight: height + reachHeight,
            outWidth: width + reachWidth, top: reachHeight - border.top, left: reachWidth - border.left,
            betweenRows: strideHeight - 1, betweenColumns: strideWidth - 1)
        let flipped = ConvolutionShape(
            inHeight: pad.outHeight, inWidth: pad.outWidth, inChannels: outChannels, outHeight: height,
            outWidth: width, outChannels: inChannels, kernelHeight: kernelHeight, kernelWidth: kernelWidth,
            dilationHeight: dilationHeight, dilationWidth: dilationWidth, groups: groups)
        return (pad, flipped)
    }

    /// One number of a window: where it lies from the window's corner, and its row of the weights.
    struct Tap {
        var row, column, channel, weight: Int
    }

    /// The numbers that an output of the group sees, in the order of the weights.
    func taps(ofGroup group: Int) -> [Tap] {
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
    func place(_ image: Int, _ row: Int, _ column: Int, _ tap: Tap) -> Int {
        let inRow = row * strideHeight + tap.row
        let inColumn = column * strideWidth + tap.column
        return ((image * inHeight + inRow) * inWidth + inColumn) * inChannels + tap.channel
    }

    func images(in numbers: Int) -> Int { numbers / (inHeight * inWidth * inChannels) }
}
