import Batchwise
import Foundation

/// The predicted course of training by any number of equal workers, from the time of one worker, a network and the
/// spread of times: docs/cluster.md has the formulas.
package struct ClusterModel: Sendable {
    /// The batch as the number of workers K grows.
    package enum Scaling: Sendable, Hashable {
        /// Every worker has so many examples of an update.
        case weak(batch: Int)
        /// An update has so many examples, which the workers divide.
        case strong(batch: Int)
    }

    /// The length of the training.
    package struct Goal: Sendable, Hashable {
        /// B_c, in examples.
        package let criticalBatch: Double
        /// S_min: the updates of very large batches.
        package let fewestUpdates: Double

        /// The goal that so many updates of a batch reach: S_min (1 + B_c / B) of them [McCandlish 2018].
        package init(criticalBatch: Double, updates: Double, batch: Double) {
            self.criticalBatch = criticalBatch
            fewestUpdates = updates / (1 + criticalBatch / batch)
        }

        package func updates(batch: Double) -> Double { fewestUpdates * (1 + criticalBatch / batch) }
    }

    /// T(b): the seconds that one worker takes for an update of b examples alone.
    package var time: TimeOfUpdate
    package var traffic: UpdateTraffic
    package var network: Network
    package var stragglers: Stragglers
    package var scaling: Scaling
    package var goal: Goal?
    /// The updates between two averages, of `ClusterWay.local`.
    package var localUpdates = 8
    /// The share of the workers that an update does not wait for, of `ClusterWay.backup`.
    package var backupShare = 0.05

    package init(
        time: TimeOfUpdate, traffic: UpdateTraffic, network: Network, stragglers: Stragglers = .none, scaling: Scaling,
        goal: Goal? = nil
    ) {
        self.time = time
        self.traffic = traffic
        self.network = network
        self.stragglers = stragglers
        self.scaling = scaling
        self.goal = goal
    }

    /// The prediction for one number of workers.
    package struct Point: Sendable, Hashable {
        package let workers: Int
        /// The examples of an update.
        package let batch: Int
        /// The examples of an update that the busiest worker has.
        package let share: Int
        package let secondsPerUpdate: Double
        /// The seconds of an update in which the network, and not a worker, is busy.
        package let networkSeconds: Double
        /// Examples a second over K times those of one worker alone.
        package let efficiency: Double
        /// Updates to the goal, and their seconds; nil without a goal.
        package let updates, secondsToGoal: Double?
        /// Seconds to the goal of one worker alone over those of K, over K.
        package let goalEfficiency: Double?
        /// The factors whose product is 1 over the efficiency (to the goal, where there is one).
        package let losses: [Loss]
    }

    /// A factor by which training takes longer than in one K-th of one worker's time.
    package struct Loss: Sendable, Hashable {
        package let cause: Cause
        package let factor: Double
    }

    package enum Cause: String, Sendable, Hashable {
        case network = "the network"
        case stragglers
        /// The part of an update that does not get smaller with a worker's examples.
        case fixedPart = "the fixed part of an update"
        case criticalBatch = "the critical batch"
        case staleness = "the staleness of gradients"
        case server = "the bandwidth of the parameter server"
    }

    /// The examples of an update that the busiest of so many workers has.
    func share(_ workers: Int) -> Int {
        switch scaling {
        case .weak(let batch): batch
        case .strong(let batch): max((batch + workers - 1) / workers, 1)
        }
    }

    /// The examples of an update of one worker.
    var firstBatch: Int { share(1) }

    /// The examples of a synchronous update.
    package func batch(_ workers: Int) -> Int {
        switch scaling {
        case .weak(let batch): batch * workers
        case .strong(let batch): batch
        }
    }
}
