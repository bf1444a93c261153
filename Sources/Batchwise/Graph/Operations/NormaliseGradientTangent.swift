/// How the gradient dx of a normalisation moves with x, while dy stays.
///
/// With r = 1 / deviation, rest = dy - mean(dy) - y mean(dy y) and dx = r rest, for each set of numbers:
/// r' = -r^2 mean(y x') and dx' = r' rest - r (y' mean(dy y) + y mean(dy y')), where a prime is a tangent.
struct NormaliseGradientTangentTraits: OperationTraits {
    let normalisation: Normalisation

    func shape(of inputs: [Shape]) -> Shape? { inputs[0] }

    func addGradient(_ dy: Int, of node: Int, to backward: inout Backward) throws(GraphError) {
        throw backward.noGradient(of: node)
    }

    func addTangent(of node: Int, to tangents: inout TangentBuilder) throws(GraphError) -> [Int] {
        throw tangents.noTangent(of: node)
    }

    func values<Scalar>(_ inputs: Interpreter<Scalar>.Operands) -> [Scalar] {
        let moments = inputs[1]
        let (y, dy) = (inputs[0].map { Double($0) }, inputs[2].map { Double($0) })
        let (xTangent, yTangent) = (inputs[3].map { Double($0) }, inputs[4].map { Double($0) })
        var result = inputs[2]
        for set in normalisation.sets(y.count) {
            let scale = Double(moments[set.scale])
            let scaleTangent = -scale * scale * set.mean { y[$0] * xTangent[$0] }
            let level = set.mean { dy[$0] }
            let along = set.mean { dy[$0] * y[$0] }
            let across = set.mean { dy[$0] * yTangent[$0] }
            for element in set.elements {
                let rest = dy[element] - level - y[element] * along
                let turn = yTangent[element] * along + y[element] * across
                result[element] = Scalar(scaleTangent * rest - scale * turn)
            }
        }
        return result
    }

    func instruction(_ node: CompiledNode) throws(PlanError) -> Instruction? { throw node.noKernel }
}
