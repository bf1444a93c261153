import CKernels

/// The weights that Muon sees as matrices, and the memory that making one of them orthogonal takes.
struct MuonMatrices {
    struct Matrix {
        var parameter, offset: Int
        /// The matrix as the weight lies in memory: see `bw_matrix`.
        var rows, columns, panel: Int
        /// The length of the matrix's step, relative to the rate.
        var length: Float
    }

    let all: [Matrix]

    /// Finds the matrices; there are none for other optimizers.
    init(_ layout: ParameterLayout, _ rules: UpdateRules, _ program: Program) {
        guard let length = (rules.optimizer.rule as? Muon)?.length else {
            all = []
            return
        }
        var matrices: [Matrix] = []
        for gradient in program.gradients where rules.parameters[gradient.parameter].isMatrix {
            let index = gradient.parameter
            let shape = layout.parameters[index].shape
            let isConvolution = layout.parameters[index].layout == .convolution
            let outputs = isConvolution ? shape[0] * shape[4] : shape[1]
            let inputs = isConvolution ? shape[1] * shape[2] * shape[3] : shape[0]
            // the groups of a convolution lie as panels do; a weight that lies turned is [outputs, inputs]
            let panel = isConvolution ? shape[4] : layout.panel(index)
            matrices.append(
                Matrix(
                    parameter: index, offset: layout.offsets[index], rows: panel == 0 ? outputs : inputs,
                    columns: panel == 0 ? inputs : outputs, panel: panel == 0 ? inputs : panel,
                    length: length.factor(outputs: outputs, inputs: inputs)))
        }
        all = matrices
    }

    /// The longest of their shorter sides.
    var mostRows: Int { all.reduce(0) { max($0, min($1.rows, $1.columns)) } }

    /// Room for three of the largest matrix and two squares of the longest shorter side, each with slack.
    private var matrixFloats: Int { Self.withSlack(all.reduce(0) { max($0, $1.rows * $1.columns) }) }
    private var squareFloats: Int { Self.withSlack(mostRows * mostRows) }
    var floats: Int { all.isEmpty ? 0 : 3 * matrixFloats + 2 * squareFloats }

    private static func withSlack(_ floats: Int) -> Int { (floats + 15) / 16 * 16 + Int(BW_SLACK) }

    /// The matrices as kernels take them; they use the same room, one after the other.
    func placed(
        in memory: UnsafeMutablePointer<Float>, gradient: UnsafeMutablePointer<Float>,
        sums: UnsafeMutablePointer<Double>?
    ) -> [bw_matrix] {
        let squares = memory + 3 * matrixFloats
        return all.map {
            bw_matrix(
                direction: gradient + $0.offset, rows: $0.rows, columns: $0.columns, panel: $0.panel, x: memory,
                turned: memory + matrixFloats, next: memory + 2 * matrixFloats, square: squares,
                polynomial: squares + squareFloats, sums: sums)
        }
    }
}

extension Graph {
    /// The weights of dense layers and convolutions but for those of the last layer.
    func hiddenMatrices() -> Set<Int> {
        var matrices = Set(parameters.indices.filter { parameters[$0].layout != .plain })
        // back from the prediction to the layer that made it, through what only changes its shape or its numbers
        var node = prediction
        while node >= 0 {
            for input in nodes[node].inputs {
                if case .parameter(let index) = nodes[input].operation, matrices.remove(index) != nil {
                    return matrices
                }
            }
            guard let next = nodes[node].inputs.first else { break }
            node = next
        }
        return matrices
    }
}
