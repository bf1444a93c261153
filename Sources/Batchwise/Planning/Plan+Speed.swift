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
        /// The lowest and the highest speed of the measurement's repetitions, in examples a second; nil where there was
        /// only one, for an update takes long.
        public var low, high: Double?
        /// Whether other programs disturbed every attempt to measure.
        public var isRough: Bool
        /// The seconds that reading and augmenting a batch takes, where examples are not in memory as they are; it goes
        /// on beside updates, as far as there are cores.
        public var loadingSeconds: Double?
        /// A description of the measurement, for people.
        public var measured: String
    }
}

extension PreparedRun {
    /// Measures the plan for about so long, and a few times as long on a busy machine, on parameters that are thrown
    /// away.
    package func measured(seconds: Double = 0.1) throws -> Plan.Speed {
        let trainer = try Trainer(self, forMeasuring: true)
        return try trainer.measured(seconds: seconds, cores: machine.cores, threads: machine.resolvedLoadingThreads)
    }
}

extension Trainer {
    /// Runs updates at a rate of 0.
    fileprivate func measured(seconds: Double, cores: Int, threads: Int) throws -> Plan.Speed {
        guard let engine = engine ?? replicaGroup?.engines.first else {
            preconditionFailure("a new trainer has an engine")
        }
        let batches = schedule.batches
        let rows = min(batches.batch, batches.examples)
        let (replicas, own) = (placement?.count ?? 1, placement?.replicas(ofEngine: 0).count ?? 1)
        let isApart = replicaGroup != nil
        let (loaded, loading) = try measuredLoading(seconds: seconds)
        let update =
            measuredLinearUpdates(seconds: seconds)
            ?? engine.measuredUpdate(
                isApart ? (rows + replicas - 1) / replicas : rows, of: order, loaded, seconds: seconds)
        /// The seconds of an update with the loading of its batch: threads that load share the cores with workers.
        func whole(_ update: Double) -> Double {
            guard let loading else { return update }
            let work = update * Double(engine.division.workers) + loading * Double(threads)
            return threads == 0 ? update + loading : max(update, loading, work / Double(cores))
        }
        // an engine makes the updates of its replicas in turn
        let times = isApart ? Double(own) : 1
        let result = whole(times * update.seconds.median)
        return Plan.Speed(
            secondsPerUpdate: result, passShare: update.passShare,
            secondsPerEpoch: result * Double(batches.examplesPerEpoch) / Double(rows),
            examplesPerSecond: Double(rows) / result,
            low: update.repetitions > 1 ? Double(rows) / whole(times * update.seconds.high) : nil,
            high: update.repetitions > 1 ? Double(rows) / whole(times * update.seconds.low) : nil,
            isRough: update.isRough, loadingSeconds: loading, measured: update.text)
    }

    private func measuredLinearUpdates(seconds: Double) -> MeasuredTime? {
        guard let linear else { return nil }
        let count = min(LinearUpdates.most, order.count)
        let (order, results) = (order, results)
        func run() -> Int { linear.run(order: order, positions: 0..<count, rate: { _ in 0 }, found: results) }
        let made = run()
        guard made > 0 else { return nil }
        let times = Repetitions(seconds: seconds, [{ _ = run() }]) { $0[0] }
        return MeasuredTime(
            times, seconds: times.spread { $0[0] / Double(made) }, passShare: nil,
            text: "\(counted(times.runs * made, "update")) of 1 example")
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
