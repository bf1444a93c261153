extension Trainer {
    /// Saves the state that the rest of the run depends on to one file, atomically; ``resume(from:)`` resumes from it.
    ///
    /// ```swift
    /// try trainer.run { $0.index == 500 ? .stop : .proceed }
    /// try trainer.saveCheckpoint("half.safetensors")
    /// ```
    /// The file is a model too, and has a checksum. Throws `CheckpointError` where it cannot be written; a file that
    /// was there stays then.
    public func saveCheckpoint(_ path: String) throws {
        try checkpoint().write(to: path)
    }

    /// Resumes a run of the same recipe and data where it was saved, on whatever machine, to the same bits.
    ///
    /// Throws `CheckpointError` for a file that is damaged, or of another recipe. A recipe that no file can hold, with
    /// layers, a loss or an optimizer of the program's own, is compared by the names of parameters and states alone.
    public mutating func resume(from path: String) throws {
        let checkpoint = try Checkpoint(
            contentsOf: path, ofProgram: (try? recipe.notation()) == nil ? recipe : nil,
            layers: LayerRegistry(of: recipe.model))
        guard checkpoint.isOfRecipe(recipe) else {
            throw CheckpointError.malformed(path: path, reason: "is the checkpoint of another recipe")
        }
        do {
            try restore(checkpoint)
        } catch { throw error.naming(path) }
    }

    /// The state that the rest of the run depends on.
    package func checkpoint() -> Checkpoint {
        engine?.joinOptimizerState()
        var progress = progress
        // a decision about the next update is made again where the run is resumed, so that the log has it
        if let last = progress.growth?.last, last.examples == progress.examples { progress.growth?.removeLast() }
        if progress.growth?.isEmpty == true { progress.growth = nil }
        var checkpoint = Checkpoint(
            model: model(of: trained.parameterValues, updates: progress.updates), progress: progress,
            optimizerState: trained.stateValues)
        checkpoint.vectors[Checkpoint.bestEpoch] = bestValues
        checkpoint.vectors[Checkpoint.average] = averageValues
        if progress.localUpdates != nil, let replicaGroup {
            checkpoint.vectors.merge(replicaGroup.vectors(recipe.optimizer)) { old, _ in old }
        }
        for (age, version) in zip(1..., trained.versionValues(beforeUpdate: progress.updates + 1)) {
            checkpoint.vectors[Checkpoint.version(age)] = version
        }
        return checkpoint
    }

    /// Resumes from a checkpoint of the same recipe.
    package mutating func restore(_ checkpoint: Checkpoint) throws(CheckpointError) {
        let parameters = trained.layout.parameters
        let seen = checkpoint.progress
        guard let schedule = batches(at: seen) else {
            throw .malformed(path: nil, reason: "the checkpoint's place is not one of this run")
        }
        guard (seen.plateau == nil) == (progress.plateau == nil), seen.plateau?.isPossible(in: seen) ?? true else {
            throw .malformed(path: nil, reason: "what its learning rate has seen is not of this run")
        }
        guard (seen.adaScale == nil) == (progress.adaScale == nil), seen.adaScale?.isPossible(in: seen) ?? true else {
            throw .malformed(path: nil, reason: "what its gain has seen is not of this run")
        }
        guard seen.staleness?.isPossible(in: seen.updates) ?? true else {
            throw .malformed(path: nil, reason: "the staleness of its gradients is not of this run")
        }
        guard seen.backup?.isPossible(in: seen.updates) ?? true else {
            throw .malformed(path: nil, reason: "the gradients that it has dropped are not of this run")
        }
        guard checkpoint.model.parameters.map(\.name) == parameters.map(\.name),
            checkpoint.model.parameters.map(\.shape) == parameters.map(\.shape),
            checkpoint.optimizerState.count == trained.pointers.states.count
        else { throw .malformed(path: nil, reason: "the checkpoint belongs to another model or optimizer") }
        let best = checkpoint.vectors[Checkpoint.bestEpoch]
        guard (seen.selection == nil) == (progress.selection == nil), (seen.selection?.kept == nil) == (best == nil)
        else { throw .malformed(path: nil, reason: "the checkpoint's best epoch is not one of this run") }
        let average = checkpoint.vectors[Checkpoint.average]
        guard (average == nil) == (seen.averaged == nil), average == nil || recipe.average != nil,
            (0...seen.updates).contains(seen.averaged ?? 0)
        else { throw .malformed(path: nil, reason: "the checkpoint's average is not one of this run") }
        guard hasReplicas(checkpoint) else {
            throw .malformed(path: nil, reason: "the checkpoint's replicas are not those of this run")
        }
        let ages = 0..<(recipe.asynchronous?.mostDelay ?? 0)
        let versions = ages.compactMap { checkpoint.vectors[Checkpoint.version($0 + 1)] }
        guard versions.count == ages.count else {
            throw .malformed(path: nil, reason: "the checkpoint's older parameters are not those of this run's delays")
        }
        trained.setParameters(checkpoint.model.values)
        trained.beginVersions()
        trained.setVersions(versions, beforeUpdate: seen.updates + 1)
        engine?.flipMirrors()
        trained.setState(checkpoint.optimizerState)
        if let average { trained.setAverage(average) }
        progress = checkpoint.progress
        decision = nil
        bestValues = best
        self.schedule.batches = schedule
        do throws(PlanError) {
            try restoreReplicas(checkpoint)
        } catch {
            throw .malformed(path: nil, reason: "its replicas cannot be trained here: \(error)")
        }
    }
}

extension Checkpoint {
    /// Whether the run was one of this recipe, wherever its data was. Recipes that no file can hold are not told apart.
    package func isOfRecipe(_ recipe: Recipe) -> Bool {
        let own = try? model.recipe.withoutPaths().notation()
        // a run that was lengthened goes on from a checkpoint of its shorter days
        return ([recipe] + recipe.shorter).contains { recipe in
            guard let notation = try? recipe.withoutPaths().notation() else { return true }
            return own == notation
        }
    }
}
