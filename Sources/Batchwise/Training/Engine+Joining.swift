import CKernels

// The exchange of numbers that workers need from other workers: see JoinedNumbers.

extension Engine {
    /// Returns when a thread can read all of these numbers. All threads of all processes call this function for the
    /// same numbers in the same order.
    func join(_ numbers: JoinedNumbers, _ thread: Int) {
        team.meet(thread)
        guard !isAlone else { return }
        if thread == 0 { exchange(numbers) }
        team.meet(thread)
    }

    /// Begins to join rows of these tensors, which stay as they are from now on.
    func beginJoining(_ tensors: [Program.Tensor], _ thread: Int) {
        team.meet(thread)
        guard thread == 0 else { return }
        communicator.begin { body in
            for worker in 0..<division.workers {
                forEachRowPart(of: worker, tensors) { body(division.rank(ofWorker: worker), $0) }
            }
        }
    }

    /// Begins to join all rows of a round that are not on their way yet.
    func beginJoiningRows(_ thread: Int) {
        team.meet(thread)
        guard !isAlone, thread == 0 else { return }
        communicator.begin { body in forEachPart(of: .rows) { body(division.rank(ofWorker: $0), $1) } }
    }

    /// Returns when a thread can read all rows of a round.
    func finishJoiningRows(_ thread: Int) {
        guard !isAlone else { return }
        if thread == 0 { communicator.finishExchanges() }
        team.meet(thread)
    }

    /// Collects the optimizer's vectors from all processes, before they are saved or divided in another way.
    func joinOptimizerState() {
        guard !isAlone else { return }
        exchange(.optimizerState)
    }

    private func exchange(_ numbers: JoinedNumbers) {
        switch numbers {
        case .moments, .laneSums, .squares, .decision, .ascent: return communicator.meet()
        case .rows, .keptRows, .grainSums, .gradient, .directions, .verdicts, .parameters, .changes, .optimizerState:
            break
        }
        communicator.exchange { body in
            forEachPart(of: numbers) { worker, part in body(division.rank(ofWorker: worker), part) }
        }
        guard case .parameters = numbers else { return }
        forEachSlice { worker, slice in
            guard slice.mirror != BW_NONE, !division.own.contains(worker) else { return }
            withUnsafePointer(to: slice) { bw_flip($0, trained.parameters, trained.mirrors) }
        }
    }

    // MARK: The parts of each kind

    private func forEachPart(of numbers: JoinedNumbers, _ body: (Int, UnsafeMutableRawBufferPointer) -> Void) {
        func slices(of vector: UnsafeMutablePointer<Float>) {
            forEachSlice { worker, slice in body(worker, raw(vector + slice.offset, slice.count)) }
        }
        switch numbers {
        case .rows:
            for worker in 0..<division.workers {
                forEachRowPart(of: worker, joining.exchanged) { body(worker, $0) }
                body(worker, raw(workspace.magnitudes(of: worker), program.guards + 1))
            }
        case .keptRows:
            for worker in 0..<division.workers { forEachRowPart(of: worker, joining.kept) { body(worker, $0) } }
        case .grainSums(let stride):
            forEachGrain { worker, grains in
                let sums = workspace.couplingSums.baseAddress! + grains.lowerBound * 2 * stride
                body(worker, raw(sums, grains.count * 2 * stride))
            }
        case .gradient, .directions:
            if let gradient = current.pointee.gradientTarget ?? workspace.whole?.gradient { slices(of: gradient) }
        case .changes:
            guard let whole = workspace.whole else { return }
            for vector in [whole.before, whole.change] { vector.map(slices(of:)) }
        case .parameters: slices(of: trained.parameters)
        case .optimizerState: trained.states.forEach(slices(of:))
        case .verdicts:
            for worker in 0..<division.workers { body(worker, raw(workspace.verdicts.baseAddress! + worker, 1)) }
        case .moments, .laneSums, .squares, .decision, .ascent: return
        }
    }

    func raw<Number>(_ first: UnsafeMutablePointer<Number>, _ count: Int) -> UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(start: first, count: count))
    }

    private func forEachSlice(_ body: (_ worker: Int, bw_slice) -> Void) {
        for (worker, own) in workspace.owned.enumerated() { for index in own { body(worker, workspace.slices[index]) } }
        guard let handed = workspace.handed else { return }
        for piece in handed.pieces {
            for index in piece.slices { body(piece.owner * division.own.count, workspace.slices[index]) }
        }
    }

    /// Calls `body` with tensors of a worker's examples.
    private func forEachRowPart(
        of worker: Int, _ tensors: [Program.Tensor], _ body: (UnsafeMutableRawBufferPointer) -> Void
    ) {
        let arena = workspace.arenas[worker]
        for tensor in tensors { body(raw(arena.base + tensor.offset, arena.rows * tensor.width)) }
    }

    /// Calls `body` with the range of grains that each worker sums, round after round.
    private func forEachGrain(_ body: (_ worker: Int, Range<Int>) -> Void) {
        let batch = current.pointee.positions.count
        let grain = partition.grain
        for round in 0..<division.rounds(rows: batch) {
            for worker in 0..<division.workers {
                let rows = division.rows(ofWorker: worker, in: division.rows(ofRound: round, of: batch))
                body(
                    worker,
                    rows.lowerBound / grain..<max(rows.lowerBound / grain, (rows.upperBound + grain - 1) / grain))
            }
        }
    }

    // MARK: Examples of other processes

    /// Enters the examples of a round that other processes have into the arenas of their workers here, where their rows
    /// are read once they are exchanged. Features and targets of examples on other machines are gathered from this process's
    /// own memory, where they are there, so that nobody sends them.
    func placeExamplesOfOthers(in round: Range<Int>, _ thread: Int) {
        let (first, active) = (current.pointee.positions.lowerBound, current.pointee.active)
        for worker in 0..<division.workers where !division.own.contains(worker) && worker % active == thread {
            let rows = division.rows(ofWorker: worker, in: round)
            let arena = workspace.arenas[worker]
            (workspace.blocks[worker].first, workspace.blocks[worker].rows) = (rows.lowerBound, rows.count)
            arena.rows = rows.count
            for (place, row) in rows.enumerated() {
                arena.examples[place] = UInt64(current.pointee.order[first + row])
            }
            guard !communicator.sharesMemory(with: division.rank(ofWorker: worker)) else { continue }
            if joining.knowsFeatures, needsAllRows || joining.readsFeatures { gatherFeatures(into: arena) }
            if joining.knowsTargets, let target = program.target {
                source.gatherTargets(arena.examples, arena.rows, to: arena.base + target.offset, width: target.width)
            }
        }
    }

    private func gatherFeatures(into arena: Arena) {
        guard let input = program.input else { return }
        source.gatherFeatures(arena.examples, arena.rows, to: arena.base + input.offset)
    }

    /// Whether an update needs the rows of all layers in every process.
    var needsAllRows: Bool { current.pointee.needs.needsParts || current.pointee.gradientTarget != nil }

    /// Joins the rows that were kept because sums are handed over instead.
    func joinKeptRows(_ thread: Int) {
        guard workspace.handed != nil else { return }
        if !needsAllRows, joining.knowsFeatures, !joining.readsFeatures {
            let active = current.pointee.active
            for worker in 0..<division.workers where worker % active == thread {
                let isHere = communicator.sharesMemory(with: division.rank(ofWorker: worker))
                if !isHere { gatherFeatures(into: workspace.arenas[worker]) }
            }
        }
        join(.keptRows, thread)
    }
}
