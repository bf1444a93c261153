import CKernels

/// The gradient of a bias, a gain or a shift: dy summed over the batch and every axis that the parameter does not have.
struct SumRowsTraits: ReductionTraits {
    func shape(of inputs: [Shape]) -> Shape? { nil }

    func addTangent(of node: Int, to tangents: inout TangentBuilder) -> [Int] {
        tangents.addProductRule(.sumRows, of: node)
    }

    func values<Scalar>(_ inputs: Interpreter<Scalar>.Operands) -> [Scalar] {
        Interpreter<Scalar>.sumRows(inputs[0], start: inputs.start)
    }

    func reduction(_ node: CompiledNode, _ storage: WeightStorage) -> bw_reduction {
        var reduction = node.reduction(BW_REDUCE_SUM_ROWS)
        reduction.example_rows = node.shape(0).elements / node.size
        reduction.outputs = node.size
        return reduction
    }
}

extension Interpreter {
    /// sum[j] = start[j] + sum over r of dy[r, j], where a row has as many elements as the parameter.
    static func sumRows(_ dy: [Scalar], start: [Scalar]) -> [Scalar] {
        var sum = start
        for row in 0..<dy.count / start.count {
            for column in start.indices { sum[column] += dy[row * start.count + column] }
        }
        return sum
    }
}
