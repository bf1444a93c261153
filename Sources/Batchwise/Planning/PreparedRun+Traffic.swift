import CKernels

extension PreparedRun {
    /// The bytes that processes on several machines move in an update. A quantity counts as due at every update, and
    /// the look at a gradient whose magnitudes might overflow is left out: a byte a worker, which few updates need.
    package var traffic: UpdateTraffic {
        let rules = execution.rules
        let program = execution.program
        var traffic = execution.joining.traffic
        traffic.guards = program.guards + 1
        traffic.grainSumBytes = program.couplings.map { 8 * 2 * $0.stride }
        traffic.gradients = rules.gradients
        if handedLayers.contains(true) {
            traffic.finishedBytes = pieces.reduce(0) { $0 + ($1.owner < machine.ranks - 1 ? 4 * $1.floats : 0) }
        }
        if rules.sam != nil { traffic.vectors.append(.gradient) }
        if rules.needsWholeGradient { traffic.vectors.append(.gradient) }
        switch rules.need {
        case .directionNorms, .orthogonalDirections: traffic.vectors.append(.directions)
        case .programStep: traffic.vectors.append(.parameters)
        case .gradientNorms, nil: break
        }
        return traffic
    }

    /// The layers whose sums are handed over between machines, where the others' rows are exchanged.
    package var handedLayers: [Bool] { execution.joining.handed }

    /// The exchanges of an update of so many examples by the processes of this plan.
    package func exchanges(batch: Int) -> [UpdateTraffic.Exchange] {
        traffic.exchanges(batch: batch, execution.division, handed: handedLayers)
    }

    /// The bytes of an update that each process owns: it receives all others.
    package func ownBytes(batch: Int) -> [Int] {
        let (division, traffic) = (execution.division, traffic)
        let slices = execution.slices(execution.cuts, workers: division.workers)
        let copies = traffic.vectors.count + 1
        var bytes = Array(repeating: 0, count: max(machine.ranks, 1))
        for worker in 0..<division.workers {
            var own = copies * slices.owned[worker].reduce(0) { $0 + 4 * slices.slices[$1].count }
            for round in 0..<division.rounds(rows: batch) {
                let rows = division.rows(ofWorker: worker, in: division.rows(ofRound: round, of: batch))
                own += traffic.gradients * (rows.count * traffic.rowBytes(handedLayers) + 4 * traffic.guards)
                guard !traffic.grainSumBytes.isEmpty else { continue }
                let grain = traffic.order.grain
                let first = rows.lowerBound / grain
                let grains = max(first, (rows.upperBound + grain - 1) / grain) - first
                own += traffic.gradients * grains * traffic.grainSumBytes.reduce(0, +)
            }
            bytes[division.rank(ofWorker: worker)] += own
        }
        for piece in pieces { bytes[piece.owner] += copies * 4 * piece.floats }
        return bytes
    }

    /// The pieces of the gradients whose sums are handed over.
    private var pieces: [HandedSums.Piece] {
        HandedSums.pieces(execution, execution.slices(execution.cuts, workers: execution.division.workers))
    }

    /// The bytes of sums that each process receives in an update, from the process before it and from the last.
    package func receivedSums(batch: Int) -> [Int] {
        let (division, traffic) = (execution.division, traffic)
        var bytes = Array(repeating: 0, count: max(machine.ranks, 1))
        for (step, sums) in traffic.sumsUnderWay(division, batch: batch).enumerated() {
            bytes[(step + 1) % bytes.count] += traffic.gradients * sums * traffic.handedBytes(handedLayers)
        }
        for piece in pieces where piece.owner < bytes.count - 1 {
            bytes[piece.owner] += traffic.gradients * 4 * piece.floats
        }
        return bytes
    }

    /// The bytes of an update that the processes of one machine copy through memory, where none are on another machine:
    /// they share activations, and with most recipes parameters.
    package func copiedBytes(batch: Int) -> Int {
        let (division, traffic) = (execution.division, traffic)
        return exchanges(batch: batch).reduce(0) { sum, exchange in
            switch exchange.kind {
            case .rows: sum + 4 * traffic.gradients * division.rounds(rows: batch) * division.workers * traffic.guards
            case .parameters: sum + (execution.mayShareParameters ? 0 : exchange.bytes)
            case .handedSums, .finishedSums: sum
            case .grainSums, .gradient, .directions: sum + exchange.bytes
            }
        }
    }
}
