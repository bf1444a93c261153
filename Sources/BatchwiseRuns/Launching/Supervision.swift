/// The decisions of a supervisor when the processes of a run have ended: a function of how they ended, and of the ends
/// before.
package struct Supervision: Equatable, Sendable {
    /// How the processes of a start have ended.
    package struct End: Equatable, Sendable {
        /// Their exit status, as they have told it; nil where they were killed before.
        package var status: Int?
        /// Whether the run's log says that it has come to its end.
        package var isFinished: Bool
        /// The updates before the newest checkpoint; nil where there is none.
        package var checkpoint: Int?
        /// Whether somebody has asked the supervisor to stop.
        package var isStopping: Bool
        /// The workers that the machines which still answer have room for; nil where that is not known.
        package var room: Int?

        package init(status: Int?, isFinished: Bool, checkpoint: Int?, isStopping: Bool, room: Int? = nil) {
            (self.status, self.isFinished, self.checkpoint) = (status, isFinished, checkpoint)
            (self.isStopping, self.room) = (isStopping, room)
        }
    }

    /// The next step of the supervisor.
    package enum Step: Equatable, Sendable {
        /// Ends with this exit status.
        case stop(status: Int)
        /// Starts the run again, as the restart of this number without progress.
        case restart(number: Int, workers: Int, afterSeconds: Double)
        /// Ends because so many restarts brought no progress, or too few machines are left.
        case giveUp(status: Int)
    }

    /// Exit statuses that the same command would come to again: usage, data that are wrong or numbers that stopped being
    /// finite, and missing files.
    package static let lasting: Set<Int> = [64, 65, 66]
    /// The exit status of a run that was interrupted and can be resumed.
    package static let interrupted = 75
    /// The exit status of a supervisor that gives up where the processes told none.
    package static let lost = 70
    /// The longest pause before a restart, in seconds.
    package static let longestPause = 60.0
    /// A start that finds a file in use, or cannot create one, is worth another try once the run has been started here.
    private static let cannotCreate = 73

    /// The most restarts in a row without progress: a checkpoint newer than all before.
    package let limit: Int
    /// The fewest workers to go on with.
    package let fewest: Int
    /// The workers of the next start.
    package private(set) var workers: Int
    private var restarts = 0
    private var checkpoint: Int?
    private var hasRestarted = false

    /// - Parameter checkpoint: the updates before the newest checkpoint there is; nil where there is none.
    package init(workers: Int, fewest: Int, limit: Int, checkpoint: Int?) {
        (self.workers, self.fewest, self.limit, self.checkpoint) = (workers, min(fewest, workers), limit, checkpoint)
    }

    package mutating func step(after end: End) -> Step {
        if end.isFinished, end.status == 0 { return .stop(status: 0) }
        if let status = end.status, Self.lasting.contains(status) { return .stop(status: status) }
        if end.status == Self.cannotCreate, !hasRestarted { return .stop(status: Self.cannotCreate) }
        if end.isStopping || end.status == Self.interrupted { return .stop(status: Self.interrupted) }
        if let newest = end.checkpoint, newest > checkpoint ?? -1 {
            checkpoint = newest
            restarts = 0
        }
        guard restarts < limit, end.room ?? fewest >= fewest else {
            return end.isFinished
                ? .stop(status: 0) : .giveUp(status: end.status.flatMap { $0 == 0 ? nil : $0 } ?? Self.lost)
        }
        restarts += 1
        hasRestarted = true
        if let room = end.room, room < workers {
            workers = room
        } else if restarts > 1, end.status == nil {
            // the second loss in a row is no accident; an error that is told has another reason than the number
            workers = max(fewest, workers - 1)
        }
        let pause = min(Self.longestPause, Double(sign: .plus, exponent: restarts - 1, significand: 1))
        return .restart(number: restarts, workers: workers, afterSeconds: pause)
    }
}
