/// The state of a rate that falls on plateaus, kept in checkpoints: it follows from metrics, not from the clock.
public struct PlateauState: Hashable, Sendable, Codable {
    /// The best value of the metric so far.
    public internal(set) var best: Double?
    /// Epochs in a row that were no better.
    public internal(set) var badEpochs = 0
    /// Epochs left in which one that is no better does not count.
    public internal(set) var cooldown = 0
    /// The product of all cuts so far, a factor of the rate.
    public internal(set) var factor = 1.0
    /// How many epochs have been judged.
    public internal(set) var epochs = 0

    /// The sum of the losses of the epoch that is going on, and of the weights of its examples.
    var lossSum = 0.0
    var weight = 0.0

    /// Judges one more epoch.
    mutating func judge(_ value: Double, _ plateau: LearningRate.Plateau) {
        let isBetter =
            if let best {
                plateau.metric == .validationAccuracy
                    ? value > best * (1 + plateau.threshold) : value < best * (1 - plateau.threshold)
            } else {
                value.isFinite
            }
        badEpochs = isBetter ? 0 : badEpochs + 1
        if isBetter { best = value }
        if cooldown > 0 {
            cooldown -= 1
            badEpochs = 0
        }
        if badEpochs > plateau.patience {
            factor *= plateau.factor
            cooldown = plateau.cooldown
            badEpochs = 0
        }
        epochs += 1
        (lossSum, weight) = (0, 0)
    }

    /// Adds an update to the training loss of the epoch.
    mutating func add(_ update: UpdateResult) {
        lossSum += update.lossSum
        weight += update.weight
    }

    /// Whether a run can have this state: a file may hold anything.
    func isPossible(in progress: TrainingProgress) -> Bool {
        let before = progress.epoch - 1
        return (best ?? 0).isFinite && badEpochs >= 0 && cooldown >= 0 && factor >= 0 && factor <= 1
            && (epochs == before || epochs == before - 1 && progress.batch == 0) && lossSum.isFinite
            && weight >= 0 && weight.isFinite
    }
}
