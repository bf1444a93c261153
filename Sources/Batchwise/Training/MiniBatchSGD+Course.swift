extension MiniBatchSGD {
    /// The course of a minimisation: the place that it has come to, the settings of the next update, and the decisions
    /// at the end of an epoch.
    @usableFromInline
    struct Course {
        private let schedule: UpdateSchedule
        private let judge: EpochJudge
        private let epochs, examples: Int
        private var progress: TrainingProgress
        private var next: NextUpdate
        private var order: EpochOrder
        private var report = UpdateReport(isClassification: false, measurements: Measurements())

        /// Refuses settings that cannot be used for so many examples.
        init(_ settings: MiniBatchSGD, examples: Int) throws(RecipeError) {
            guard examples >= 1 else {
                throw .value(at: "examples", expected: "at least one example to learn from", found: "\(examples)")
            }
            let recipe = settings.recipe
            try recipe.check()
            if let rule = settings.growth?.noiseRule {
                throw .value(
                    at: "batch.grow.by", expected: "marks, for the noise is that of gradients of single examples",
                    found: rule.criterion.name)
            }
            if recipe.learningRate.scaling == .adaScale {
                throw .value(
                    at: "learning-rate.scaling",
                    expected: "another rule, for AdaScale's gain needs gradients of single examples", found: "adascale")
            }
            let batches = try BatchSchedule(recipe.batch, examples: examples, epochs: recipe.epochs, decisions: [])
            guard batches.batchesPerEpoch > 0 else {
                throw .value(
                    at: "batch.size", expected: "at most the \(examples) examples where the last batch is dropped",
                    found: "\(recipe.batch.size)")
            }
            let last = batches.rateClock(
                beforeBatch: batches.batches(inEpoch: recipe.epochs) - 1, ofEpoch: recipe.epochs)
            let rate = try recipe.learningRate.resolved(
                examplesPerEpoch: batches.examplesPerEpoch, batch: min(recipe.batch.size, examples),
                epochs: recipe.epochs, lastUpdate: last)
            schedule = UpdateSchedule(recipe, batches: batches, rate: rate, averaging: nil)
            judge = EpochJudge(recipe)
            (epochs, self.examples) = (recipe.epochs, examples)
            progress = judge.begun
            next = schedule.update(after: progress)
            order = EpochOrder(count: examples, seed: recipe.seed, epoch: 1)
        }

        /// The number of updates of a run that is not stopped early.
        @usableFromInline var updates: Int { schedule.batches.updates(beforeBatch: 0, ofEpoch: epochs + 1) }

        /// The number of examples in the largest batch.
        @usableFromInline var largestBatch: Int {
            min(schedule.batches.phases.map(\.size).max() ?? 1, examples)
        }

        /// The metric of validation examples that early stopping, the kept model or the learning rate asks for.
        @usableFromInline var validationMetric: String? {
            let metrics = [judge.stopping?.metric, judge.keptMetric, judge.plateau?.metric]
            return metrics.lazy.compactMap { $0 }.first { $0 != .trainLoss }?.rawValue
        }

        @usableFromInline var isFinished: Bool { progress.epoch > epochs || hasStoppedEarly }
        @usableFromInline var hasStoppedEarly: Bool { progress.selection?.hasStopped ?? false }
        /// Whether the best parameters so far are the ones to leave, rather than the last ones.
        @usableFromInline func leavesBest(_ kept: KeptModel) -> Bool {
            switch kept {
            case .last: false
            case .best: true
            case .bestIfStopped: hasStoppedEarly
            }
        }

        // MARK: The next update

        @usableFromInline var number: Int { next.number }
        @usableFromInline var epoch: Int { next.epoch }
        @usableFromInline var rate: Double { next.rate }
        /// The momentum in place of the optimizer's own.
        @usableFromInline var momentum: Float? { next.momentum }

        /// Writes the examples of the next update to the first of `rows`, and returns how many there are.
        @usableFromInline
        mutating func begin(_ rows: inout [Int]) -> Int {
            next = schedule.update(after: progress)
            if order.epoch != next.epoch { order = EpochOrder(count: examples, seed: order.seed, epoch: next.epoch) }
            for (place, position) in next.positions.enumerated() { rows[place] = order[position] }
            return next.positions.count
        }

        /// Counts the update, whose batch had this mean loss, and reports it.
        @usableFromInline
        mutating func finish(loss: Double) -> UpdateReport {
            let weight = Double(next.positions.count)
            let result = UpdateResult(lossSum: loss * weight, weight: weight, rate: next.rate)
            judge.add(result, to: &progress)
            var seen = progress
            report.tell(result, schedule.batches, &seen)
            report.validation = nil
            progress.advance(schedule.batches)
            return report
        }

        /// Judges the epoch that has ended by its training loss and the validation loss, and returns whether its
        /// parameters are the best so far.
        @usableFromInline
        mutating func finishEpoch(_ report: inout UpdateReport, validationLoss: Double?) -> Bool {
            report.validation = validationLoss.map { Evaluation(examples: 0, loss: $0) }
            let verdict = judge.finish(epoch: progress.epoch - 1, validation: report.validation, &progress)
            // an epoch that its validation loss has judged is left alone
            try? judge.closeLastEpoch(&progress)
            return verdict.keeps
        }
    }

    /// The course of a minimisation over so many examples, or the reason why there is none.
    @usableFromInline
    func start(examples: Int) -> Result<Course, RecipeError> {
        Result { () throws(RecipeError) in try Course(self, examples: examples) }
    }

    /// The sentences for settings that a course cannot judge.
    @usableFromInline var unusableOptimizer: String {
        "\(optimizer.name) needs a Trainer, which knows the shapes of parameters; take another optimizer, such as adamW"
    }

    @usableFromInline
    func withoutValidation(_ metric: String) -> String {
        "the settings judge epochs by \(metric); give a closure validationLoss, or judge by the training loss (trainLoss)"
    }
}
