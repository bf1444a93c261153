import CKernels

/// How the gradient of a normalisation moves where x moves, and dy does not.
///
/// With r = 1 / deviation, rest = dy - mean(dy) - y mean(dy y) and the gradient r rest, for each set of numbers, where a prime
/// is a tangent: y' = r (x' - mean(x') - y mean(y x')) and r' = -r^2 mean(y x'), so that
/// (r rest)' = r' rest - r (y' mean(dy y) + y mean(dy y')).
struct NormaliseGradientTangentTraits: TangentTraits {
    let normalisation: Normalisation

    func shape(of inputs: [Shape]) -> Shape? { inputs[0] }

    func sharing(_ shape: Shape, rows: Int, workers: Int) -> Sharing { normalisation.isGhost ? .channels : .rows }

    func values<Scalar>(_ inputs: Interpreter<Scalar>.Operands) -> [Scalar] {
        let (y, dy, dx) = (inputs[0].map { Double($0) }, inputs[2].map { Double($0) }, inputs[3].map { Double($0) })
        let moments = inputs[1]
        var result = inputs[2]
        for set in normalisation.sets(y.count) {
            let scale = Double(moments[set.scale])
            let (shift, stretch) = (set.mean { dx[$0] }, set.mean { dx[$0] * y[$0] })
            let (level, along) = (set.mean { dy[$0] }, set.mean { dy[$0] * y[$0] })
            func tangent(_ element: Int) -> Double { scale * (dx[element] - shift - y[element] * stretch) }
            let across = set.mean { dy[$0] * tangent($0) }
            for element in set.elements {
                let rest = dy[element] - level - y[element] * along
                let turn = tangent(element) * along + y[element] * across
                result[element] = Scalar(-scale * (scale * stretch * rest + turn))
            }
        }
        return result
    }

    func instruction(_ node: CompiledNode) throws(PlanError) -> Instruction? {
        // over the whole batch it would need sums of its own from every grain
        if normalisation.isWholeBatch { throw node.noKernel }
        return Instruction(
            normalisation.isGhost ? BW_DO_GHOST_NORMALISE_GRADIENT_TANGENT : BW_DO_GROUP_NORMALISE_GRADIENT_TANGENT,
            x: node.x(2), y: node.y, z: node.x(1), u: node.x(3), v: node.x(0)
        ).of(normalisation)
    }
}
