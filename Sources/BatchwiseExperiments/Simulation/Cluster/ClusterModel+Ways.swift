import Batchwise
import Foundation

extension ClusterModel {
    /// The prediction of one way.
    package func point(_ way: ClusterWay, workers: Int) -> Point {
        let alone = time(Double(firstBatch))
        guard workers > 1 else {
            return point(workers: 1, batch: firstBatch, share: firstBatch, seconds: alone, compute: alone)
        }
        switch way {
        case .synchronous:
            return waiting(workers, network: exchangeSeconds(workers))
        case .allReduce:
            return waiting(workers, network: network.allReduce(Double(traffic.gradientBytes), workers: workers))
        case .local:
            let pieces = Double(localUpdates)
            let average = network.allReduce(Double(traffic.gradientBytes), workers: workers)
            let wait = stragglers.expectedSlowest(of: workers, pieces: localUpdates) / pieces
            return waiting(workers, network: average / pieces, wait: wait)
        case .backup: return backedUp(workers)
        case .asynchronous: return asynchronous(workers)
        }
    }

    /// The exchanges of the engine in an update: all-gathers in pieces of at most 16 MiB a worker, and sums that are handed
    /// over.
    func exchangeSeconds(_ workers: Int) -> Double {
        traffic.exchanges(batch: batch(workers), processes: workers).reduce(0) { sum, exchange in
            let bytes = Double(exchange.bytes) / Double(exchange.count)
            if exchange.kind == .handedSums {
                return sum + Double(exchange.count) * network.chain(bytes / Double(workers - 1), workers: workers)
            }
            if exchange.kind == .finishedSums { return sum + Double(exchange.count) * network.message(bytes) }
            let pieces = max((bytes / Double(workers) / 0x1p24).rounded(.up), 1)
            return sum + Double(exchange.count) * pieces * network.allGather(bytes / pieces, workers: workers)
        }
    }

    private func waiting(_ workers: Int, network: Double, wait: Double? = nil) -> Point {
        let share = share(workers)
        let compute = time(Double(share))
        let wait = wait ?? stragglers.expected(workers, of: workers)
        return point(
            workers: workers, batch: batch(workers), share: share, seconds: wait * compute + network, compute: compute,
            wait: wait)
    }

    /// The first N of N + b gradients: the b-th of them is the last that is not waited for.
    private func backedUp(_ workers: Int) -> Point {
        let backups = min(Int((backupShare * Double(workers)).rounded()), workers - 1)
        let needed = workers - backups
        let share = share(needed)
        let compute = time(Double(share))
        let wait = stragglers.expected(needed, of: workers)
        let network = network.allReduce(Double(traffic.gradientBytes), workers: workers)
        return point(
            workers: workers, batch: batch(needed), share: share, seconds: wait * compute + network, compute: compute,
            wait: wait, thrown: Double(workers) / Double(needed))
    }

    /// Each gradient goes to the server and parameters come back, while the server serves others; it sends and receives
    /// the bytes of the parameters for every gradient.
    private func asynchronous(_ workers: Int) -> Point {
        let share = share(workers)
        let compute = time(Double(share))
        let bytes = Double(traffic.gradientBytes)
        let cycle = compute + 2 * network.message(bytes)
        let byWorkers = cycle / Double(workers)
        let byServer = bytes / network.bandwidth
        return point(
            workers: workers, batch: share, share: share, seconds: max(byWorkers, byServer),
            compute: compute / Double(workers), isAsynchronous: true, isServerBound: byServer > byWorkers)
    }

    /// The share of the largest rate that gradients so many updates old leave: sin(pi / (2 (2 t + 1))).
    static func rateShare(staleness: Double) -> Double { sin(Double.pi / (2 * (2 * staleness + 1))) }

    /// The factor by which stale gradients of a batch take more updates than fresh ones.
    ///
    /// Fresh gradients have the best rate eta_max / (1 + B_c / B). A rate that is f times the best makes f (2 - f) of
    /// its progress [McCandlish 2018, equation 2.6], and stale ones must stay below their share of eta_max.
    static func staleUpdates(staleness: Double, batch: Double, criticalBatch: Double) -> Double {
        let share = min(rateShare(staleness: staleness) * (1 + criticalBatch / batch), 1)
        return 1 / (share * (2 - share))
    }

    /// - Parameters:
    ///   - compute: the seconds that a worker of usual speed computes, an update.
    ///   - wait: the factor by which stragglers make it longer.
    ///   - thrown: gradients that are computed over those that are used.
    private func point(
        workers: Int, batch: Int, share: Int, seconds: Double, compute: Double, wait: Double = 1, thrown: Double = 1,
        isAsynchronous: Bool = false, isServerBound: Bool = false
    ) -> Point {
        let count = Double(workers)
        let secondsAlone = time(Double(firstBatch))
        let aloneRate = Double(firstBatch) / secondsAlone
        let efficiency = Double(batch) / seconds / (count * aloneRate)
        let computing = wait * compute
        var losses = [
            Loss(cause: isServerBound ? .server : .network, factor: seconds / computing),
            Loss(cause: .stragglers, factor: wait * thrown),
            Loss(cause: .fixedPart, factor: count * aloneRate * compute / (Double(batch) * thrown)),
        ]
        guard let goal else {
            return Point(
                workers: workers, batch: batch, share: share, secondsPerUpdate: seconds,
                networkSeconds: seconds - computing, efficiency: efficiency, updates: nil, secondsToGoal: nil,
                goalEfficiency: nil, losses: losses)
        }
        let fresh = goal.updates(batch: Double(batch))
        let stale =
            isAsynchronous
            ? Self.staleUpdates(
                staleness: count - 1, batch: Double(batch), criticalBatch: goal.criticalBatch) : 1
        let updates = fresh * stale
        let first = goal.updates(batch: Double(firstBatch))
        losses.append(
            Loss(cause: .criticalBatch, factor: fresh * Double(batch) / (first * Double(firstBatch))))
        losses.append(Loss(cause: .staleness, factor: stale))
        let toGoal = updates * seconds
        return Point(
            workers: workers, batch: batch, share: share, secondsPerUpdate: seconds,
            networkSeconds: seconds - computing, efficiency: efficiency, updates: updates, secondsToGoal: toGoal,
            goalEfficiency: first * secondsAlone / toGoal / count, losses: losses)
    }
}
