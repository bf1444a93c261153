import CKernels

/// (mean, 1 / sqrt(variance + epsilon)) of each set of numbers, with the biased variance. Places that hold no set's
/// moments are 0.
struct MomentsTraits: OperationTraits {
    let normalisation: Normalisation

    func shape(of inputs: [Shape]) -> Shape? { normalisation.momentsShape }

    /// `normalise` hands its gradient to x through the moments too: see `NormaliseGradientTraits`. No other operation
    /// may read them.
    func addGradient(_ dy: Int, of node: Int, to backward: inout Backward) throws(GraphError) {
        throw backward.noGradient(of: node)
    }

    func addTangent(of node: Int, to tangents: inout TangentBuilder) throws(GraphError) -> [Int] {
        // Normalisations, forward and backward, take account of how the moments move with x. Another reader could not.
        for reader in tangents.graph.nodes where reader.inputs.contains(node) {
            switch reader.operation {
            case .normalise, .normaliseGradient: continue
            default: throw tangents.noTangent(of: node)
            }
        }
        return []
    }

    func batchSums(for node: Int, in graph: Graph) -> BatchSums? {
        guard normalisation.isWholeBatch else { return nil }
        let x = graph.nodes[node].inputs[0]
        return BatchSums(normalisation, of: x, times: x, moments: node)
    }

    func sharing(_ shape: Shape, rows: Int, workers: Int) -> Sharing { normalisation.isGhost ? .channels : .rows }

    func values<Scalar>(_ inputs: Interpreter<Scalar>.Operands) -> [Scalar] {
        let x = inputs[0]
        var moments = [Scalar](repeating: 0, count: normalisation.momentsCount(x.count))
        for set in normalisation.sets(x.count) {
            let mean = set.mean { Double(x[$0]) }
            let variance = set.mean { (Double(x[$0]) - mean) * (Double(x[$0]) - mean) }
            moments[set.centre] = Scalar(mean)
            moments[set.scale] = Scalar(1 / (variance + normalisation.epsilon).squareRoot())
        }
        return moments
    }

    func instruction(_ node: CompiledNode) -> Instruction? {
        // over the whole batch, workers finish the sums together
        if normalisation.isWholeBatch { return nil }
        return Instruction(
            normalisation.isGhost ? BW_DO_GHOST_MOMENTS : BW_DO_GROUP_MOMENTS, x: node.x(0), y: node.y
        ).of(normalisation)
    }
}

/// y = (x - mean) / deviation
struct NormaliseTraits: OperationTraits {
    let normalisation: Normalisation

    func shape(of inputs: [Shape]) -> Shape? { inputs[0] }

    func addGradient(_ dy: Int, of node: Int, to backward: inout Backward) {
        let inputs = backward.inputs(of: node)
        let dx = backward.add(.normaliseGradient(normalisation), [node, inputs[1], dy])
        backward.accumulate(dx, into: inputs[0])
    }

    func addTangent(of node: Int, to tangents: inout TangentBuilder) throws(GraphError) -> [Int] {
        // the derivative of y with respect to x is symmetric: the same operation carries it forward and back
        let inputs = tangents.inputs(of: node)
        guard tangents.inputs(of: inputs[1]) == [inputs[0]] else { throw tangents.noTangent(of: node) }
        guard let dx = tangents.tangent(of: inputs[0]) else { return [] }
        return [tangents.add(.normaliseGradient(normalisation), [node, inputs[1], dx])]
    }

    func sharing(_ shape: Shape, rows: Int, workers: Int) -> Sharing { normalisation.isGhost ? .channels : .rows }

    func values<Scalar>(_ inputs: Interpreter<Scalar>.Operands) -> [Scalar] {
        let (x, moments) = (inputs[0], inputs[1])
        var y = x
        for set in normalisation.sets(x.count) {
            for element in set.elements {
                let distance = Double(x[element]) - Double(moments[set.centre])
                y[element] = Scalar(distance * Double(moments[set.scale]))
            }
        }
        return y
    }

    func instruction(_ node: CompiledNode) -> Instruction? {
        if normalisation.isWholeBatch {
            return Instruction(BW_DO_BATCH_NORMALISE, x: node.x(0), y: node.y, moments: node.momentOffset(1))
                .of(normalisation)
        }
        return Instruction(
            normalisation.isGhost ? BW_DO_GHOST_NORMALISE : BW_DO_GROUP_NORMALISE, x: node.x(0), y: node.y,
            z: node.x(1)
        ).of(normalisation)
    }
}

/// dx_j = sum over i of dy_i (d y_i / d x_j) with d y_i / d x_j = ([i = j] - 1/n - y_i y_j / n) / deviation
struct NormaliseGradientTraits: OperationTraits {
    let normalisation: Normalisation

    func shape(of inputs: [Shape]) -> Shape? { inputs[0] }

    func addGradient(_ dy: Int, of node: Int, to backward: inout Backward) throws(GraphError) {
        throw backward.noGradient(of: node)
    }

    func addTangent(of node: Int, to tangents: inout TangentBuilder) throws(GraphError) -> [Int] {
        let inputs = tangents.inputs(of: node)
        let (y, moments, dy) = (inputs[0], inputs[1], inputs[2])
        guard let x = tangents.inputs(of: moments).first, tangents.inputs(of: y) == [x, moments] else {
            throw tangents.noTangent(of: node)
        }
        var terms: [Int] = []
        if let tangent = tangents.tangent(of: dy) {
            terms.append(tangents.add(.normaliseGradient(normalisation), [y, moments, tangent]))
        }
        if let tangent = tangents.tangent(of: x) {
            terms.append(tangents.add(.normaliseGradientTangent(normalisation), [y, moments, dy, tangent]))
        }
        return terms
    }

    func batchSums(for node: Int, in graph: Graph) -> BatchSums? {
        guard normalisation.isWholeBatch else { return nil }
        let inputs = graph.nodes[node].inputs
        return BatchSums(normalisation, of: inputs[2], times: inputs[0], moments: inputs[1])
    }

    func sharing(_ shape: Shape, rows: Int, workers: Int) -> Sharing { normalisation.isGhost ? .channels : .rows }

    func values<Scalar>(_ inputs: Interpreter<Scalar>.Operands) -> [Scalar] {
        let (y, moments, dy) = (inputs[0], inputs[1], inputs[2])
        var dx = dy
        for set in normalisation.sets(y.count) {
            let level = set.mean { Double(dy[$0]) }
            let along = set.mean { Double(dy[$0]) * Double(y[$0]) }
            for element in set.elements {
                let rest = Double(dy[element]) - level - Double(y[element]) * along
                dx[element] = Scalar(rest * Double(moments[set.scale]))
            }
        }
        return dx
    }

    func instruction(_ node: CompiledNode) -> Instruction? {
        if normalisation.isWholeBatch {
            return Instruction(
                BW_DO_BATCH_NORMALISE_GRADIENT, x: node.x(2), y: node.y, v: node.x(0), moments: node.momentOffset(1)
            ).of(normalisation)
        }
        return Instruction(
            normalisation.isGhost ? BW_DO_GHOST_NORMALISE_GRADIENT : BW_DO_GROUP_NORMALISE_GRADIENT, x: node.x(2),
            y: node.y, z: node.x(1), v: node.x(0)
        ).of(normalisation)
    }
}
