import Batchwise
import Foundation

/// Tunes the base rate of one setting: the recipe's own rate times powers of the square root of ten, by successive
/// halving.
///
/// Five rates from a tenth to ten times the recipe's train for an eighth of the recipe's examples, and 20 updates; the
/// best three for a third, and 40 updates; the best two to the end. While the best rate is the lowest or the highest that was tried, the next one beyond
/// is tried too. Cells are compared by the examples to the goal, those that did not reach it by its metric.
struct RateTuner {
    /// The factor of the recipe's rate at a step.
    static func factor(_ step: Int) -> Double { pow(10, Double(step) / 2) }
    /// No rate is tried beyond 1,000 times the recipe's, or below a thousandth of it.
    static let farthest = 6

    private let cell: SweepCell
    private let examples: Int
    private let judged: SweepGoal
    private var tried = Array(-2...2)
    private var running = Array(-2...2)
    private var rung = 0
    private var scores: [Int: Score] = [:]

    /// The step of the best rate, once it is known; nil where every rate diverged.
    private(set) var best: Int?
    private(set) var isFinished = false
    /// Whether the best rate is the lowest or highest that was tried.
    var isAtEdge: Bool { best == tried.min() || best == tried.max() }

    /// - Parameters:
    ///   - cell: the cell of the first seed.
    ///   - examples: the examples of a whole run.
    init(_ cell: SweepCell, examples: Int, judged: SweepGoal) {
        self.cell = cell
        self.examples = examples
        self.judged = judged
    }

    /// A result that sorts before worse ones.
    enum Score: Comparable {
        case goal(examples: Int)
        /// The metric, with its sign such that less is better.
        case metric(Double)
        case none
    }

    private static let rungs: [(part: Int, updates: Int, kept: Int)] = [(8, 20, 3), (3, 40, 2)]

    func cell(_ step: Int) -> SweepCell {
        var cell = cell
        cell.rateStep = step
        return cell
    }

    /// The steps to be trained now.
    var steps: [Int] { running }
    /// The examples that they train for; nil: to the end.
    var limit: Int? {
        guard rung < Self.rungs.count else { return nil }
        let (part, updates, _) = Self.rungs[rung]
        return max(examples / part, updates * min(cell.recipe.batch.size, examples))
    }

    /// Takes the results of the steps; returns those that are stopped now, each with the reason.
    mutating func add(_ states: [CellTraining.State]) -> [(step: Int, reason: String)] {
        var paused: [Int] = []
        for (step, state) in zip(running, states) {
            scores[step] = score(state)
            if case .paused = state { paused.append(step) }
        }
        guard let limit else {
            extend()
            return []
        }
        let kept = Self.rungs[rung].kept
        let ranked = scores.sorted { ($0.value, abs($0.key), $0.key) < ($1.value, abs($1.key), $1.key) }
        let first = Set(ranked.prefix(kept).map(\.key))
        let stopped = paused.filter { !first.contains($0) }
        running = paused.filter(first.contains)
        rung += 1
        if running.isEmpty { extend() }
        return stopped.map { ($0, "after \(limit) examples its \(judged.metric) was not among the best \(kept)") }
    }

    /// Chooses the best rate, and tries the next one beyond an edge that wins.
    private mutating func extend() {
        rung = Self.rungs.count
        let whole = scores.filter { $0.value != .none }
        best = whole.min { ($0.value, abs($0.key), $0.key) < ($1.value, abs($1.key), $1.key) }?.key
        let (low, high) = (tried.min() ?? 0, tried.max() ?? 0)
        // where every rate diverged, lower ones are tried
        let next = best == nil || best == low ? low - 1 : best == high ? high + 1 : 0
        running = next == 0 || abs(next) > Self.farthest ? [] : [next]
        tried += running
        isFinished = running.isEmpty
    }

    private func score(_ state: CellTraining.State) -> Score {
        func score(_ metric: Double?) -> Score {
            metric.map { .metric(judged.measure == .accuracy ? -$0 : $0) } ?? .none
        }
        return switch state {
        case .ended(let outcome):
            if let goal = outcome.goal {
                .goal(examples: goal.examples)
            } else {
                outcome.status == .finished ? score(outcome.metric) : .none
            }
        case .paused(let metric): score(metric)
        case .interrupted: .none
        }
    }
}
