/// The one model that replicas are averaged to, and the velocity of the outer optimizer.
///
/// All numbers are computed one by one, in Double and in the order of the replicas, so that they are the same wherever
/// the replicas are.
struct OuterState: ~Copyable {
    let parameters: UnsafeMutablePointer<Float>
    let rule: AveragingRule
    /// The velocity of an outer optimizer with momentum; nil for all else.
    let velocity: UnsafeMutablePointer<Float>?
    /// The mean of the replicas' changes that the next outer step takes, where steps are eager.
    let mean: UnsafeMutablePointer<Float>?
    private let memory: Memory

    init(_ replicas: Replicas, _ parameters: UnsafeMutablePointer<Float>, _ layout: ParameterLayout) throws(PlanError) {
        self.parameters = parameters
        rule = replicas.rule
        memory = try Memory(floats: Self.floats(replicas, layout))
        velocity = replicas.hasVelocity ? memory.base : nil
        mean = replicas.isEager ? memory.base + (replicas.hasVelocity ? layout.count : 0) : nil
    }

    static func floats(_ replicas: Replicas, _ layout: ParameterLayout) -> Int {
        (replicas.hasVelocity ? layout.count : 0) + (replicas.isEager ? layout.count : 0)
    }

    /// Moves a piece of the model by the mean of the replicas.
    ///
    /// - Parameters:
    ///   - sum: the sum of n_r theta_r over the replicas, or, where `areChanges`, of n_r (theta_r - theta).
    ///   - examples: the sum of n_r.
    func step(_ piece: ParameterPiece, _ sum: UnsafePointer<Double>, examples: Double, areChanges: Bool) {
        let model = parameters + piece.offset
        guard piece.isTrained, case .outer(let outer) = rule else {
            for index in 0..<piece.count {
                let mean = sum[index] / examples
                model[index] = Float(areChanges ? Double(model[index]) + mean : mean)
            }
            return
        }
        outer.step(model, velocity: velocity.map { $0 + piece.offset }, count: piece.count) { index in
            let mean = sum[index] / examples
            return areChanges ? -mean : Double(model[index]) - mean
        }
    }

    /// Moves a piece of the centre towards the replicas: c <- c + a sum_r (x_r - c), or to their mean where no gradient
    /// changes the numbers.
    func attract(_ piece: ParameterPiece, _ sum: UnsafePointer<Double>, replicas: Int, strength: Float) {
        let centre = parameters + piece.offset
        for index in 0..<piece.count {
            let mean = sum[index] / Double(replicas)
            centre[index] =
                piece.isTrained
                ? Float(
                    Double(centre[index])
                        + Double(strength) * (sum[index] - Double(replicas) * Double(centre[index])))
                : Float(mean)
        }
    }
}

extension OuterOptimizer {
    /// Moves numbers of a model by an outer step; `change` gives d of each.
    @inline(__always)
    func step(
        _ model: UnsafeMutablePointer<Float>, velocity: UnsafeMutablePointer<Float>?, count: Int,
        change: (_ index: Int) -> Double
    ) {
        let (rate, momentum) = (Double(rate), Double(momentum))
        for index in 0..<count {
            let change = change(index)
            var step = change
            if let velocity {
                velocity[index] = Float(momentum * Double(velocity[index]) + change)
                step = nesterov ? change + momentum * Double(velocity[index]) : Double(velocity[index])
            }
            model[index] = Float(Double(model[index]) - rate * step)
        }
    }
}

/// A run of numbers of one parameter, in the order in which they lie in memory.
struct ParameterPiece {
    let offset, count: Int
    /// Whether gradients change the numbers; the others are running statistics, or frozen.
    let isTrained: Bool

    /// The pieces of these parameters, each of at most so many numbers.
    static func list(_ parameters: Range<Int>, of layout: ParameterLayout, most: Int) -> [ParameterPiece] {
        // nobody changes what is frozen
        let changed = parameters.filter { layout.parameters[$0].isTrainable || layout.parameters[$0].isStatistic }
        return changed.flatMap { index in
            let count = layout.parameters[index].count
            return stride(from: 0, to: count, by: most).map { start in
                ParameterPiece(
                    offset: layout.offsets[index] + start, count: min(most, count - start),
                    isTrained: layout.parameters[index].isTrainable)
            }
        }
    }

    /// Runs of parameters of about equal length, one for each fragment of the model.
    static func fragments(_ count: Int, of layout: ParameterLayout) -> [Range<Int>] {
        let ends = Array(layout.offsets.dropFirst()) + [layout.count]
        var starts = [0]
        for fragment in 1..<max(count, 1) {
            let place = ends.firstIndex { $0 * count > fragment * layout.count } ?? layout.parameters.count
            starts.append(max(starts[fragment - 1], place))
        }
        return zip(starts, starts.dropFirst() + [layout.parameters.count]).map { $0..<$1 }
    }
}
