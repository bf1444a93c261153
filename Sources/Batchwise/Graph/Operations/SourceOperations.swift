// The sources of the graph: rows of the data set, and parameters. They have no inputs, so no gradient goes on from
// them.

/// Features, targets and weights of examples: written into the arena before the first instruction.
struct GatheredTraits: OperationTraits {
    let operation: Operation

    var ownership: Ownership { .gathered }
    func shape(of inputs: [Shape]) -> Shape? { nil }
    func addGradient(_ dy: Int, of node: Int, to backward: inout Backward) {}

    func addTangent(of node: Int, to tangents: inout TangentBuilder) -> [Int] { [] }
    func values<Scalar>(_ inputs: Interpreter<Scalar>.Operands) -> [Scalar] {
        switch operation {
        case .target: return inputs.batch.targets
        case .exampleWeight: return Interpreter<Scalar>.exampleWeights(of: inputs.batch)
        default: return inputs.batch.inputs
        }
    }
    func instruction(_ node: CompiledNode) -> Instruction? { nil }
}

/// Features that dense layers read from the data set's sparse rows.
struct SparseInputTraits: OperationTraits {
    var ownership: Ownership { .elsewhere }
    func shape(of inputs: [Shape]) -> Shape? { nil }
    func addGradient(_ dy: Int, of node: Int, to backward: inout Backward) {}

    func addTangent(of node: Int, to tangents: inout TangentBuilder) -> [Int] { [] }
    func values<Scalar>(_ inputs: Interpreter<Scalar>.Operands) -> [Scalar] { inputs.batch.inputs }
    func instruction(_ node: CompiledNode) -> Instruction? { nil }
}

struct ParameterTraits: OperationTraits {
    let index: Int

    var ownership: Ownership { .elsewhere }
    func shape(of inputs: [Shape]) -> Shape? { nil }
    func addGradient(_ dy: Int, of node: Int, to backward: inout Backward) throws(GraphError) {
        // a parameter's gradient is a sum over the batch: see `Backward.addReduction`
        throw backward.noGradient(of: node)
    }

    func addTangent(of node: Int, to tangents: inout TangentBuilder) -> [Int] {
        // the node of a direction is there before any tangent: see `Graph.appendTangents`
        []
    }
    func values<Scalar>(_ inputs: Interpreter<Scalar>.Operands) -> [Scalar] { inputs.parameters[index] }
    func instruction(_ node: CompiledNode) -> Instruction? { nil }
}

extension Interpreter {
    /// w_i / (n w)
    static func exampleWeights(of batch: Batch) -> [Scalar] {
        let weights = (batch.weights ?? []).map { Double($0) }
        let divisor = batch.meanWeight.map { $0 * Double(weights.count) } ?? weights.reduce(0, +)
        return weights.map { Scalar($0 / divisor) }
    }
}
