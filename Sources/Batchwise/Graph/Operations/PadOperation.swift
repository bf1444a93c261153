import CKernels

package struct PadShape: Hashable, Sendable {
    package var height, width, channels: Int
    package var outHeight, outWidth: Int
    package var top, left: Int
    package var betweenRows = 0, betweenColumns = 0

    /// Whether the operation only puts zeros around an image.
    var isBorder: Bool {
        top >= 0 && left >= 0 && betweenRows == 0 && betweenColumns == 0 && outHeight >= height + top
            && outWidth >= width + left
    }

    var kernel: bw_pad_shape {
        bw_pad_shape(
            height: height, width: width, channels: channels, out_height: outHeight, out_width: outWidth, top: top,
            left: left, between_rows: betweenRows, between_columns: betweenColumns)
    }
}

/// Zeros around and between the pixels of an image; a negative border crops.
struct PadTraits: OperationTraits {
    let pad: PadShape

    func shape(of inputs: [Shape]) -> Shape? { .batch([pad.outHeight, pad.outWidth, pad.channels]) }

    func addGradient(_ dy: Int, of node: Int, to backward: inout Backward) throws(GraphError) {
        // only a backward pass adds zeros between pixels
        guard pad.betweenRows == 0, pad.betweenColumns == 0 else { throw backward.noGradient(of: node) }
        let crop = PadShape(
            height: pad.outHeight, width: pad.outWidth, channels: pad.channels, outHeight: pad.height,
            outWidth: pad.width, top: -pad.top, left: -pad.left)
        backward.accumulate(backward.add(.pad(crop), [dy]), into: backward.inputs(of: node)[0])
    }

    func addTangent(of node: Int, to tangents: inout TangentBuilder) -> [Int] {
        tangents.addProductRule(.pad(pad), of: node)
    }

    func sharing(_ shape: Shape, rows: Int, workers: Int) -> Sharing { rows == 1 ? .lines : .rows }

    func values<Scalar>(_ inputs: Interpreter<Scalar>.Operands) -> [Scalar] {
        Interpreter<Scalar>.pad(pad, inputs[0])
    }

    func instruction(_ node: CompiledNode) -> Instruction? {
        Instruction(BW_DO_PAD, x: node.x(0), y: node.y, width: node.size).of(pad)
    }
}

extension Interpreter {
    /// Puts pixel (i, j) at (top + i (1 + betweenRows), left + j (1 + betweenColumns)), if that is inside.
    static func pad(_ shape: PadShape, _ x: [Scalar]) -> [Scalar] {
        let images = x.count / (shape.height * shape.width * shape.channels)
        var y = [Scalar](repeating: 0, count: images * shape.outHeight * shape.outWidth * shape.channels)
        for image in 0..<images {
            for row in 0..<shape.height {
                for column in 0..<shape.width {
                    let toRow = shape.top + row * (1 + shape.betweenRows)
                    let toColumn = shape.left + column * (1 + shape.betweenColumns)
                    guard (0..<shape.outHeight).contains(toRow), (0..<shape.outWidth).contains(toColumn) else {
                        continue
                    }
                    for channel in 0..<shape.channels {
                        let from = ((image * shape.height + row) * shape.width + column) * shape.channels + channel
                        let to = (image * shape.outHeight + toRow) * shape.outWidth + toColumn
                        y[to * shape.channels + channel] = x[from]
                    }
                }
            }
        }
        return y
    }
}
