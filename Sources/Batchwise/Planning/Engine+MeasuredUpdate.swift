extension Engine {
    /// The time of an update of so many examples, and the share of its passes, without sums and update.
    ///
    /// Where an update is long, one and two rounds of micro-batches are run, and the other rounds are taken to last as
    /// long as the second.
    func measuredUpdate(_ rows: Int, of order: EpochOrder, _ loaded: LoadedRows?, seconds: Double)
        -> MeasuredTime
    {
        var next = 0
        /// One update of so many examples: the next ones of the epoch.
        func update(_ count: Int) {
            if next + count > order.count { next = 0 }
            let positions = next..<next + count
            _ = self.update(
                NextUpdate(number: 1, epoch: 1, positions: positions, rate: 0), order: order, loaded: loaded)
            next += count
        }
        let round = min(division.microBatch * division.workers, rows)
        /// The passes of the first round of the last update.
        func passes() { PassesAlone(engine: self, rows: 0..<round).run() }
        update(round)
        let start = instant()
        update(round)
        let rounds = Double(rows) / Double(round)
        let passesOfAll = rounds * Double(rules.gradients)
        if round == rows || !program.couplings.isEmpty || (instant() - start) * rounds < seconds / 4 {
            let times = Repetitions(seconds: seconds, [{ update(rows) }, passes]) { $0[0] }
            return MeasuredTime(
                times, seconds: times.spread { $0[0] },
                passShare: times.spread { $0[1] * passesOfAll / $0[0] }.median,
                text: "\(counted(times.runs, "update")) of \(rows) examples")
        }
        let more = min(round, rows - round)
        func whole(_ times: [Double]) -> Double {
            times[0] + Double(rows - round) / Double(more) * max(times[1] - times[0], 0)
        }
        let times = Repetitions(
            seconds: seconds, [{ update(round) }, { update(round + more) }, passes], total: whole)
        return MeasuredTime(
            times, seconds: times.spread(whole),
            passShare: times.spread { $0[2] * passesOfAll / whole($0) }.median,
            text: "\(counted(times.runs, "update")) of \(round) and of \(round + more) examples, carried on to \(rows)")
    }
}

/// The measured time of an update.
struct MeasuredTime {
    var seconds: Repetitions.Spread
    var passShare: Double?
    var repetitions: Int
    var isRough: Bool
    var text: String

    init(_ times: Repetitions, seconds: Repetitions.Spread, passShare: Double?, text: String) {
        self.seconds = seconds
        self.passShare = passShare.map { min($0, 1) }
        repetitions = times.seconds.count
        isRough = times.isRough
        self.text = text
    }
}

/// A round up to where gradients are summed.
private final class PassesAlone {
    private let engine: Engine
    private let rows: Range<Int>

    init(engine: Engine, rows: Range<Int>) {
        self.engine = engine
        self.rows = rows
    }

    func run() {
        engine.team.run(
            active: engine.current.pointee.active,
            { passes, worker in
                // the team runs while `run` does, and `self` with it
                Unmanaged<PassesAlone>.fromOpaque(passes!)._withUnsafeGuaranteedRef {
                    $0.runPasses(ofThread: Int(worker))
                }
            }, on: self)
    }

    private func runPasses(ofThread worker: Int) {
        engine.source.withSparseRows { engine.load(rows, worker, $0) }
        engine.forwardAndBackward(worker)
    }
}
