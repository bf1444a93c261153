import CKernels

// Updates that wait for the whole gradient: clipping, factors by norms, directions. See WholeGradient.

extension Engine {
    /// Changes the parameters by the whole gradient, of which every worker has put its part into place. False where the
    /// update stops here, for the gradient has no finite norm.
    func finish(_ whole: WholeGradient, _ worker: Int) -> Bool {
        team.meet(worker)
        measure(whole, worker)
        team.meet(worker)
        if worker == 0 { decide(whole) }
        team.meet(worker)
        guard current.pointee.isApplied else { return false }
        var step = current.pointee.step
        for index in owned[worker] {
            let slice = slices[index]
            let factors = whole.factors[slice.parameter]
            if let before = whole.before {
                (before + slice.offset).update(from: parameters + slice.offset, count: slice.count)
            }
            bw_step_slice(&step, &slices[index], whole.gradient + slice.offset, factors.scale, factors.trust)
        }
        switch optimizer {
        case .lamb: measureDirections(whole, worker)
        case .muon: orthogonalise(whole, worker)
        default: break
        }
        if rules.leavesDirections {
            for index in owned[worker] where slices[index].takes_vector_step == 0 {
                let slice = slices[index]
                bw_step_along(
                    &step, &slices[index], whole.gradient + slice.offset, whole.factors[slice.parameter].length)
            }
        }
        if let before = whole.before { measureChange(whole, before, worker) }
        return true
    }

    /// Sums the squares of blocks, and clips by value.
    private func measure(_ whole: WholeGradient, _ worker: Int) {
        for index in whole.blocks(of: worker, share.workers) {
            let block = whole.blocks[index]
            let gradient = whole.gradient + block.offset
            whole.raw.ofBlocks[index] = bw_sum_squares(gradient, block.count)
            whole.clipped.ofBlocks[index] = whole.raw.ofBlocks[index]
            if case .value(let most) = rules.clip {
                bw_clamp(gradient, most, block.count)
                whole.clipped.ofBlocks[index] = bw_sum_squares(gradient, block.count)
            }
            whole.weights.ofBlocks[index] = bw_sum_squares(parameters + block.offset, block.count)
        }
    }

    /// What the norms come to. Worker 0 does it, so the sums have one order.
    private func decide(_ whole: WholeGradient) {
        whole.gather(whole.raw)
        whole.gather(whole.clipped)
        whole.gather(whole.weights)
        let norm = whole.raw.norm
        // norms that are only reported stop nothing
        guard norm.isFinite || rules.onlyReports else {
            current.pointee.isApplied = false
            return
        }
        let common = if case .norm(let most) = rules.clip { Clipping.factor(norm: norm, most: most) } else { 1.0 }
        for index in whole.factors.indices {
            var scale = common
            if case .parameterNorm(let most) = rules.clip {
                scale = Clipping.factor(norm: whole.raw.ofParameters[index].squareRoot(), most: most)
            }
            var trust = 1.0
            if case .lars(_, let coefficient, _) = optimizer, layout.parameters[index].shape.count > 1 {
                let gradient = scale * whole.clipped.ofParameters[index].squareRoot()
                let weight = whole.weights.ofParameters[index].squareRoot()
                if gradient > 0, weight > 0 {
                    trust = Double(coefficient) * weight / (gradient + Double(rules.parameters[index].decay) * weight)
                }
            }
            whole.factors[index].scale = Float(scale * trust)
            whole.factors[index].trust = Float(trust)
        }
    }

    /// LAMB: makes each direction as long as its parameter.
    private func measureDirections(_ whole: WholeGradient, _ worker: Int) {
        team.meet(worker)
        for index in whole.blocks(of: worker, share.workers) {
            let block = whole.blocks[index]
            whole.directions.ofBlocks[index] = bw_sum_squares(whole.gradient + block.offset, block.count)
        }
        team.meet(worker)
        if worker == 0 {
            whole.gather(whole.directions)
            for index in whole.factors.indices where layout.parameters[index].shape.count > 1 {
                let weight = whole.weights.ofParameters[index].squareRoot()
                let direction = whole.directions.ofParameters[index].squareRoot()
                whole.factors[index].length = weight > 0 && direction > 0 ? Float(weight / direction) : 1
            }
        }
        team.meet(worker)
    }

    /// Muon: all workers share one matrix after the other.
    private func orthogonalise(_ whole: WholeGradient, _ worker: Int) {
        team.meet(worker)
        for index in whole.matrices.indices {
            var matrix = whole.matrices[index]
            bw_newton_schulz(&matrix, team.handle, Int32(worker), Int32(share.workers))
        }
    }

    /// How far the parameters went: leaves the difference where they were kept.
    private func measureChange(_ whole: WholeGradient, _ before: UnsafeMutablePointer<Float>, _ worker: Int) {
        for index in owned[worker] {
            let slice = slices[index]
            let old = before + slice.offset
            bw_binary(BW_SUBTRACT, parameters + slice.offset, old, old, slice.count)
        }
        team.meet(worker)
        for index in whole.blocks(of: worker, share.workers) {
            let block = whole.blocks[index]
            whole.changes.ofBlocks[index] = bw_sum_squares(before + block.offset, block.count)
        }
    }

    /// The norm of the batch's mean gradient, before clipping; and |change of w| / |w| where it is measured and w is
    /// not 0.
    func norms() -> (gradient: Double, ratio: Double?)? {
        guard let whole else { return nil }
        let weight = whole.weights.norm
        guard whole.before != nil, weight > 0 else { return (whole.raw.norm, nil) }
        whole.gather(whole.changes)
        return (whole.raw.norm, whole.changes.norm / weight)
    }
}
