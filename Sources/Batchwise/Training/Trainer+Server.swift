import CKernels

// Updates by several processes that do not wait for each other: see ParameterServer. They meet at the end of a call, and
// so at the end of every epoch, with the same parameters and the same findings.

/// The parameter server of a run, and what an update needs beside it.
final class ServedParameters {
    /// The most updates between two meetings.
    static let most = 1 << 12

    let server: any ParameterServer
    let bound: Int
    /// The parameters before the call, to which a failure returns them, and those that the last gradient was taken at.
    let begun, read: Memory

    /// Nil where the recipe does not ask for it, and for one process, whose gradients are never stale.
    init?(_ layout: ParameterLayout, _ recipe: Recipe, _ communicator: (any Communicator)?) throws(PlanError) {
        guard case .server(let bound)? = recipe.asynchronous?.mode, let communicator, communicator.size > 1 else {
            return nil
        }
        begun = try Memory(floats: layout.count)
        read = try Memory(floats: layout.count)
        server = try communicator.server(floats: layout.count)
        self.bound = bound
    }
}

/// The finding of an update, as processes tell it each other.
private struct ServedResult {
    /// The update, from 0 in the call; negative where it was refused.
    var number: Int
    var result: UpdateResult
    var staleness: Int
    var overlaps: Bool
}

extension Trainer {
    /// Whether processes meet at the end of each call that makes updates, and at no other time.
    package var meetsAtLooks: Bool { served != nil || backedUp != nil }

    /// Makes updates of one epoch, at most `limit`, together with the other processes; leaves the findings of all in
    /// `results`, and returns how many there were.
    mutating func servedUpdates(
        _ limit: Int, _ engine: Engine, _ served: ServedParameters
    ) throws(TrainingError) -> Int {
        let count = min(limit, results.count, schedule.batches.batches(inEpoch: progress.epoch) - progress.batch)
        let parameters = trained.pointers.parameters
        served.begun.base.update(from: parameters, count: trained.layout.count)
        served.server.open(parameters, updates: count, bound: served.bound)
        let own = ownUpdates(engine, served)
        served.server.close(into: parameters)
        let all = gather(own)
        if let refused = all.first(where: { $0.number < 0 }) {
            parameters.update(from: served.begun.base, count: trained.layout.count)
            engine.flipMirrors()
            let next = schedule.update(after: progress)
            throw .notFinite(
                update: next.number - 1 - refused.number, epoch: next.epoch, layer: "loss (asynchronous.bound)",
                learningRate: refused.result.rate)
        }
        engine.flipMirrors()
        var staleness = progress.staleness ?? Staleness()
        for one in all {
            results[one.number] = one.result
            staleness.add(one.staleness, overlaps: one.overlaps)
        }
        progress.staleness = staleness
        return count
    }

    /// Makes the updates that this process gets.
    private func ownUpdates(_ engine: Engine, _ served: ServedParameters) -> [ServedResult] {
        let (parameters, floats) = (trained.pointers.parameters, trained.layout.count)
        let (server, read) = (served.server, served.read.base)
        var made: [ServedResult] = []
        while let taken = server.takeUpdate(readingInto: parameters) {
            read.update(from: parameters, count: floats)
            engine.flipMirrors()
            let next = update(taken.number)
            guard var result = engine.update(next, order: order) else {
                server.stop()
                made.append(
                    ServedResult(
                        number: -1 - taken.number, result: UpdateResult(rate: next.rate), staleness: 0, overlaps: false
                    ))
                break
            }
            let staleness = server.takeVersion()
            let factor = recipe.asynchronous?.rateFactor(staleness: staleness) ?? 1
            bw_binary(BW_SUBTRACT, parameters, read, read, floats)
            if factor != 1 { for place in 0..<floats { read[place] *= Float(factor) } }
            server.finish(read)
            result.rate = next.rate * factor
            made.append(
                ServedResult(
                    number: taken.number, result: result, staleness: staleness, overlaps: taken.overlapsChange))
        }
        return made
    }

    /// The update so many after the next, in the same epoch.
    private func update(_ number: Int) -> NextUpdate {
        var later = progress
        later.batch += number
        later.updates += number
        let batches = schedule.batches
        later.examples +=
            batches.rows(ofBatch: later.batch, inEpoch: later.epoch).lowerBound
            - batches.rows(ofBatch: progress.batch, inEpoch: progress.epoch).lowerBound
        return schedule.update(after: later)
    }

    /// The findings of all processes.
    private func gather(_ own: [ServedResult]) -> [ServedResult] {
        guard let communicator else { return own }
        var counts = Array(repeating: own.count, count: communicator.size)
        counts.withUnsafeMutableBufferPointer { counts in
            communicator.exchange { body in
                for rank in counts.indices {
                    body(rank, UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: counts[rank...rank])))
                }
            }
        }
        let starts = counts.reduce(into: [0]) { $0.append($0.last! + $1) }
        let nothing = ServedResult(number: 0, result: UpdateResult(), staleness: 0, overlaps: false)
        var all = Array(repeating: nothing, count: starts.last!)
        all.replaceSubrange(starts[communicator.rank]..<starts[communicator.rank + 1], with: own)
        all.withUnsafeMutableBufferPointer { all in
            communicator.exchange { body in
                for rank in counts.indices where counts[rank] > 0 {
                    let part = UnsafeMutableBufferPointer(rebasing: all[starts[rank]..<starts[rank + 1]])
                    body(rank, UnsafeMutableRawBufferPointer(part))
                }
            }
        }
        return all
    }
}
