import CKernels

// One update, from examples to parameters: the map of the whole system.
//
//   delay       where gradients are to be late, the parameters are kept, and     Training/Engine+Delay.swift
//               older ones are read; backup workers' shares are left out          Training/Engine+Backup.swift
//   load        each worker gathers its part of the batch; features that are    Loading/
//               not in memory have been read ahead
//   forward     the loss of every example is computed                           Model/, Graph/, Execution/
//   couple      where a layer normalises over the whole batch, its sums are     Training/Engine+Coupling.swift
//               taken over the whole batch
//   backward    the slopes of the loss at every layer are computed              CKernels/execute.h
//   accumulate  the batch runs in rounds of micro-batches, where it is larger   Planning/WorkDivision.swift
//               than memory
//   join        numbers that workers computed in parts are put together         Reducing/Communicator.swift
//   hand over   between machines, sums go from process to process where they    Training/Engine+HandingOver.swift
//               are fewer bytes than rows
//   watch       losses are added up; the update is refused where a number is    Training/Engine+Watch.swift
//               not finite
//   measure     where a quantity needs them, the squared norms of examples'     Measuring/Engine+PartNorms.swift
//               and lanes' gradients are computed
//   reduce      the gradient is summed: chains over the examples of a lane,     CKernels/reduce.h
//               and lanes in a tree
//   ascend      with SAM, the parameters go uphill by the whole gradient        Training/Engine+Ascent.swift
//               for a second one: all from `load` to `reduce` is done again
//   finish      where clipping, the optimizer or a quantity needs norms of the  Training/Engine+WholeGradient.swift
//               gradient, workers meet again before the update
//   update      the optimizer's step is made on the same numbers, while they    Optimizing/
//               are in the nearest cache
//   average     where the recipe has an average of the parameters, they are     Training/Engine+Average.swift
//               added to it
//
// In the forward and backward pass, workers divide a round by examples or, where the weights are more than the
// examples, by the columns of each layer. They meet when the pass is done, because a gradient needs every example. Then
// each worker owns slices of the parameters, not examples: it sums a slice over all examples of the batch, in the
// batch's own order, and updates it at once; between machines, the chain of that sum may come to it from process to
// process. No gradient is ever added up between workers, so their number cannot change a bit. The number of active threads may change at every update: where fewer threads are active than there are
// workers (see Pace), a thread does the work of several workers in turn.

extension Engine {
    /// Runs one update on the examples at its positions of an epoch's order. The result is nil where nothing was
    /// changed: see `current`.
    ///
    /// `loaded` holds the features of the batch from `place` on, where they are not in memory as they are.
    func update(_ next: NextUpdate, order: EpochOrder, loaded: LoadedRows? = nil, at place: Int = 0) -> UpdateResult? {
        let start = paceTime()
        begin(next, order: order)
        (current.pointee.loaded, current.pointee.loadedPlace) = (loaded, place)
        current.pointee.averageWeight = next.averageWeight
        guard perform() else { return nil }
        updateStatistics()
        averageStatistics()
        keepPace(examples: next.positions.count, since: start)
        return result(rate: next.rate)
    }

    /// Runs the work of all workers on the current batch; returns whether parameters were changed, or a gradient
    /// stored.
    func perform() -> Bool {
        current.pointee.active = pace.active
        team.run(
            active: current.pointee.active,
            { engine, thread in
                // the team runs while `update` does, and `self` with it
                Unmanaged<Engine>.fromOpaque(engine!)._withUnsafeGuaranteedRef { $0.perform(onThread: Int(thread)) }
            }, on: self)
        return current.pointee.isApplied
    }

    private func perform(onThread thread: Int) {
        source.withSparseRows { perform(onThread: thread, sparse: $0) }
    }

    private func perform(onThread thread: Int, sparse: UnsafePointer<bw_rows>?) {
        keepVersion(thread)
        guard passes(thread, sparse) else { return }
        guard current.pointee.gradientTarget == nil else {
            if !isAlone { join(.gradient, thread) }
            return
        }
        if let sam = rules.sam, let whole = wholeGradient {
            ascend(sam, whole, thread)
            guard passes(thread, sparse, isSecond: true) else { return }
            descend(whole, thread)
        }
        if let whole = wholeGradient {
            guard finish(whole, thread) else {
                // the layer that failed is looked for among the rows of all
                if !needsAllRows { joinKeptRows(thread) }
                return
            }
        }
        if !isAlone {
            join(.parameters, thread)
            if current.pointee.needs.needsParametersBefore { join(.changes, thread) }
        }
        averageParameters(thread)
    }

    /// Runs the passes of all rounds, and sums the gradient of the batch. False where a number is not finite.
    ///
    /// Losses, statistics and parts are those of the first passes, at the parameters before the update.
    private func passes(_ thread: Int, _ sparse: UnsafePointer<bw_rows>?, isSecond: Bool = false) -> Bool {
        let batch = current.pointee.positions.count
        let rounds = division.rounds(rows: batch)
        let collects = thread == 0 && !isSecond
        let needsParts = current.pointee.needs.needsParts && !isSecond
        let isLoaded = couple(rounds: rounds, thread, sparse)
        if collects { collectCoupledStatistics() }
        for round in 0..<rounds {
            let rows = division.rows(ofRound: round, of: batch)
            if !isLoaded { load(rows, thread, sparse) }
            forwardAndBackward(thread)
            beginJoiningRows(thread)
            if current.pointee.gradientTarget == nil { handOver(rows, thread, sparse) }
            finishJoiningRows(thread)
            if needsAllRows { joinKeptRows(thread) }
            if collects { collect() }
            guard gradientsAreSafe(rows, thread, sparse) else { return false }
            if needsParts { measureParts(rows, thread, sparse) }
            if let target = current.pointee.gradientTarget {
                reduce(rows, thread, sparse, into: target)
            } else {
                reduceAndStep(rows, thread, sparse)
                if rows.upperBound == batch { stepHanded(thread) }
            }
            if round < rounds - 1 { join(.laneSums, thread) }
        }
        return true
    }

    func begin(_ next: NextUpdate, order: EpochOrder) {
        current.pointee.order = order
        current.pointee.positions = next.positions
        current.pointee.leftOut = next.leftOut
        current.pointee.weight = batchWeight(order, next.positions) - weightLeftOut
        current.pointee.divisor = source.divisor(
            ofExamples: next.leftOut.reduce(next.positions.count) { $0 - $1.count })
        current.pointee.dropoutKey = CounterRandom.key(seed: seed, purpose: .dropout, epoch: next.epoch)
        current.pointee.needs = next.needs
        current.pointee.isApplied = true
        current.pointee.ascent = nil
        readVersion(of: next)
        workspace.lossSums.update(repeating: 0)
        optimizer.prepare(&current.pointee.step, rate: next.rate, number: next.number, momentum: next.momentum)
        if rules.need == .programStep {
            current.pointee.settings = optimizer.settings(rate: next.rate, number: next.number, momentum: next.momentum)
        }
        if workspace.laneStarts[current.pointee.batch.lanes] != next.positions.count {
            current.pointee.batch.lanes = partition.fill(workspace.laneStarts, rows: next.positions.count)
        }
        clearStatistics()
    }

    /// The sum of the batch's weights, which the means of losses are divided by.
    private func batchWeight(_ order: EpochOrder, _ positions: Range<Int>) -> Double {
        guard source.data.weights != nil else { return Double(positions.count) }
        var sum = 0.0
        for position in positions { sum += source.weight(order[position]) }
        return sum
    }

    // MARK: Load, forward, backward

    /// Gathers the examples of a round that a thread loads, and sets what the thread has to execute.
    func load(_ round: Range<Int>, _ thread: Int, _ sparse: UnsafePointer<bw_rows>?) {
        let workers = division.workers(ofThread: thread, of: current.pointee.active)
        for worker in workers {
            let own = division.rows(ofWorker: worker, in: round)
            let all = program.isShared ? round : own
            let place = program.isShared ? 0 : worker
            let arena = workspace.arenas[place]
            if thread == 0 || !program.isShared {
                (workspace.blocks[place].first, workspace.blocks[place].rows) = (all.lowerBound, all.count)
                arena.rows = all.count
            }
            gather(own, into: arena, at: own.lowerBound - all.lowerBound, worker)
            workspace.magnitudes(of: worker)[program.guards] = current.pointee.loaded?.largest ?? 0
            guard !program.isShared else { continue }
            var execution = execution(worker, in: arena, sparse)
            (execution.rows, execution.last, execution.start) = (all.count, all.count, all.lowerBound)
            workspace.executions[worker] = execution
        }
        if !isAlone { placeExamplesOfOthers(in: round, thread) }
        guard program.isShared else { return }
        // threads execute the same instructions, each for some columns or some of the rows
        let own = division.rows(ofWorkers: workers, in: round)
        var execution = execution(thread, in: workspace.arenas[0], sparse)
        execution.rows = round.count
        (execution.first, execution.last) = (own.lowerBound - round.lowerBound, own.upperBound - round.lowerBound)
        execution.start = round.lowerBound
        execution.workers = Int32(current.pointee.active)
        if current.pointee.active > 1 { execution.team = team.handle }
        workspace.executions[thread] = execution
    }

    private func gather(_ own: Range<Int>, into arena: Arena, at row: Int, _ worker: Int) {
        guard !own.isEmpty else { return }
        let first = current.pointee.positions.lowerBound
        let windows = workspace.windows
        let examples = windows[worker].examples(
            at: first + own.lowerBound..<first + own.upperBound, of: current.pointee.order)
        (arena.examples + row).update(from: examples, count: own.count)
        source.gather(
            into: arena, row..<row + own.count, divisor: current.pointee.divisor, loaded: current.pointee.loaded,
            place: current.pointee.loadedPlace + own.lowerBound)
        leaveOut(own, from: arena, at: row)
    }

    /// The executions that a thread has loaded.
    func executions(of thread: Int) -> Range<Int> {
        program.isShared ? thread..<thread + 1 : division.workers(ofThread: thread, of: current.pointee.active)
    }

    /// Runs the instructions. Between machines, rows that later instructions leave alone are sent meanwhile.
    func forwardAndBackward(_ thread: Int) {
        var first = 0
        for stage in joining.early {
            run(first..<stage.end, thread)
            beginJoining(stage.tensors, thread)
            first = stage.end
        }
        run(first..<program.instructions.count, thread)
    }

    /// Runs some of the instructions that are left of a thread's executions.
    private func run(_ instructions: Range<Int>, _ thread: Int) {
        for index in executions(of: thread) {
            guard !joining.early.isEmpty else {
                bw_execute(&workspace.executions[index])
                continue
            }
            var part = workspace.executions[index]
            part.instructions += instructions.lowerBound
            part.count = instructions.count
            bw_execute(&part)
        }
    }

    /// The memory that a program reads and writes; the caller adds the examples.
    func execution(_ worker: Int, in arena: Arena, _ sparse: UnsafePointer<bw_rows>?) -> bw_execution {
        bw_execution(
            instructions: program.instructions.baseAddress, count: program.instructions.count, arena: arena.base,
            parameters: current.pointee.read.parameters, mirrors: current.pointee.read.mirrors,
            examples: arena.examples, sparse: sparse,
            dropout_key: current.pointee.dropoutKey,
            magnitudes: workspace.magnitudes(of: worker), start: 0, grain: partition.grain,
            coupled: program.couplings.count, sums: workspace.couplingSums.baseAddress,
            moments: workspace.moments.baseAddress, rows: 0, first: 0, last: 0, team: nil,
            worker: Int32(worker), workers: Int32(division.workers))
    }

    // MARK: Reduce and step

    /// The slices that a thread sums over all rows and updates: the slices of its workers, which lie side by side.
    func slices(of thread: Int) -> Range<Int> {
        let workers = division.workers(ofThread: thread, of: current.pointee.active)
        return workspace.owned[workers.lowerBound].lowerBound..<workspace.owned[workers.upperBound - 1].upperBound
    }

    /// Sums the slices of a thread over the round. In the last round the optimizer's step follows at once, or the
    /// gradient is put into place where the step waits for all of it.
    ///
    /// Meanwhile the rows that the thread reads next are asked for, a few with each slice.
    private func reduceAndStep(_ round: Range<Int>, _ thread: Int, _ sparse: UnsafePointer<bw_rows>?) {
        var step = current.pointee.step
        var part = current.pointee.round(round, sparse)
        let endsBatch = round.upperBound == current.pointee.positions.count
        let scratch = workspace.sums + thread * partition.levels * workspace.scratchFloats
        let whole = wholeGradient
        let own = slices(of: thread)
        let worker = division.workers(ofThread: thread, of: current.pointee.active).lowerBound
        let next = source.isFar ? positionsAfter(round, worker) : 0..<0
        let windows = workspace.windows
        let examples = next.isEmpty ? nil : windows[worker].upcoming(at: next, of: current.pointee.order)
        for (done, index) in own.enumerated() {
            if let examples {
                let rows = next.count * done / own.count..<next.count * (done + 1) / own.count
                if !rows.isEmpty { source.prefetch(examples, rows) }
            }
            let (offset, count) = (workspace.slices[index].offset, workspace.slices[index].count)
            let sums = isAccumulating ? workspace.sums + offset : scratch
            if endsBatch, whole == nil {
                bw_reduce_and_step(&part, &step, &workspace.slices[index], sums, levelStride)
            } else {
                bw_reduce(&part, &workspace.slices[index], sums, levelStride)
                if endsBatch, !isAccumulating { whole?.gradient.advanced(by: offset).update(from: sums, count: count) }
            }
        }
    }

    /// The positions of the epoch that a worker loads after a round, for a next batch of the size of this one.
    private func positionsAfter(_ round: Range<Int>, _ worker: Int) -> Range<Int> {
        let batch = current.pointee.positions.count
        let next = round.upperBound < batch ? round.upperBound..<batch : batch..<2 * batch
        let first = current.pointee.positions.lowerBound
        let last = min(next.upperBound, current.pointee.order.count - first)
        guard next.lowerBound < last else { return 0..<0 }
        let size = division.microBatch * division.workers
        let own = division.rows(ofWorker: worker, in: next.lowerBound..<min(next.lowerBound + size, last))
        return first + own.lowerBound..<first + own.upperBound
    }
}
