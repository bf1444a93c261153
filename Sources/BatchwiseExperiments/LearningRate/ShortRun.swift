import Batchwise

extension Subject {
    /// The mean loss of the last quarter of a run of so many updates; infinity where a number stops being finite.
    ///
    /// The rate stays, or falls along a line to 0.
    func finalLoss(
        batch: Int, rate: Double, falls: Bool, updates: Int, seed: UInt64, tick: () throws -> Void
    ) throws -> Double {
        let fall = LearningRate.Decay.triangular(.init(low: 0, up: .updates(1), down: .updates(updates - 1)))
        var trainer = try trainer(
            batch: batch, rate: LearningRate(base: rate, decay: falls ? fall : .constant), updates: updates, seed: seed)
        let last = max(updates / 4, 1)
        var sum = 0.0
        for number in 0..<updates {
            let report: UpdateReport
            do throws(TrainingError) {
                report = try trainer.update()
            } catch {
                guard case .notFinite = error else { throw error }
                return .infinity
            }
            if number >= updates - last { sum += report.loss / Double(last) }
            try tick()
        }
        return sum
    }
}
