import CKernels

// What an update looks at beside the gradient: the loss, numbers that are not finite, running statistics.

extension Engine {
    /// Adds up the losses of a round in the batch's order. Worker 0 does it, so the sums have one order.
    func collect() {
        guard let losses = program.losses else { return }
        for (arena, block) in zip(workspace.arenas, workspace.blocks) {
            leaveOut(of: losses, block, in: arena)
            source.withWeights {
                if losses.width == 1 {
                    arena.sumLosses(
                        losses, source.loss, weights: $0, first: block.first, rows: block.rows,
                        into: workspace.lossSums.baseAddress!)
                } else {
                    bw_sum_losses(
                        arena.base + losses.offset, $0, arena.examples, block.first, block.rows,
                        workspace.lossSums.baseAddress!)
                }
            }
        }
        for (index, statistic) in program.statistics.enumerated() { add(statistic, index) }
    }

    /// What the update has found.
    func result(rate: Double) -> UpdateResult {
        func sum(_ sums: UnsafePointer<Double>) -> Double {
            ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]))
        }
        let sums = UnsafePointer(workspace.lossSums.baseAddress!)  // there are sixteen
        return UpdateResult(
            lossSum: sum(sums), rightSum: sum(sums + 8), weight: current.pointee.weight, rate: rate)
    }

    /// Whether the update may go on: every thread comes to the same answer.
    ///
    /// Every number of a gradient is a sum of products of what the guard has measured, so their largest magnitudes
    /// bound it. Only where the bound is beyond a Float are the gradients looked at themselves.
    func gradientsAreSafe(_ round: Range<Int>, _ thread: Int, _ sparse: UnsafePointer<bw_rows>?) -> Bool {
        var isFinite = true
        var largest = max(1, source.largestFeature)
        var second: Float = 1
        let executions = program.isShared ? current.pointee.active : division.workers
        for worker in 0..<executions { largest = max(largest, workspace.magnitudes(of: worker)[program.guards]) }
        for worker in 0..<executions {
            for place in 0..<program.guards {
                let magnitude = workspace.magnitudes(of: worker)[place]
                isFinite = isFinite && magnitude.isFinite
                (largest, second) = magnitude > largest ? (magnitude, largest) : (largest, max(second, magnitude))
            }
        }
        for arena in workspace.arenas where isFinite {
            guard let losses = program.losses else { break }
            isFinite = bw_largest_magnitude(arena.base + losses.offset, losses.width * arena.rows).isFinite
        }
        if isFinite {
            // a quarter of the largest Float leaves room for the rounding of long sums
            let terms =
                Double(current.pointee.positions.count) * Double(program.widestTensor) * Double(program.mostReductions)
            if Double(largest) * Double(second) * terms < Double(Float.greatestFiniteMagnitude) / 4 { return true }
        }
        if !needsAllRows { joinKeptRows(thread) }
        if isFinite, gradientsAreFinite(round, thread, sparse) { return true }
        if thread == 0 { current.pointee.isApplied = false }
        return false
    }

    /// Sums the gradients of this round into a scratch, changing nothing, and agrees with the other threads on them.
    private func gradientsAreFinite(
        _ round: Range<Int>, _ thread: Int, _ sparse: UnsafePointer<bw_rows>?
    ) -> Bool {
        let workers = division.workers(ofThread: thread, of: current.pointee.active)
        for worker in workers { workspace.verdicts[worker] = true }
        let scratch = UnsafeMutablePointer<Float>.allocate(capacity: workspace.scratchFloats + Int(BW_SLACK))
        defer { scratch.deallocate() }
        var part = current.pointee.round(round, sparse)
        forEachOwnSlice(of: thread) { index in
            bw_reduce_chain(&part, &workspace.slices[index], scratch)
            if !bw_largest_magnitude(scratch, workspace.slices[index].count).isFinite {
                workspace.verdicts[workers.lowerBound] = false
            }
        }
        join(.verdicts, thread)
        let agreed = workspace.verdicts.allSatisfy { $0 }
        join(.decision, thread)
        return agreed
    }

    /// The layer where numbers stopped being finite in the update that has just been refused. All processes ask together:
    /// each looks at its own examples, and the first worker that has found one is believed.
    func layerThatFailed() -> String {
        let own = program.isShared ? 0..<1 : division.own
        var found = Array(repeating: -1, count: communicator.size)
        for worker in own where workspace.arenas[worker].rows > 0 && found[communicator.rank] < 0 {
            let (arena, block) = (workspace.arenas[worker], workspace.blocks[worker])
            source.gather(
                into: arena, 0..<arena.rows, divisor: current.pointee.divisor, loaded: current.pointee.loaded,
                place: current.pointee.loadedPlace + block.first)
            found[communicator.rank] =
                source.withSparseRows { arena.firstNonFiniteInstruction(execution(0, in: arena, $0)) } ?? -1
        }
        found.withUnsafeMutableBufferPointer { all in
            communicator.exchange { body in
                for rank in all.indices { body(rank, raw(all.baseAddress! + rank, 1)) }
            }
        }
        if let instruction = found.first(where: { $0 >= 0 }) { return program.paths[instruction] }
        return gradientThatIsNotFinite() ?? "loss"
    }

    /// The layer and its parameter whose gradient is not finite in that update, where all that it is made of is.
    private func gradientThatIsNotFinite() -> String? {
        let used = workspace.blocks.filter { $0.rows > 0 }
        let first = used.map(\.first).min() ?? 0
        let last = used.map { $0.first + $0.rows }.max() ?? first
        let scratch = UnsafeMutablePointer<Float>.allocate(capacity: workspace.scratchFloats + Int(BW_SLACK))
        defer { scratch.deallocate() }
        let bad = source.withSparseRows { sparse in
            var part = current.pointee.round(first..<last, sparse)
            return workspace.slices.indices.first { index in
                bw_reduce_chain(&part, &workspace.slices[index], scratch)
                return !bw_largest_magnitude(scratch, workspace.slices[index].count).isFinite
            }
        }
        guard let bad, let index = layout.offsets.lastIndex(where: { $0 <= workspace.slices[bad].offset }) else {
            return nil
        }
        let parts = layout.parameters[index].name.split(separator: ".")
        return "\(parts.dropLast().joined(separator: ".")) (gradient of \(parts.last ?? ""))"
    }

    // MARK: Running statistics

    func clearStatistics() {
        for index in program.statistics.indices {
            statisticWeights[index] = 0
            for place in statisticSums[index].indices { statisticSums[index][place] = 0 }
        }
    }

    private func add(_ statistic: Graph.Statistic, _ index: Int) {
        guard case .ghost(let size, let positions, let channels, let epsilon) = statistic.normalisation else { return }
        let tensor = program.moments[index]
        for arena in workspace.arenas {
            for first in stride(from: 0, to: arena.rows, by: size) {
                let examples = min(size, arena.rows - first)
                let numbers = Double(examples * positions)
                let weight = Double(examples)
                let moments = arena.base + tensor.offset + first * tensor.width
                statisticWeights[index] += weight
                for channel in 0..<channels {
                    let scale = Double(moments[channels + channel])
                    let variance = max(1 / (scale * scale) - Double(epsilon), 0)
                    statisticSums[index][channel] += weight * Double(moments[channel])
                    statisticSums[index][channels + channel] +=
                        weight * variance * (numbers > 1 ? numbers / (numbers - 1) : 1)
                }
            }
        }
    }

    /// running <- (1 - momentum) running + momentum * mean over the ghost batches of the update, or its one batch.
    func updateStatistics() {
        for (index, statistic) in program.statistics.enumerated() {
            let channels = program.moments[index].width / 2
            let mean = trained.parameters + layout.offsets[statistic.mean]
            let variance = trained.parameters + layout.offsets[statistic.variance]
            let momentum = Double(statistic.momentum)
            let weight = statisticWeights[index]
            for channel in 0..<channels where weight > 0 {
                mean[channel] = Float(
                    (1 - momentum) * Double(mean[channel]) + momentum * statisticSums[index][channel] / weight)
                variance[channel] = Float(
                    (1 - momentum) * Double(variance[channel])
                        + momentum * statisticSums[index][channels + channel] / weight)
            }
        }
    }
}
