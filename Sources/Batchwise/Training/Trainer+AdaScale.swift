// AdaScale: the rate of each update times its gain, on the schedule of the base batch. See `AdaScaleState`.

extension Trainer {
    /// The most epochs that the run can take: the recipe's or, with AdaScale, as many as a gain of 1 makes them.
    package var epochLimit: Int { schedule.epochs }

    /// Whether all of the recipe is trained: its epochs or, with AdaScale, the updates of its base batch.
    var hasTrainedAll: Bool {
        guard progress.epoch <= epochLimit else { return true }
        guard let state = progress.adaScale, progress.batch == 0 else { return false }
        // a sum of many gains is rounded
        return state.examples >= learningRate.total * (1 - 1e-9)
    }

    /// Counts the updates of the base batch that an update was worth, and adds its noise to the running means.
    mutating func adaptRate(after next: NextUpdate, _ engine: Engine) throws(TrainingError) {
        guard let rule = schedule.adaScale, let gain = next.gain else { return }
        results[0].gain = gain
        var update = MeasuredUpdate(engine, next, results[0], nil)
        update.needs = rule.noise.needs
        let sample: NoiseSample?
        do {
            sample = try rule.noise.value(of: update)
        } catch {
            throw .quantity(update: next.number, name: "the gain", reason: "\(error)")
        }
        progress.adaScale?.examples += gain * Double(min(rule.base, next.positions.count))
        if let sample { progress.adaScale?.add(sample.model, scale: rule.scale) }
    }

    /// The updates of the base batch that have been made; nil without AdaScale.
    var baseUpdates: Double? {
        progress.adaScale.map { learningRate.clock.updates(min($0.examples, learningRate.total)) }
    }
}
