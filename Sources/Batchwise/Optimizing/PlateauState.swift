/// The state of a rate that falls on plateaus, kept in checkpoints: it follows from metrics, not from the clock.
package struct PlateauState: Hashable, Sendable, Codable {
    /// The best value of the metric so far.
    var best: Double?
    /// Epochs in a row that were no better.
    var badEpochs = 0
    /// The number of following epochs that do not count even if they are no better.
    var cooldown = 0
    /// The product of all cuts so far, a factor of the rate.
    var factor = 1.0
    /// How many epochs have been judged.
    var epochs = 0

    /// The sum of the losses of the epoch that is going on, and of the weights of its examples.
    var lossSum = 0.0
    var weight = 0.0

    /// Whether a run can have this state: a file may hold anything.
    func isPossible(in progress: TrainingProgress) -> Bool {
        let before = progress.epoch - 1
        return (best ?? 0).isFinite && badEpochs >= 0 && cooldown >= 0 && factor >= 0 && factor <= 1
            && (epochs == before || epochs == before - 1 && progress.batch == 0) && lossSum.isFinite
            && weight >= 0 && weight.isFinite
    }
}
