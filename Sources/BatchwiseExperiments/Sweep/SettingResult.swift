import Batchwise

/// The runs of one setting with all its seeds.
package struct SettingResult: Sendable {
    package internal(set) var cells: [TrainedCell]

    func isOf(_ cell: SweepCell) -> Bool {
        cells[0].cell.number == cell.number && cells[0].cell.rateStep == cell.rateStep
    }

    /// The key and value of every axis; the base rate too where it was tuned.
    package var settings: [RecipeValue.Entry] { cells[0].settings }
    /// The examples of a full batch.
    package var batch: Int { cells.lazy.compactMap(\.outcome.batch).first ?? cells[0].cell.recipe.batch.size }
    /// The places where the runs reached the goal.
    package var reached: [GoalPlace] { cells.compactMap(\.outcome.goal) }

    var isTrained: Bool { cells.allSatisfy(\.isTrained) }

    /// The mean over the runs that have the number, those left out that diverged or failed where others did not; nil
    /// where none has it.
    package func mean(_ number: (CellOutcome) -> Double?) -> Double? {
        let trained = cells.filter(\.isTrained)
        let numbers = (trained.isEmpty ? cells : trained).compactMap { number($0.outcome) }
        return numbers.isEmpty ? nil : numbers.reduce(0, +) / Double(numbers.count)
    }

    package var updatesToGoal: Double? { mean { $0.goal.map { Double($0.updates) } } }
    package var examplesToGoal: Double? { mean { $0.goal.map { Double($0.examples) } } }
    package var secondsToGoal: Double? { mean { $0.goal.map(\.seconds) } }
    package var examples: Double { mean { Double($0.examples) } ?? 0 }
    /// The mean test loss less the training loss.
    package var gap: Double? { mean(\.gap) }

    /// The mean of a number of the shape of the loss; nil where it was not measured.
    package func shape(_ number: KeyPath<CellShape, Double?>) -> Double? {
        mean { $0.shape?[keyPath: number] }
    }

    /// The metric by which settings are compared, with its sign such that less is better.
    var badness: Double? {
        func badness(_ evaluation: Evaluation?) -> Double? {
            evaluation.map { found in found.accuracy.map { -$0 } ?? found.rmse ?? found.loss }
        }
        return mean { badness($0.validation) } ?? mean { badness($0.test) } ?? mean(\.trainLoss)
    }
}
