import CKernels

// One update, from examples to parameters: the map of the whole system.
//
//   load        each worker gathers its share of the batch: what is not in       Loading/
//               memory has been read ahead
//   forward     the loss of every example                                         Model/, Graph/, Execution/
//   couple      sums over the whole batch, where a layer normalises by them      Training/Engine+Coupling.swift
//   backward    the slopes of the loss at every layer                             CKernels/execute.h
//   accumulate  rounds of micro-batches, where the batch is larger than memory    Planning/
//   reduce      gradient = chains over the examples of a lane, lanes in a tree    CKernels/reduce.h
//   finish      where clipping or the optimizer asks for norms of the gradient,   WholeGradient.swift
//               workers meet again before the update
//   update      the optimizer's pass over the same numbers, while they are near   Optimizing/
//   average     of the parameters, where the recipe asks for one                  Engine+Average.swift
//
// Forward and backward, workers share a round by examples or, where the weights are more than the examples, by the columns
// of each layer. They meet when that is done, for a gradient needs every example. Each then owns slices of the
// parameters, not examples: it sums a slice over all examples of the batch, in the batch's own order, and updates it at
// once. No gradient is ever added up between workers, so their number cannot change a bit.

extension Engine {
    /// Runs one update on the examples at `positions` of an epoch's order. Nil where nothing was changed: see `current`.
    ///
    /// `loaded` holds the features of the batch where they are not in memory as they are.
    func update(
        epoch: Int, order: EpochOrder, positions: Range<Int>, rate: Double, number: Int, loaded: LoadedRows? = nil,
        momentum: Float? = nil, averageShare: Float = 0
    ) -> UpdateResult? {
        begin(epoch: epoch, order: order, positions: positions, rate: rate, momentum: momentum, number: number)
        current.pointee.loaded = loaded
        current.pointee.averageShare = averageShare
        guard work() else { return nil }
        updateStatistics()
        averageStatistics()
        return result(rate: rate)
    }

    /// All workers' work on the current batch; whether it was done.
    func work() -> Bool {
        guard current.pointee.weight > 0 else {
            current.pointee.isApplied = false
            return false
        }
        if share.workers == 1 {
            work(0)
        } else {
            team.run(
                { engine, worker in
                    // the team runs while `update` does, and `self` with it
                    Unmanaged<Engine>.fromOpaque(engine!)._withUnsafeGuaranteedRef { $0.work(Int(worker)) }
                }, on: self)
        }
        return current.pointee.isApplied
    }

    private func work(_ worker: Int) {
        source.withSparseRows { work(worker, sparse: $0) }
    }

    private func work(_ worker: Int, sparse: UnsafePointer<bw_rows>?) {
        let batch = current.pointee.positions.count
        let rounds = share.rounds(rows: batch)
        let held = couple(rounds: rounds, worker, sparse)
        for round in 0..<rounds {
            let rows = share.rows(ofRound: round, of: batch)
            forwardAndBackward(held ?? load(rows, worker, sparse))
            team.meet(worker)

            if worker == 0 { collect() }
            guard passes(rows, worker, sparse) else { return }
            if let aside = current.pointee.aside {
                reduce(rows, worker, sparse, into: aside)
            } else {
                reduceAndStep(rows, worker, sparse)
            }
            if round < rounds - 1 { team.meet(worker) }
        }
        guard current.pointee.aside == nil else { return }
        if let whole { guard finish(whole, worker) else { return } }
        averageParameters(worker)
    }

    func begin(
        epoch: Int, order: EpochOrder, positions: Range<Int>, rate: Double, momentum: Float?, number: Int
    ) {
        current.pointee.order = order
        current.pointee.positions = positions
        current.pointee.weight = batchWeight(order, positions)
        current.pointee.dropoutKey = CounterRandom.key(seed: seed, purpose: .dropout, epoch: epoch)
        current.pointee.isApplied = true
        lossSums.update(repeating: 0, count: 16)
        optimizer.prepare(&current.pointee.step, rate: rate, number: number, momentum: momentum)
        if laneStarts[current.pointee.batch.lanes] != positions.count {
            current.pointee.batch.lanes = partition.fill(laneStarts, rows: positions.count)
        }
        clearStatistics()
    }

    // MARK: Load, forward, backward

    /// Gathers a worker's share of a round, and says what it has to run.
    func load(_ round: Range<Int>, _ worker: Int, _ sparse: UnsafePointer<bw_rows>?) -> bw_execution {
        let own = share.rows(ofWorker: worker, in: round)
        let place = program.isShared ? 0 : worker
        let all = program.isShared ? round : own
        let arena = arenas[place]
        if worker == 0 || !program.isShared {
            (blocks[place].first, blocks[place].rows, arena.rows) = (all.lowerBound, all.count, all.count)
        }
        let rows = own.lowerBound - all.lowerBound..<own.upperBound - all.lowerBound
        if !rows.isEmpty {
            let first = current.pointee.positions.lowerBound
            let examples = windows[worker].examples(
                at: first + own.lowerBound..<first + own.upperBound, of: current.pointee.order)
            (arena.examples + rows.lowerBound).update(from: examples, count: rows.count)
            source.gather(
                into: arena, rows, batchWeight: current.pointee.weight, loaded: current.pointee.loaded,
                place: own.lowerBound)
        }
        var pass = pass(worker, in: arena, sparse)
        pass.rows = all.count
        (pass.first, pass.last) = (rows.lowerBound, rows.upperBound)
        pass.start = all.lowerBound
        if program.isShared { pass.team = team.handle }
        return pass
    }

    func forwardAndBackward(_ pass: bw_execution) {
        var pass = pass
        bw_execute(&pass)
    }

    /// All that a program reads and writes, but for which examples.
    func pass(_ worker: Int, in arena: Arena, _ sparse: UnsafePointer<bw_rows>?) -> bw_execution {
        bw_execution(
            instructions: program.instructions.baseAddress, count: program.instructions.count, arena: arena.base,
            parameters: parameters, mirrors: mirrors, examples: arena.examples, sparse: sparse,
            dropout_key: current.pointee.dropoutKey,
            magnitudes: magnitudes + worker * program.guards, start: 0, grain: partition.grain,
            coupled: program.couplings.count, sums: couplingSums, moments: moments, rows: 0, first: 0, last: 0, team: nil,
            worker: Int32(worker), workers: Int32(share.workers))
    }

    private func batchWeight(_ order: EpochOrder, _ positions: Range<Int>) -> Double {
        guard source.data.weights != nil else { return Double(positions.count) }
        var sum = 0.0
        for position in positions { sum += source.weight(order[position]) }
        return sum
    }

    // MARK: Reduce and step

    /// Sums the slices that a worker owns over the round. In the last round the optimizer's step follows at once, or the
    /// gradient is put into place where the step waits for all of it.
    ///
    /// Meanwhile the rows that the worker reads next are asked for, a few with each slice.
    private func reduceAndStep(_ round: Range<Int>, _ worker: Int, _ sparse: UnsafePointer<bw_rows>?) {
        var step = current.pointee.step
        var part = current.pointee.round(round, sparse)
        let endsBatch = round.upperBound == current.pointee.positions.count
        let scratch = gradients + worker * partition.levels * scratchFloats
        let owned = owned[worker]
        let next = source.isFar ? positionsAfter(round, worker) : 0..<0
        let examples = next.isEmpty ? nil : windows[worker].upcoming(at: next, of: current.pointee.order)
        for (done, index) in owned.enumerated() {
            if let examples {
                let rows = next.count * done / owned.count..<next.count * (done + 1) / owned.count
                if !rows.isEmpty { source.prefetch(examples, rows) }
            }
            let (offset, count) = (slices[index].offset, slices[index].count)
            let sums = isAccumulating ? gradients + offset : scratch
            if endsBatch, whole == nil {
                bw_reduce_and_step(&part, &step, &slices[index], sums, levelStride)
            } else {
                bw_reduce(&part, &slices[index], sums, levelStride)
                if endsBatch, !isAccumulating { whole?.gradient.advanced(by: offset).update(from: sums, count: count) }
            }
        }
    }

    /// The positions of the epoch that a worker loads after a round, if the next batch is as large as this one.
    private func positionsAfter(_ round: Range<Int>, _ worker: Int) -> Range<Int> {
        let batch = current.pointee.positions.count
        let next = round.upperBound < batch ? round.upperBound..<batch : batch..<2 * batch
        let first = current.pointee.positions.lowerBound
        let last = min(next.upperBound, current.pointee.order.count - first)
        guard next.lowerBound < last else { return 0..<0 }
        let size = share.microBatch * share.workers
        let own = share.rows(ofWorker: worker, in: next.lowerBound..<min(next.lowerBound + size, last))
        return first + own.lowerBound..<first + own.upperBound
    }
}
