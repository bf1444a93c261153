import CKernels

// The second way to a gradient between machines: a chain of sums is put down by one process and taken up by the next, so
// that no rows are exchanged. Each number of the gradient is the same chain over the batch as in one process. The last
// process has the gradient, and gives each piece of it to the process that owns its slices.

extension Engine {
    /// Adds the examples of this process to the sums that are handed over, in the order of the batch.
    ///
    /// Where the batch goes on in another round, the last process hands the sums to the first.
    func handOver(_ round: Range<Int>, _ thread: Int, _ sparse: UnsafePointer<bw_rows>?) {
        guard let handed = workspace.handed else { return }
        let (rank, size, batch) = (communicator.rank, communicator.size, current.pointee.positions.count)
        let own = division.rows(ofRank: rank, in: round)
        let goesOn = round.upperBound < batch
        let before = underWay(at: own.lowerBound)
        // the first process has kept the sums of the round before
        let comes = rank > 0 ? before : 0
        let goes = rank < size - 1 || goesOn ? underWay(at: own.upperBound) : 0
        if thread == 0, comes > 0 { handed.receive(comes, from: rank - 1, communicator) }
        var part = current.pointee.round(own, sparse)
        let active = current.pointee.active
        for (number, piece) in handed.pieces.enumerated() {
            if comes > 0 {
                if thread == 0 { handed.awaitPiece(number) }
                team.meet(thread)
            }
            let (first, count) = (piece.slices.lowerBound, piece.slices.count)
            for index in first + count * thread / active..<first + count * (thread + 1) / active {
                let place = handed.place(ofSlice: index, in: piece)
                let (sums, floats) = (handed.outgoing + place, workspace.slices[index].count)
                for level in 0..<before {
                    let offset = level * piece.floats
                    (sums + offset).update(from: handed.incoming + place + offset, count: floats)
                }
                bw_reduce(&part, &workspace.slices[index], sums, piece.floats)
            }
            let isFinished = rank == size - 1 && !goesOn
            guard isFinished ? piece.owner != rank : goes > 0 else { continue }
            team.meet(thread)
            guard thread == 0 else { continue }
            if isFinished {
                handed.send(piece, sums: 1, to: piece.owner, communicator)
            } else {
                handed.send(piece, sums: goes, to: (rank + 1) % size, communicator)
            }
        }
        if goesOn, rank == 0, thread == 0 {
            handed.receive(underWay(at: round.upperBound), from: size - 1, communicator)
            for number in handed.pieces.indices { handed.awaitPiece(number) }
        }
        if thread == 0 {
            if goesOn || rank == size - 1 {
                handed.awaitSent()
            } else {
                handed.takeFinished(by: rank, from: size - 1, communicator)
            }
        }
        team.meet(thread)
    }

    /// The sums of a number that stand in the tree of lanes where so many examples have been added.
    private func underWay(at place: Int) -> Int {
        SumOrder.underWay(at: place, starts: workspace.laneStarts.prefix(current.pointee.batch.lanes + 1))
    }

    /// Changes the parameters by the gradients that have been handed over, or puts them into place where the step waits
    /// for all of it.
    func stepHanded(_ thread: Int) {
        guard let handed = workspace.handed else { return }
        var step = current.pointee.step
        let whole = wholeGradient
        let own = handedSlices(of: thread)
        for piece in handed.pieces {
            for index in piece.slices.clamped(to: own) {
                let gradient = handed.outgoing + handed.place(ofSlice: index, in: piece)
                let (offset, count) = (workspace.slices[index].offset, workspace.slices[index].count)
                if let whole {
                    (whole.gradient + offset).update(from: gradient, count: count)
                } else {
                    bw_step_slice(&step, &workspace.slices[index], gradient, 1, 1)
                }
            }
        }
    }

    /// Calls `body` with the slices that a thread owns.
    func forEachOwnSlice(of thread: Int, _ body: (Int) -> Void) {
        slices(of: thread).forEach(body)
        handedSlices(of: thread).forEach(body)
    }

    /// The slices that a thread changes, of those whose sums are handed over.
    func handedSlices(of thread: Int) -> Range<Int> {
        guard let all = workspace.handed?.own else { return 0..<0 }
        let active = current.pointee.active
        return all.lowerBound + all.count * thread / active..<all.lowerBound + all.count * (thread + 1) / active
    }
}
