import Batchwise

/// A cell, and the result of its run.
package struct TrainedCell: Sendable {
    package let cell: SweepCell
    package let outcome: CellOutcome

    init(_ cell: SweepCell, outcome: CellOutcome) {
        self.cell = cell
        self.outcome = outcome
    }

    /// Nil for a cell that has not ended.
    init?(_ cell: SweepCell, _ state: CellTraining.State) {
        guard case .ended(let outcome) = state else { return nil }
        self.init(cell, outcome: outcome)
    }
}

extension TrainedCell {
    /// Whether the cell was trained to its goal or its end.
    package var isTrained: Bool { outcome.status == .goal || outcome.status == .finished }

    /// The key and value of every axis; the base rate too where it was tuned.
    package var settings: [RecipeValue.Entry] {
        guard cell.rateStep != nil, let rate = outcome.rate else { return cell.settings }
        return cell.settings + [.init("learning-rate.base", .double(rate))]
    }
}
