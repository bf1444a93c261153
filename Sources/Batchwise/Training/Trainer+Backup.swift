import CKernels

#if canImport(Glibc)
    import Glibc
#endif

// Updates with backup workers: each process computes the gradient of its share of every batch, and an update takes the
// first that are ready. See Asynchronous and BackupServer.

/// The server of a run with backup workers, and what an update needs beside it.
final class BackedUpParameters {
    let server: BackupServer
    /// The gradients of an update; a batch of fewer examples than processes needs all of them.
    let needed: Int
    /// The parameters before the call, to which a failure returns them, and those that the last gradient was taken at.
    let begun, read: Memory

    /// Nil where the recipe does not ask for it, and for one process, which nobody waits for.
    init?(_ layout: ParameterLayout, _ recipe: Recipe, _ communicator: (any Communicator)?) throws(PlanError) {
        guard case .backup(let backup, workers: nil)? = recipe.asynchronous?.mode, let communicator,
            communicator.size > 1
        else { return nil }
        begun = try Memory(floats: layout.count)
        read = try Memory(floats: layout.count)
        server = BackupServer(try communicator.backupMemory(floats: layout.count))
        needed = communicator.size - backup
    }
}

/// The finding of a gradient, as processes tell it each other.
private struct BackedUpResult: BitwiseCopyable {
    enum Fate: BitwiseCopyable { case counts, dropped, refused }
    /// The update, from 0 in the call.
    var number: Int
    var lossSum = 0.0, rightSum = 0.0, weight = 0.0, rate = 0.0
    var fate: Fate

    init(_ number: Int, _ result: UpdateResult, _ fate: Fate) {
        (self.number, self.fate) = (number, fate)
        (lossSum, rightSum, weight, rate) = (result.lossSum, result.rightSum, result.weight, result.rate)
    }
}

extension Trainer {
    /// Makes updates of one epoch, at most `limit`, together with the other processes; leaves the findings of all in
    /// `results`, and returns how many there were.
    mutating func backedUpUpdates(
        _ limit: Int, _ engine: Engine, _ backup: BackedUpParameters
    ) throws(TrainingError) -> Int {
        let count = min(limit, results.count, schedule.batches.batches(inEpoch: progress.epoch) - progress.batch)
        let (parameters, floats) = (trained.pointers.parameters, trained.layout.count)
        backup.begun.base.update(from: parameters, count: floats)
        backup.read.base.update(repeating: 0, count: floats)
        backup.server.open(parameters, zeros: backup.read.base, updates: count)
        let own = ownGradients(engine, backup)
        backup.server.close(into: parameters)
        let all = communicator?.gather(own) ?? own
        if let refused = all.first(where: { $0.fate == .refused }) {
            parameters.update(from: backup.begun.base, count: floats)
            engine.flipMirrors()
            let next = schedule.update(after: progress)
            throw .notFinite(
                update: next.number + refused.number, epoch: next.epoch, layer: "loss (asynchronous.backup)",
                learningRate: refused.rate)
        }
        engine.flipMirrors()
        for index in 0..<count { results[index] = UpdateResult() }
        var counts = progress.backup ?? BackupCounts()
        for one in all {
            counts.gradients += 1
            guard one.fate == .counts else {
                counts.dropped += 1
                continue
            }
            results[one.number].lossSum += one.lossSum
            results[one.number].rightSum += one.rightSum
            results[one.number].weight += one.weight
            results[one.number].rate = one.rate
        }
        progress.backup = counts
        return count
    }

    /// Computes the gradients of this process's shares.
    private func ownGradients(_ engine: Engine, _ backup: BackedUpParameters) -> [BackedUpResult] {
        let (parameters, floats) = (trained.pointers.parameters, trained.layout.count)
        let (server, read) = (backup.server, backup.read.base)
        guard let communicator else { return [] }
        var found: [BackedUpResult] = []
        while let number = server.pull(into: parameters) {
            var next = schedule.update(after: progress.later(by: number, schedule.batches))
            let (first, batch) = (next.positions.lowerBound, next.positions.count)
            let share = LocalBatch.rows(ofReplica: communicator.rank, of: communicator.size, in: batch)
            guard !share.isEmpty else { continue }
            next.positions = first + share.lowerBound..<first + share.upperBound
            read.update(from: parameters, count: floats)
            engine.flipMirrors()
            if slowdown > 0 { usleep(UInt32(1e6 * slowdown)) }
            guard let result = engine.update(next, order: order) else {
                // numbers that were read while others wrote them have no place any more
                guard server.hasPlace(number) else {
                    found.append(BackedUpResult(number, UpdateResult(rate: next.rate), .dropped))
                    continue
                }
                server.stop()
                found.append(BackedUpResult(number, UpdateResult(rate: next.rate), .refused))
                break
            }
            let examples = Float(share.count)
            for place in 0..<floats { parameters[place] = examples * (parameters[place] - read[place]) }
            let needed = batch < communicator.size ? batch : backup.needed
            let counts = server.add(
                parameters, count: floats, examples: share.count, to: number, needed: needed, at: read)
            found.append(BackedUpResult(number, result, counts ? .counts : .dropped))
        }
        return found
    }
}

extension TrainingProgress {
    /// The progress after so many more updates of the same epoch.
    fileprivate func later(by updates: Int, _ batches: BatchSchedule) -> TrainingProgress {
        var later = self
        later.batch += updates
        later.updates += updates
        later.examples +=
            batches.rows(ofBatch: later.batch, inEpoch: epoch).lowerBound
            - batches.rows(ofBatch: batch, inEpoch: epoch).lowerBound
        return later
    }
}
