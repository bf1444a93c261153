import CKernels

// Where numbers of the whole batch are needed in the middle of a pass, every micro-batch comes as far before one goes on.
// A batch of one round stays in the arenas meanwhile. Of several rounds only sums are kept: each round runs again from its
// examples, which costs time (see `Program.passes`) and no memory.

extension Engine {
    /// Takes all couplings of an update. Returns the pass to go on with where the batch is one round and has been loaded.
    func couple(rounds: Int, _ worker: Int, _ sparse: UnsafePointer<bw_rows>?) -> bw_execution? {
        guard !program.couplings.isEmpty else { return nil }
        let batch = current.pointee.positions.count
        var held = rounds == 1 ? load(0..<batch, worker, sparse) : nil
        for (number, coupling) in program.couplings.enumerated() {
            for round in 0..<rounds {
                var part = held ?? load(share.rows(ofRound: round, of: batch), worker, sparse)
                let start = part.instructions - UnsafePointer(program.instructions.baseAddress!)
                part.count = coupling.end - start
                part.coupled = number
                bw_execute(&part)
            }
            team.meet(worker)
            finish(coupling, batch, worker)
            team.meet(worker)
            held = held?.from(instruction: coupling.end, of: program)
        }
        held?.coupled = program.couplings.count
        return held
    }

    /// Adds up a worker's channels of a coupling.
    private func finish(_ coupling: Coupling, _ batch: Int, _ worker: Int) {
        var sums = bw_coupling(
            sums: couplingSums, grains: (batch + partition.grain - 1) / partition.grain, channels: coupling.channels,
            count: Double(batch * coupling.positions), epsilon: coupling.epsilon,
            is_gradient: coupling.isGradient ? 1 : 0, moments: moments + coupling.offset,
            statistics: couplingStatistics + coupling.offset)
        let from = bw_first_column(coupling.stride, Int32(worker), Int32(share.workers))
        let to = bw_first_column(coupling.stride, Int32(worker + 1), Int32(share.workers))
        if from < to { bw_finish_sums(&sums, from, to) }
    }

    /// The means and unbiased variances of the batch, which running statistics move towards.
    func collectCoupledStatistics() {
        let batch = current.pointee.positions.count
        for coupling in program.couplings where !coupling.isGradient {
            guard let index = program.statistics.firstIndex(where: { $0.moments == coupling.node }) else { continue }
            let count = Double(batch * coupling.positions)
            let found = couplingStatistics + coupling.offset
            statisticWeights[index] = 1
            for channel in 0..<coupling.channels {
                statisticSums[index][channel] = found[channel]
                statisticSums[index][coupling.channels + channel] =
                    found[coupling.stride + channel] * (count > 1 ? count / (count - 1) : 1)
            }
        }
    }
}

extension bw_execution {
    /// The rest of it, from an instruction on.
    fileprivate func from(instruction: Int, of program: Program) -> Self {
        var rest = self
        rest.instructions = UnsafePointer(program.instructions.baseAddress! + instruction)
        rest.count = program.instructions.count - instruction
        return rest
    }
}
