import Foundation

extension Plan {
    /// How fast a plan was measured to be: the compiled program itself, on examples of the data set.
    public struct Speed: Sendable, Hashable, Codable {
        /// Load, forward, backward, sums and update, on the plan's workers.
        public var secondsPerUpdate: Double
        /// The part of an update in which workers load examples and run forward and backward; in the rest they sum gradients
        /// and update. Nil where one kernel does it all.
        public var passShare: Double?
        /// Updates alone: evaluations and checkpoints are not in it.
        public var secondsPerEpoch: Double
        public var examplesPerSecond: Double
        /// What reading and augmenting a batch takes, where examples are not in memory as they are; it goes on beside
        /// updates, as far as there are cores.
        public var loadingSeconds: Double?
        /// What was run, in words.
        public var measured: String
    }
}

extension PreparedRun {
    /// Measures the plan for about so long, on parameters that nobody keeps.
    package func measured(seconds: Double = 0.05) throws -> Plan.Speed {
        let trainer = try Trainer(self)
        return try trainer.measured(seconds: seconds, cores: machine.cores, threads: machine.resolvedLoadingThreads)
    }
}

extension Trainer {
    /// Runs updates at a rate of 0 on the first examples of an epoch.
    ///
    /// Where a whole batch takes longer, one and two rounds of micro-batches are run, and the others are taken to last as
    /// long as the second.
    fileprivate func measured(seconds: Double, cores: Int, threads: Int) throws -> Plan.Speed {
        let rows = min(schedule.batch, schedule.examples)
        let share = engine.share
        let round = min(share.microBatch * share.workers, rows)
        let order = order
        let (loaded, loading) = try measuredLoading(seconds: seconds)

        /// The median of several updates of so many examples, and how many there were.
        func time(_ count: Int) -> (seconds: Double, updates: Int) {
            var first = 0
            return median(seconds: seconds) {
                if first + count > order.count { first = 0 }
                _ = engine.update(
                    epoch: 1, order: order, positions: first..<first + count, rate: 0, number: 1, loaded: loaded)
                first += count
            }
        }

        _ = engine.update(epoch: 1, order: order, positions: 0..<round, rate: 0, number: 1, loaded: loaded)
        let one = time(round)
        var result = one.seconds
        var measured = "\(one.updates) updates of \(rows) examples"
        if let linear, loaded == nil {
            let count = min(LinearUpdates.most, rows * schedule.batchesPerEpoch)
            let before = instant()
            var made = 0
            repeat {
                let now = linear.run(order: order, positions: 0..<count, rate: { _ in 0 }, found: results)
                if now == 0 { break }
                made += now
            } while instant() - before < seconds
            if made > 0 {
                result = (instant() - before) / Double(made)
                measured = "\(made) updates of 1 example"
            }
        } else if round < rows {
            if one.seconds * Double(rows) / Double(round) < seconds {
                let whole = time(rows)
                result = whole.seconds
                measured = "\(whole.updates) updates of \(rows) examples"
            } else {
                let two = time(min(2 * round, rows))
                let rounds = Double(rows - round) / Double(min(round, rows - round))
                result = one.seconds + rounds * max(two.seconds - one.seconds, 0)
                measured =
                    "\(one.updates) updates of \(round) examples and \(two.updates) of \(min(2 * round, rows)), "
                    + "carried on to \(rows)"
            }
        }
        var passShare: Double?
        if linear == nil {
            engine.begin(epoch: 1, order: order, positions: 0..<round, rate: 0, number: 1)
            engine.current.pointee.loaded = loaded
            let passes = median(seconds: seconds / 2) { PassesAlone(engine: engine, rows: 0..<round).run() }
            passShare = min(passes.seconds * Double(rows) / Double(round) / result, 1)
        }
        if let loading {
            let all = (result * Double(share.workers) + loading * Double(max(threads, 1))) / Double(max(cores, 1))
            result = max(result, loading, threads == 0 ? result + loading : all)
        }
        return Plan.Speed(
            secondsPerUpdate: result, passShare: passShare,
            secondsPerEpoch: result * Double(schedule.examplesPerEpoch) / Double(rows),
            examplesPerSecond: Double(rows) / result, loadingSeconds: loading, measured: measured)
    }

    /// A batch where batches are loaded, and what one takes on all loading threads.
    private func measuredLoading(seconds: Double) throws(DataError) -> (LoadedRows?, Double?) {
        guard let loader else { return (nil, nil) }
        let start = instant()
        var loaded = try loader.batch(0, epoch: 1)
        var count = 1
        while instant() - start < seconds || count < 2, count < schedule.batchesPerEpoch {
            loaded = try loader.batch(count, epoch: 1)
            count += 1
        }
        return (loaded, (instant() - start) / Double(count))
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
            { passes, worker in
                // the team runs while `run` does, and `self` with it
                Unmanaged<PassesAlone>.fromOpaque(passes!)._withUnsafeGuaranteedRef { $0.work(Int(worker)) }
            }, on: self)
    }

    private func work(_ worker: Int) {
        engine.source.withSparseRows { engine.forwardAndBackward(engine.load(rows, worker, $0)) }
    }
}

/// Runs something for about so long: the median of its times, and how often it ran.
private func median(seconds: Double, _ body: () -> Void) -> (seconds: Double, updates: Int) {
    var times: [Double] = []
    let start = instant()
    repeat {
        let before = instant()
        body()
        times.append(instant() - before)
    } while instant() - start < seconds && times.count < 10_000
    return (times.sorted()[times.count / 2], times.count)
}

/// Seconds of a clock that is never set.
private func instant() -> Double { Double(DispatchTime.now().uptimeNanoseconds) * 1e-9 }
