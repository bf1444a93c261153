import Batchwise

/// The results of a sweep.
package struct SweepResult: Sendable {
    package let sweep: Sweep
    package let directory: String
    package let cells: [TrainedCell]
    /// The best rate of every setting, where rates were tuned.
    package let rates: [TunedRate]
    /// The cells of each setting together.
    package let settings: [SettingResult]

    init(_ sweep: Sweep, directory: String, cells: [TrainedCell], rates: [TunedRate] = []) {
        self.sweep = sweep
        self.directory = directory
        self.cells = cells
        self.rates = rates
        var settings: [SettingResult] = []
        for cell in cells {
            if let last = settings.last, last.isOf(cell.cell) {
                settings[settings.count - 1].cells.append(cell)
            } else {
                settings.append(SettingResult(cells: [cell]))
            }
        }
        self.settings = settings
    }

    /// The best setting among those whose seeds were all trained; nil where there is none.
    ///
    /// With a goal it is the one that most seeds reached it with, in the least time; without one, or where no seed
    /// reached it, the one with the best validation metric, else test metric, else training loss. Of equals the one that
    /// saw fewer examples is the best.
    package var best: SettingResult? {
        let whole = settings.filter { $0.cells.count == sweep.seeds && $0.isTrained }
        if let most = whole.map(\.reached.count).max(), most > 0 {
            return whole.filter { $0.reached.count == most }.min { $0.secondsToGoal ?? 0 < $1.secondsToGoal ?? 0 }
        }
        let judged = whole.compactMap { setting in setting.badness.map { (setting, $0) } }
        return judged.min { ($0.1, $0.0.examples) < ($1.1, $1.0.examples) }?.0
    }

    /// The settings whose shape was measured, from the smallest batch.
    package var shapes: [SettingResult] {
        let measured = settings.enumerated().filter { $0.element.cells.contains { $0.outcome.shape != nil } }
        return measured.sorted { ($0.element.batch, $0.offset) < ($1.element.batch, $1.offset) }.map(\.element)
    }

    // MARK: Batch sizes

    /// The batch sizes of the sweep, from the smallest.
    package var batches: [Int] { Set(settings.map(\.batch)).sorted() }

    /// For each batch size the setting with which all seeds reached the goal in the fewest updates; empty for a sweep
    /// without a goal, or with one batch size.
    package var frontier: [SettingResult] {
        guard sweep.goal != nil, batches.count > 1 else { return [] }
        return batches.compactMap { batch in
            settings.filter {
                $0.batch == batch && $0.cells.count == sweep.seeds && $0.reached.count == sweep.seeds
            }.min { $0.updatesToGoal ?? 0 < $1.updatesToGoal ?? 0 }
        }
    }

    /// The critical batch; nil for a sweep without a goal, or with one batch size, and where too few runs reached it.
    package var criticalBatch: CriticalBatch? {
        CriticalBatch(
            frontier.flatMap { setting in
                setting.reached.map { (batch: Double(setting.batch), updates: Double($0.updates)) }
            })
    }

    /// A sentence about swept rates whose lowest or highest value was the best of a batch size; nil where none was.
    package var rateNote: String? {
        for (place, axis) in sweep.axes.enumerated()
        where axis.values.count > 1 && ["learning-rate", "learning-rate.base"].contains(axis.key) {
            let values = axis.values.map(\.number)
            guard let low = values.compactMap({ $0 }).min(), let high = values.compactMap({ $0 }).max() else {
                continue
            }
            let edges = frontier.filter { [low, high].contains($0.cells[0].cell.settings[place].value.number) }
            guard !edges.isEmpty else { continue }
            return
                "At a batch of \(edges.map { "\($0.batch)" }.joined(separator: ", ")) the best \(axis.key) is the lowest "
                + "or highest that was tried: a better one may lie beyond."
        }
        return nil
    }

    /// The batch sizes that the critical batch does not rest on, in a sentence; nil where it rests on all.
    private var missingBatches: String? {
        let missing = Set(batches).subtracting(frontier.map(\.batch)).sorted()
        guard !missing.isEmpty else { return nil }
        return "Batches of \(missing.map(String.init).joined(separator: ", ")) are left out: not all of their runs "
            + "reached the goal."
    }

    /// Sentences about a critical batch that the runs do not determine, and about batches that it does not rest on; nil
    /// where there is nothing to say.
    package var criticalBatchNote: String? {
        guard sweep.goal != nil, batches.count > 1 else { return nil }
        guard let found = criticalBatch else {
            return
                "The critical batch takes three batch sizes whose runs all reach the goal, and four runs; here "
                + "\(frontier.count) of \(batches.count) sizes did."
        }
        if found.value != nil { return missingBatches }
        let sentence =
            switch (found.low, found.high) {
            case (let low?, nil):
                "The critical batch is above \(Int(low)): the largest batches still save updates. Try larger ones."
            case (nil, let high?):
                "The critical batch is below \(Int(high.rounded(.up))): the smallest batches save hardly any examples. Try smaller ones."
            default: "The runs do not determine the critical batch: take more seeds, or batches further apart."
            }
        return [sentence, missingBatches].compactMap { $0 }.joined(separator: " ")
    }
}

extension RecipeValue {
    /// The value as a number; nil for others.
    fileprivate var number: Double? {
        switch self {
        case .int(let value): Double(value)
        case .double(let value): value
        default: nil
        }
    }
}
