import Batchwise
import BatchwiseRuns

/// Decides from the events of a cell's run when the cell ends, in the same way while it trains and from the log of a
/// run that was killed.
struct CellWatch {
    /// The reason for the end of a cell before the end of its recipe.
    enum End: Sendable, Hashable {
        /// The goal was reached at one mark, and held at the next.
        case goal(GoalPlace)
        /// The mean loss of an epoch was far above the loss of the first update.
        case diverged(String)
        /// The cell was trained for as many examples as it was to be; the metric that it is judged by.
        case limit(Double?)
    }

    /// A run whose mean loss over an epoch is this many times the loss of its first update has diverged.
    static let farBeyondStart = 10.0

    private let goal: SweepGoal?
    private let judged: SweepGoal?
    private let limit: Int?
    private var firstLoss: Double?
    private var crossing: GoalPlace?
    private var lastMark = 0
    private(set) var end: End?
    /// The metric at the last mark.
    private(set) var metric: Double?

    /// - Parameters:
    ///   - goal: the goal of the sweep.
    ///   - judged: the metric by which cells are compared at the limit.
    ///   - limit: the examples after which the cell is compared with others; nil: it trains on.
    init(goal: SweepGoal?, judged: SweepGoal? = nil, limit: Int? = nil) {
        self.goal = goal
        self.judged = judged
        self.limit = limit
    }

    /// Whether the cell ends with this event of its run.
    mutating func add(_ event: RunEvent) -> Bool {
        guard end == nil else { return true }
        switch event {
        case .update(let update) where firstLoss == nil: firstLoss = update.loss
        case .epoch(let epoch): judge(epoch)
        // the model that a finished run keeps is evaluated once more after its last update
        case .evaluation(let mark) where mark.part == (goal ?? judged)?.part && mark.update > lastMark:
            lastMark = mark.update
            judge(mark)
        default: break
        }
        return end != nil
    }

    private mutating func judge(_ epoch: RunEvent.Epoch) {
        guard let firstLoss, let loss = epoch.trainLoss, loss > Self.farBeyondStart * firstLoss else { return }
        end = .diverged("the mean loss of epoch \(epoch.epoch) was \(Float(loss)), and \(Float(firstLoss)) at first")
    }

    private mutating func judge(_ mark: RunEvent.Evaluated) {
        metric = (goal ?? judged)?.measure.value(of: mark.result).flatMap { $0.isFinite ? $0 : nil }
        if let goal {
            let isReached = goal.isReached(by: mark.result)
            if isReached, let crossing {
                end = .goal(crossing)
                return
            }
            crossing =
                isReached
                ? GoalPlace(updates: mark.update, examples: mark.trained ?? 0, seconds: mark.seconds ?? 0) : nil
        }
        if let limit, mark.trained ?? 0 >= limit { end = .limit(metric) }
    }

    /// The goal, reached at the last mark of a run that has ended: there is no next mark to confirm it.
    var goalAtEnd: GoalPlace? { crossing }
}
