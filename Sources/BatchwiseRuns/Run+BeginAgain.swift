import Batchwise
import BatchwiseData
import Foundations

// A run at the usual learning rate that explodes begins again, once, with a lower one.

extension Run {
    /// Begins the run again with a tenth of the rate, where an update was refused because numbers stopped being finite
    /// and the rate is the optimizer's usual one: nobody has asked for it. Returns whether it has.
    ///
    /// The recipe in the directory then has the lower rate, so that it leads to this run by itself.
    mutating func beginAgain(after error: TrainingError, _ tell: (Report) -> Void) throws -> Bool {
        guard case .notFinite(let update, _, _, _) = error, options.mayLowerRate, trainer.recipe.hasUsualRate else {
            return false
        }
        let processes = processes
        var recipe = try processes.together { try directory.readRecipe() }
        recipe.learningRate.base /= 10
        let notice =
            "update \(update): numbers stopped being finite at the usual learning rate; the run begins again with a "
            + "tenth of it, \(Float(recipe.learningRate.base)) (learning-rate names another)"
        try processes.together { try recorder.writeEvents() }
        let ready = try RunPreparation(recipe, data, options, processes)
        trainer = try Trainer(ready.prepared, communicator: processes.communicator)
        try processes.together {
            try directory.write(recipe)
            try directory.write(trainer.plan)
        }
        recorder = RunRecorder(directory, plan: trainer.plan, options: options)
        recorder.add(.resume(.init(time: timestamp(), update: 0, host: RunEvent.Host(trainer.plan), notices: notices)))
        note(notice, tell)
        let first = try checkpoint(nil)
        try processes.together { try recorder.write(first) }
        totals = EpochTotals()
        (validation, test, lastLoss, lastAccuracy) = (nil, nil, nil, nil)
        (secondsBefore, stalledBefore) = (0, 0)
        return true
    }
}

extension Recipe {
    /// Whether the learning rate is the one that suits the optimizer by default.
    fileprivate var hasUsualRate: Bool { learningRate == optimizer.defaultLearningRate }
}
