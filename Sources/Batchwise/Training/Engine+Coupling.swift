import CKernels

// Where a layer normalises over the whole batch, every micro-batch comes as far as that layer before any continues. A
// batch of one round stays in the arenas meanwhile. Of several rounds only sums are kept: each round is executed again from
// its examples, which costs time (see `Program.passes`) and no memory.

extension Engine {
    /// Takes all couplings of an update. Whether the batch is one round, which stays loaded and goes on from there.
    func couple(rounds: Int, _ thread: Int, _ sparse: UnsafePointer<bw_rows>?) -> Bool {
        guard !program.couplings.isEmpty, let first = program.instructions.baseAddress else { return false }
        let batch = current.pointee.positions.count
        let isOne = rounds == 1
        if isOne { load(0..<batch, thread, sparse) }
        for (number, coupling) in program.couplings.enumerated() {
            for round in 0..<rounds {
                if !isOne { load(division.rows(ofRound: round, of: batch), thread, sparse) }
                for index in executions(of: thread) {
                    var part = workspace.executions[index]
                    part.count = coupling.end - (part.instructions - UnsafePointer(first))
                    part.coupled = number
                    bw_execute(&part)
                }
            }
            join(.grainSums(stride: coupling.stride), thread)
            finish(coupling, batch, thread)
            join(.moments, thread)
            guard isOne else { continue }
            for index in executions(of: thread) {
                workspace.executions[index].instructions = UnsafePointer(first + coupling.end)
                workspace.executions[index].count = program.instructions.count - coupling.end
            }
        }
        return isOne
    }

    /// Adds up a thread's channels of a coupling.
    private func finish(_ coupling: Coupling, _ batch: Int, _ thread: Int) {
        var sums = bw_coupling(
            sums: workspace.couplingSums.baseAddress, grains: (batch + partition.grain - 1) / partition.grain,
            channels: coupling.channels, count: Double(batch * coupling.positions), epsilon: coupling.epsilon,
            is_gradient: coupling.isGradient ? 1 : 0, moments: workspace.moments.baseAddress! + coupling.offset,
            statistics: workspace.couplingStatistics.baseAddress! + coupling.offset)
        let active = Int32(current.pointee.active)
        let from = bw_first_column(coupling.stride, Int32(thread), active)
        let to = bw_first_column(coupling.stride, Int32(thread + 1), active)
        if from < to { bw_finish_sums(&sums, from, to) }
    }

    /// The means and unbiased variances of the batch, which running statistics move towards.
    func collectCoupledStatistics() {
        let batch = current.pointee.positions.count
        for coupling in program.couplings where !coupling.isGradient {
            guard let index = program.statistics.firstIndex(where: { $0.moments == coupling.node }) else { continue }
            let count = Double(batch * coupling.positions)
            let found = workspace.couplingStatistics.baseAddress! + coupling.offset
            statisticWeights[index] = 1
            for channel in 0..<coupling.channels {
                statisticSums[index][channel] = found[channel]
                statisticSums[index][coupling.channels + channel] =
                    found[coupling.stride + channel] * (count > 1 ? count / (count - 1) : 1)
            }
        }
    }
}
