import Batchwise
import BatchwiseRuns
import Foundations

/// The advised setting with products of bfloat16 factors, on a processor that has them.
package struct OtherPrecision: Sendable {
    /// How many times as many examples a second it trains.
    package let speed: Double
    /// The same seeds as those of the advised setting; nil where it is hardly faster, or the time was over.
    package let trial: Trial?

    /// A gain in speed below which nobody changes the precision.
    private static let leastGain = 1.1

    /// nil where the recipe is not in float32, or the processor has no such products.
    init?(
        _ subject: Subject, _ chosen: Trial, _ training: TrialTraining, until deadline: Double,
        interruption: Interruption
    ) throws {
        guard subject.recipe.precision == .float32, Precision.bfloat16.isAvailable else { return nil }
        let examples = subject.data.train.count
        func seconds(_ precision: Precision) throws -> Double {
            var recipe = chosen.setting.recipe(subject.recipe, examples: examples)
            recipe.precision = precision
            let run = try Trainer.prepare(
                recipe, data: subject.data.train, validation: subject.data.validation, machine: subject.machine)
            return try run.measured(seconds: 0.1).secondsPerUpdate
        }
        guard let other = try? seconds(.bfloat16) else { return nil }
        speed = try seconds(.float32) / other
        let count = chosen.results.count
        // trials of one thread, twice as long as predicted at most
        let time = 2 * chosen.seconds * training.share * Double(count)
        guard speed >= Self.leastGain, time < deadline - now() else {
            trial = nil
            return
        }
        var trial = Trial(
            chosen.setting, secondsPerUpdate: other, updates: chosen.setting.updates(examples: examples))
        let tasks = (0..<UInt64(count)).map { TrialTraining.Task(setting: chosen.setting, seed: $0) }
        for result in try training.with(.bfloat16).run(tasks, until: interruption, progress: { _ in }) ?? [] {
            trial.add(result)
        }
        self.trial = trial
    }
}
