import CKernels

// The way uphill between the two gradients of an update, and back: see SAM.

extension Engine {
    /// Goes from the parameters to the place of the second gradient, along the gradient of the whole batch, of which
    /// every worker has put its part into place.
    func ascend(_ sam: SAM, _ whole: WholeGradient, _ thread: Int) {
        join(.gradient, thread)
        measureAscent(sam, whole, thread)
        join(.squares, thread)
        if thread == 0 {
            whole.gather(whole.observed)
            whole.gather(whole.raw)
            current.pointee.ascent = sam.factor(norm: whole.raw.norm)
        }
        join(.decision, thread)
        guard let before = whole.before, let factor = current.pointee.ascent else { return }
        var step = bw_step(BW_SGD, rate: Double(-factor), decay: 0)
        for index in slicesOfProcess(thread) {
            let slice = workspace.slices[index]
            let parameters = trained.parameters + slice.offset
            (before + slice.offset).update(from: parameters, count: slice.count)
            bw_sgd(&step, whole.gradient + slice.offset, parameters, nil, slice.count)
            if slice.mirror != BW_NONE { bw_flip(&workspace.slices[index], trained.parameters, trained.mirrors) }
        }
        join(.ascent, thread)
    }

    /// Measures the gradient as quantities see it, and makes it the direction of the ascent.
    private func measureAscent(_ sam: SAM, _ whole: WholeGradient, _ thread: Int) {
        let kept = current.pointee.needs.contains(.gradient) ? whole.kept : nil
        for index in whole.blocks(of: thread, current.pointee.active) {
            let block = whole.blocks[index]
            let (gradient, parameters) = (whole.gradient + block.offset, trained.parameters + block.offset)
            whole.observed.ofBlocks[index] = bw_sum_squares(gradient, block.count)
            whole.raw.ofBlocks[index] = whole.observed.ofBlocks[index]
            if let kept { (kept + block.offset).update(from: gradient, count: block.count) }
            guard sam.adaptive else { continue }
            bw_binary(BW_MULTIPLY, parameters, gradient, gradient, block.count)
            whole.raw.ofBlocks[index] = bw_sum_squares(gradient, block.count)
            bw_binary(BW_MULTIPLY, parameters, gradient, gradient, block.count)
        }
    }

    /// Returns a thread's part of the parameters from the ascent. Whoever needs the others meets them first.
    func descend(_ whole: WholeGradient, _ thread: Int) {
        guard let before = whole.before else { return }
        for index in slicesOfProcess(thread) {
            let slice = workspace.slices[index]
            (trained.parameters + slice.offset).update(from: before + slice.offset, count: slice.count)
        }
    }

    /// Returns from the ascent of an update that has been refused; whether there was one.
    func undoAscent() -> Bool {
        guard current.pointee.ascent != nil, let before = workspace.whole?.before else { return false }
        for slice in workspace.slices {
            (trained.parameters + slice.offset).update(from: before + slice.offset, count: slice.count)
        }
        flipMirrors()
        return true
    }

    /// The slices that a thread changes where every process changes all: its own ones where there is one process.
    func slicesOfProcess(_ thread: Int) -> Range<Int> {
        guard !isAlone else { return slices(of: thread) }
        let (all, active) = (workspace.slices.count, current.pointee.active)
        return all * thread / active..<all * (thread + 1) / active
    }
}
