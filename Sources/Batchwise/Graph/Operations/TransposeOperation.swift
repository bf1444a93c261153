import CKernels

/// The last two axes in each other's place.
struct TransposeTraits: OperationTraits {
    var keepsNumbers: Bool { true }

    func shape(of inputs: [Shape]) -> Shape? {
        let axes = inputs[0].dimensions
        return Shape(axes.dropLast(2) + axes.suffix(2).reversed())
    }

    func addGradient(_ dy: Int, of node: Int, to backward: inout Backward) {
        backward.accumulate(backward.add(.transpose, [dy]), into: backward.inputs(of: node)[0])
    }

    func addTangent(of node: Int, to tangents: inout TangentBuilder) -> [Int] {
        tangents.addProductRule(.transpose, of: node)
    }

    func values<Scalar>(_ inputs: Interpreter<Scalar>.Operands) -> [Scalar] {
        let (lines, width) = (inputs.shape(0).lengths.dropLast().last ?? 1, inputs.shape(0).width)
        let x = inputs[0]
        return x.indices.map { place in
            let (matrix, rest) = place.quotientAndRemainder(dividingBy: lines * width)
            let (column, line) = rest.quotientAndRemainder(dividingBy: lines)
            return x[matrix * lines * width + line * width + column]
        }
    }

    func instruction(_ node: CompiledNode) -> Instruction? {
        Instruction(
            BW_DO_TRANSPOSE, x: node.x(0), y: node.y, lead: node.size / node.shape(0).width, width: node.shape(0).width)
    }
}
