/// Asynchronous training: gradients are computed at other parameters than those that they change.
///
/// With theta_k the parameters after k updates and t the staleness of a gradient in updates,
///
///     theta_(k+1) = theta_k - rate g(theta_(k-t))
///
/// which on a quadratic loss of curvature h converges where rate h < 2 sin(pi / (2 (2 t + 1))). ``Mode/delays(_:)`` is
/// part of the recipe like any other setting: it comes to the same bits on every machine. The other modes depend on
/// timing, and no two runs of them are alike.
public struct Asynchronous: Hashable, Sendable {
    /// The origin of the staleness.
    public enum Mode: Hashable, Sendable {
        /// The gradient of update k, from 0, is taken at the parameters after max(0, k - t) updates; t is each of these
        /// in turn.
        case delays([Int])
        /// The threads of one process make updates of a sparse linear model by single examples on the same parameters,
        /// without locks [Niu 2011].
        case hogwild
        /// Processes read parameters from a parameter server and add their changes without waiting for each other; a
        /// process waits where a gradient would be more than `bound` updates old.
        case server(bound: Int)
        /// Backup workers [Chen 2016]: each batch is divided into a share for each worker, and an update takes the
        /// gradient of all shares but so many. With a number of `workers` the shares that are left out are drawn by the
        /// recipe's seed; without one the workers are processes, and an update takes those that are ready first.
        case backup(Int, workers: Int?)
    }

    /// The origin of the staleness.
    public var mode: Mode
    /// Whether the rate of an update is divided by its staleness, where that is above 1 [Zhang 2016].
    public var stalenessAware: Bool

    /// Asynchronous training in this mode.
    public init(_ mode: Mode, stalenessAware: Bool = false) {
        self.mode = mode
        self.stalenessAware = stalenessAware
    }

    /// The largest delay of a recipe, in updates.
    static let longestDelay = 1000
    /// The most workers of backup workers.
    static let mostWorkers = 4096

    /// The most updates that a scripted gradient is late; 0 where delays are not scripted.
    var mostDelay: Int { if case .delays(let delays) = mode { delays.max() ?? 0 } else { 0 } }

    /// The scripted delay of the update of a number, counted from 1; 0 where delays are not scripted.
    func delay(ofUpdate number: Int) -> Int {
        guard case .delays(let delays) = mode, !delays.isEmpty else { return 0 }
        return delays[(number - 1) % delays.count]
    }

    /// Whether the result is a function of recipe and data.
    package var isReproducible: Bool {
        switch mode {
        case .delays, .backup(_, workers: .some): true
        case .hogwild, .server, .backup(_, workers: nil): false
        }
    }

    /// The mode in one line for people.
    package var notice: String {
        switch mode {
        case .server(let bound):
            "asynchronous: processes add their changes to shared parameters without waiting for each other, by gradients "
                + "up to \(bound) updates old, so the result depends on timing: no two runs are alike"
        case .hogwild:
            "asynchronous: threads change the same parameters without locks, so the result depends on timing: no two "
                + "runs are alike"
        case .backup(let backups, let workers?):
            "asynchronous: an update takes the gradients of \(workers - backups) of \(workers) shares of its batch, drawn by "
                + "the seed"
        case .backup(let backups, workers: nil):
            "asynchronous: an update takes the gradients of the processes that are ready first, all but \(backups), so the "
                + "result depends on timing: no two runs are alike"
        case .delays(let delays):
            "asynchronous: gradients are late by \(delays.map(String.init).joined(separator: ", ")) updates"
                + (delays.count > 1 ? ", in turn" : "") + (stalenessAware ? ", and rates are divided by it" : "")
        }
    }

    /// The factor of the rate of an update whose gradient is so many updates old.
    func rateFactor(staleness: Int) -> Double { stalenessAware ? 1 / Double(max(1, staleness)) : 1 }
}
