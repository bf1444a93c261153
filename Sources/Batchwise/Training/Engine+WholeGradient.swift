import CKernels

// Updates that wait for the whole gradient: clipping, factors by norms, directions, quantities. See WholeGradient.

extension Engine {
    /// The room for the whole gradient, where this update waits for it: one that a quantity alone has asked for is left
    /// alone where the quantity is not due.
    var wholeGradient: WholeGradient? {
        rules.stepsByWholeGradient || current.pointee.needs.needsWholeGradient ? workspace.whole : nil
    }

    /// Where the parameters go before they are changed, if a quantity needs them of this update.
    private func before(_ whole: WholeGradient) -> UnsafeMutablePointer<Float>? {
        current.pointee.needs.needsParametersBefore ? whole.before : nil
    }

    /// Changes the parameters by the whole gradient, of which every worker has put its part into place. False where the
    /// update stops here, for the gradient has no finite norm.
    func finish(_ whole: WholeGradient, _ thread: Int) -> Bool {
        join(.gradient, thread)
        measure(whole, thread)
        join(.squares, thread)
        if thread == 0 { decide(whole) }
        join(.decision, thread)
        guard current.pointee.isApplied else { return false }
        if let custom = rules.custom {
            stepBlocks(custom, whole, thread)
        } else {
            stepSlices(whole, thread)
        }
        if current.pointee.needs.contains(.changeNorms), let before = whole.before, let change = whole.change {
            measureChange(whole, from: before, into: change, thread)
        }
        return true
    }

    /// The steps of kernels, on the slices that a worker owns.
    private func stepSlices(_ whole: WholeGradient, _ thread: Int) {
        var step = current.pointee.step
        let before = before(whole)
        forEachOwnSlice(of: thread) { index in
            let slice = workspace.slices[index]
            let factors = whole.factors[slice.parameter]
            if let before {
                (before + slice.offset).update(from: trained.parameters + slice.offset, count: slice.count)
            }
            bw_step_slice(
                &step, &workspace.slices[index], whole.gradient + slice.offset, factors.scale, factors.trust)
        }
        switch rules.need {
        case .directionNorms: measureDirections(whole, thread)
        case .orthogonalDirections: orthogonalise(whole, thread)
        case .gradientNorms, .programStep, nil: return
        }
        forEachOwnSlice(of: thread) { index in
            let slice = workspace.slices[index]
            guard rules.leavesDirection(slice.parameter) else { return }
            bw_step_along(
                &step, &workspace.slices[index], whole.gradient + slice.offset, whole.factors[slice.parameter].length)
        }
    }

    /// The steps of an optimizer of the program's own. Blocks are cut by the model alone: whatever the optimizer looks at,
    /// no number of workers changes a bit.
    private func stepBlocks(_ optimizer: any CustomOptimizer, _ whole: WholeGradient, _ thread: Int) {
        let before = before(whole)
        for index in whole.blocks(of: thread, current.pointee.active) {
            let block = whole.blocks[index]
            let rule = rules.parameters[block.parameter]
            let scale = whole.factors[block.parameter].scale
            let gradient = UnsafeMutableBufferPointer(start: whole.gradient + block.offset, count: block.count)
            if scale != 1 { for place in gradient.indices { gradient[place] *= scale } }
            if let before {
                (before + block.offset).update(from: trained.parameters + block.offset, count: block.count)
            }
            var settings = current.pointee.settings
            settings.rate *= rule.rate
            settings.weightDecay = rule.decay
            let numbers = UnsafeMutableBufferPointer(start: trained.parameters + block.offset, count: block.count)
            var span = numbers.mutableSpan
            var vectors = StateVectors(trained.states, offset: block.offset, count: block.count)
            optimizer.step(settings, gradient: UnsafeBufferPointer(gradient).span, parameters: &span, states: &vectors)
        }
        join(.parameters, thread)
        forEachOwnSlice(of: thread) { index in
            guard workspace.slices[index].mirror != BW_NONE else { return }
            bw_flip(&workspace.slices[index], trained.parameters, trained.mirrors)
        }
    }

    /// Sums the squares of blocks, keeps the gradient where a quantity needs its numbers and SAM has not kept another,
    /// and clips by value.
    private func measure(_ whole: WholeGradient, _ thread: Int) {
        let keeps = rules.sam == nil && current.pointee.needs.contains(.gradient)
        let kept = keeps ? whole.kept : nil
        for index in whole.blocks(of: thread, current.pointee.active) {
            let block = whole.blocks[index]
            let gradient = whole.gradient + block.offset
            whole.raw.ofBlocks[index] = bw_sum_squares(gradient, block.count)
            whole.clipped.ofBlocks[index] = whole.raw.ofBlocks[index]
            if let kept { (kept + block.offset).update(from: gradient, count: block.count) }
            if case .value(let most) = rules.clip {
                bw_clamp(gradient, most, block.count)
                whole.clipped.ofBlocks[index] = bw_sum_squares(gradient, block.count)
            }
            whole.weights.ofBlocks[index] = bw_sum_squares(trained.parameters + block.offset, block.count)
        }
    }

    /// What the norms come to. Worker 0 does it, so the sums have one order.
    private func decide(_ whole: WholeGradient) {
        whole.gather(whole.raw)
        whole.gather(whole.clipped)
        whole.gather(whole.weights)
        let norm = whole.raw.norm
        // norms that are only reported stop nothing
        guard norm.isFinite || !rules.stepsByWholeGradient else {
            current.pointee.isApplied = false
            return
        }
        let common = if case .norm(let most) = rules.clip { Clipping.factor(norm: norm, most: most) } else { 1.0 }
        for index in whole.factors.indices {
            var scale = common
            if case .parameterNorm(let most) = rules.clip {
                scale = Clipping.factor(norm: whole.raw.ofParameters[index].squareRoot(), most: most)
            }
            let trust =
                rules.need == .gradientNorms ? factor(index, scale * whole.clipped.ofParameters[index].squareRoot()) : 1
            whole.factors[index].scale = Float(scale * trust)
            whole.factors[index].trust = Float(trust)
        }
    }

    /// What the optimizer multiplies the gradient or the direction of a parameter by, from its norm.
    private func factor(_ index: Int, _ norm: Double) -> Double {
        guard let whole = workspace.whole, layout.parameters[index].shape.count > 1 else { return 1 }
        return optimizer.rule.factor(
            ParameterNorms(
                parameter: whole.weights.ofParameters[index].squareRoot(), vector: norm,
                decay: rules.parameters[index].decay))
    }

    /// Measures the directions that kernels left, for how far parameters go along them.
    private func measureDirections(_ whole: WholeGradient, _ thread: Int) {
        join(.directions, thread)
        for index in whole.blocks(of: thread, current.pointee.active) {
            let block = whole.blocks[index]
            whole.directions.ofBlocks[index] = bw_sum_squares(whole.gradient + block.offset, block.count)
        }
        join(.squares, thread)
        if thread == 0 {
            whole.gather(whole.directions)
            for index in whole.factors.indices {
                whole.factors[index].length = Float(factor(index, whole.directions.ofParameters[index].squareRoot()))
            }
        }
        join(.decision, thread)
    }

    /// Makes the directions of hidden matrices orthogonal, one after the other: all workers share a matrix.
    private func orthogonalise(_ whole: WholeGradient, _ thread: Int) {
        join(.directions, thread)
        for index in whole.matrices.indices {
            var matrix = whole.matrices[index]
            bw_newton_schulz(&matrix, team.handle, Int32(thread), Int32(current.pointee.active))
        }
    }

    /// How far the parameters went.
    private func measureChange(
        _ whole: WholeGradient, from before: UnsafeMutablePointer<Float>, into change: UnsafeMutablePointer<Float>,
        _ thread: Int
    ) {
        forEachOwnSlice(of: thread) { index in
            let slice = workspace.slices[index]
            bw_binary(
                BW_SUBTRACT, trained.parameters + slice.offset, before + slice.offset, change + slice.offset,
                slice.count)
        }
        join(.changes, thread)
        for index in whole.blocks(of: thread, current.pointee.active) {
            let block = whole.blocks[index]
            whole.changes.ofBlocks[index] = bw_sum_squares(change + block.offset, block.count)
        }
    }
}
