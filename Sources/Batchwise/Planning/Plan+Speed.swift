import Foundation

extension Plan {
    /// The measured speed of a plan: the compiled program ran on examples of the data set.
    public struct Speed: Sendable, Hashable, Codable {
        /// The seconds of an update: load, forward, backward, sums and update, on the plan's workers.
        public var secondsPerUpdate: Double
        /// The part of an update in which workers load examples and run forward and backward; in the rest they sum
        /// gradients and update. Nil where one kernel does it all.
        public var passShare: Double?
        /// The seconds of the updates of an epoch, without evaluations and checkpoints.
        public var secondsPerEpoch: Double
        /// The examples of a batch divided by the seconds of an update.
        public var examplesPerSecond: Double
        /// The seconds that reading and augmenting a batch takes, where examples are not in memory as they are; it goes
        /// on beside updates, as far as there are cores.
        public var loadingSeconds: Double?
        /// A description of the measurement, for people.
        public var measured: String
    }
}

extension PreparedRun {
    /// Measures the plan for about so long, on parameters that are thrown away.
    package func measured(seconds: Double = 0.1) throws -> Plan.Speed {
        let trainer = try Trainer(self)
        return try trainer.measured(seconds: seconds, cores: machine.cores, threads: machine.resolvedLoadingThreads)
    }
}

extension Trainer {
    /// Runs updates at a rate of 0.
    fileprivate func measured(seconds: Double, cores: Int, threads: Int) throws -> Plan.Speed {
        guard let engine else { preconditionFailure("a new trainer has an engine") }
        let batches = schedule.batches
        let rows = min(batches.batch, batches.examples)
        let (loaded, loading) = try measuredLoading(seconds: seconds)
        var (result, passes, measured) = engine.measuredUpdate(rows, of: order, loaded, seconds: seconds)
        var passShare: Double? = min(passes / result, 1)
        if let (linear, text) = measuredLinearUpdates(seconds: seconds) {
            (result, passShare, measured) = (linear, nil, text)
        }
        if let loading {
            // threads that load share the cores with workers
            let work = result * Double(engine.division.workers) + loading * Double(threads)
            result = threads == 0 ? result + loading : max(result, loading, work / Double(cores))
        }
        return Plan.Speed(
            secondsPerUpdate: result, passShare: passShare,
            secondsPerEpoch: result * Double(batches.examplesPerEpoch) / Double(rows),
            examplesPerSecond: Double(rows) / result, loadingSeconds: loading, measured: measured)
    }

    private func measuredLinearUpdates(seconds: Double) -> (seconds: Double, text: String)? {
        guard let linear else { return nil }
        let count = min(LinearUpdates.most, order.count)
        let start = instant()
        var made = 0
        repeat {
            let now = linear.run(order: order, positions: 0..<count, rate: { _ in 0 }, found: results)
            if now == 0 { return nil }
            made += now
        } while instant() - start < seconds
        return ((instant() - start) / Double(made), "\(made) updates of 1 example")
    }

    /// Loads a batch, where batches are loaded, and measures its time on all loading threads.
    private func measuredLoading(seconds: Double) throws(DataError) -> (LoadedRows?, Double?) {
        guard let loader else { return (nil, nil) }
        let start = instant()
        var loaded = try loader.batch(0, epoch: 1)
        var count = 1
        while instant() - start < seconds || count < 2, count < schedule.batches.batchesPerEpoch {
            loaded = try loader.batch(count, epoch: 1)
            count += 1
        }
        return (loaded, (instant() - start) / Double(count))
    }
}

extension Engine {
    /// The seconds of an update of so many examples, and the seconds of its passes, without sums and update.
    ///
    /// Where an update is long, one and two rounds of micro-batches are run, and the other rounds are taken to last as
    /// long as the second.
    fileprivate func measuredUpdate(_ rows: Int, of order: EpochOrder, _ loaded: LoadedRows?, seconds: Double)
        -> (seconds: Double, passes: Double, text: String)
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
        if round == rows || !program.couplings.isEmpty || (instant() - start) * rounds < seconds / 4 {
            let (runs, times) = medians(seconds: seconds, [{ update(rows) }, passes])
            return (times[0], times[1] * rounds, "\(runs) updates of \(rows) examples")
        }
        let more = min(round, rows - round)
        let (runs, times) = medians(seconds: seconds, [{ update(round) }, { update(round + more) }, passes])
        let rest = Double(rows - round) / Double(more) * max(times[1] - times[0], 0)
        return (
            times[0] + rest, times[2] * rounds,
            "\(runs) updates of \(round) and of \(round + more) examples, carried on to \(rows)"
        )
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

/// Runs these in turn for about so long: how often, and the median time of each.
private func medians(seconds: Double, _ bodies: [() -> Void]) -> (runs: Int, times: [Double]) {
    var times = bodies.map { _ in [Double]() }
    let start = instant()
    var runs = 0
    repeat {
        for (index, body) in bodies.enumerated() {
            let before = instant()
            body()
            times[index].append(instant() - before)
        }
        runs += 1
    } while instant() - start < seconds && runs < 10_000
    return (runs, times.map { $0.sorted()[$0.count / 2] })
}

/// Seconds of a clock that is never set.
private func instant() -> Double { Double(DispatchTime.now().uptimeNanoseconds) * 1e-9 }
