import Batchwise
import BatchwiseExperiments
import Foundations

extension Advice {
    var json: JSON {
        get throws {
            .object([
                ("batch", .int(setting.batch)), ("learning_rate", .number(setting.rate)),
                ("warmup_updates", .int(warmupUpdates)), ("epochs", .int(setting.epochs)),
                ("micro_batch", .int(plan.microBatch)), ("workers", .int(plan.workers)),
                ("predicted_seconds", .number(predictedSeconds)), ("critical_batch", .number(criticalBatch)),
                ("evidence", .array([speedEvidence, noiseEvidence] + rates.map(rateEvidence) + [trialEvidence])),
                (
                    "if_wrong",
                    .array(
                        ifWrong.map {
                            .object([
                                ("factor", .number($0.factor)), ("batch", .int($0.batch)), ("cost", .number($0.cost)),
                            ])
                        })
                ),
                ("precision", .string(recipe.precision.rawValue)),
                ("bfloat16_speed", JSON(compared.otherPrecision?.speed)),
                ("bfloat16_loss", JSON(compared.otherPrecision?.trial?.loss?.mean)),
                ("seconds", .number(seconds)), ("needed_budget", JSON(compared.neededBudget)),
                ("recipe", .string(try recipe.yaml())),
            ])
        }
    }

    private var speedEvidence: JSON {
        .object([
            ("measure", .string("throughput")), ("seconds_per_update", .number(secondsPerUpdate)),
            ("seconds", JSON(throughput.fit?.seconds)),
            ("seconds_per_example", JSON(throughput.fit?.secondsPerExample)),
        ])
    }

    private var noiseEvidence: JSON {
        .object(
            [("measure", .string("noise-scale")), ("after_updates", .int(noiseAfter))] + noise.noise.estimate.entries)
    }

    private func rateEvidence(_ rate: LearningRateMeasurement) -> JSON {
        .object([
            ("measure", .string("learning-rate")), ("batch", .int(rate.reference.batch)),
            ("largest_stable", .number(rate.reference.median)), ("low", .number(rate.reference.low)),
            ("high", .number(rate.reference.high)), ("suggested", .number(rate.suggested(rate.reference))),
        ])
    }

    private var trialEvidence: JSON {
        .object([
            ("measure", .string("trials")), ("goal", goal.map { .string($0.text) } ?? .null),
            ("share_of_epochs", .number(compared.share)), ("settled", .bool(compared.isSettled)),
            ("stable_seeds", .int(compared.stableSeeds)), ("kept_back", .int(compared.keptBack)),
            (
                "trials",
                .array(
                    compared.trials.map { trial in
                        .object([
                            ("batch", .int(trial.setting.batch)), ("learning_rate", .number(trial.setting.rate)),
                            ("epochs", .int(trial.setting.epochs)), ("warmup", .bool(trial.setting.hasWarmup)),
                            ("seeds", .int(trial.results.count)), ("diverged", .bool(trial.isDiverged)),
                            ("error", JSON(trial.error?.mean)), ("loss", JSON(trial.loss?.mean)),
                            ("predicted_seconds", .number(trial.seconds)),
                            ("seconds_to_goal", JSON(trial.secondsToGoal?.mean)),
                        ])
                    })
            ),
        ])
    }
}
