import Dispatch

// The end of an epoch: validation, the best epoch so far, an early stop.

extension Trainer {
    /// The epoch whose model the run gives, or by which early stopping judges; nil where the recipe asks for neither.
    public var bestEpoch: BestEpoch? { keptEpoch ?? progress.selection?.stopping }

    /// The epoch whose parameters the run gives; nil: the last one. A model that is kept where early stopping ends the run
    /// is not given by a run that came to its end.
    package var keptEpoch: BestEpoch? {
        recipe.keptModel == .bestIfStopped && hasTrainedAll && !hasStoppedEarly ? nil : progress.selection?.kept
    }

    /// Whether the recipe's early stopping has ended the run.
    public var hasStoppedEarly: Bool { progress.selection?.hasStopped ?? false }

    /// Whether every parameter is a finite number, and all replicas stand at the same update. Parameters that overflow in
    /// an update are noticed only by the next update.
    package var isFinite: Bool { trained.parameterThatIsNotFinite == nil && replicaGroup?.isBroken != true }

    /// Puts NaN in the place of a parameter of this process, so that tests see a failure.
    package func spoilParameter() {
        (replicaGroup?.own.first?.parameters ?? trained.pointers.parameters)[trained.layout.offsets[0]] = .nan
    }

    /// Judges the epoch that has just ended.
    mutating func finishEpoch(_ epoch: Int, rate: Double) throws(TrainingError) {
        if let validationData {
            let start = DispatchTime.now().uptimeNanoseconds
            do {
                validation = try model().evaluate(validationData, scores: judge.parts, machine: machine)
            } catch {
                throw .validation(epoch: epoch, reason: "\(error)")
            }
            validationTime += Double(DispatchTime.now().uptimeNanoseconds - start) * 1e-9
        }
        // parameters that are kept or that end the run must not have overflowed in the last update
        if progress.selection != nil, let name = trained.parameterThatIsNotFinite {
            throw .notFinite(update: progress.updates, epoch: epoch, layer: name, learningRate: rate)
        }
        let verdict = judge.finish(epoch: epoch, validation: validationData == nil ? nil : validation, &progress)
        if verdict.keeps { bestValues = valuesOfModel }
    }
}
