extension Plan {
    /// Adds to the plan of a batch that grows its phases, each with a plan of its own, and the memory of the largest.
    mutating func add(
        _ growth: BatchGrowth, _ schedule: BatchSchedule, _ plans: BatchPlans, rate: LearningRate.Resolved,
        scaling: LearningRate.Scaling
    ) throws(PlanError) {
        bytes.gradients += plans.noiseBytes
        if growth.rate == .scale {
            // the highest that any phase begins or warms up to
            for phase in schedule.phases {
                let own = Double(phase.examples) < rate.warmup ? rate.peak : rate.rate(afterExamples: phase.examples)
                learningRate = max(learningRate, own * scaling.factor(batch: phase.size, atBatch: batch))
            }
        }
        if let rule = growth.noiseRule {
            let times = Int(exactly: rule.times).map(String.init) ?? "\(rule.times)"
            self.growth =
                "batch grows by \(rule.criterion.text) every \(rule.every), to at most \(times) times "
                + "the size at a test, up to \(growth.limit ?? batch)"
            return
        }
        for phase in schedule.phases {
            let plan = try plans.plan(of: phase.size)
            phases.append(
                Phase(
                    batch: phase.size, epoch: phase.epoch, update: phase.updates + 1, lanes: plan.partition.lanes,
                    microBatch: plan.division.microBatch, accumulationSteps: plan.rounds,
                    workers: plan.division.workers,
                    updatesPerEpoch: BatchSchedule(
                        examples: schedule.examples, batch: phase.size, last: schedule.last
                    ).batchesPerEpoch))
        }
        let marks = zip(growth.steps(from: batch), phases.dropFirst()).map { step, phase in
            "\(phase.batch) from \(step.mark) on (\(phase.updatesPerEpoch) updates an epoch, micro-batch \(phase.microBatch))"
        }
        self.growth = "batch grows to " + marks.joined(separator: ", ")
    }
}
