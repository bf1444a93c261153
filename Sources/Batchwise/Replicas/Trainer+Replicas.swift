// Local SGD: the updates of replicas that train apart, and their averages. See Replicas.

extension Trainer {
    /// Whether the next update is made by replicas apart.
    var trainsApart: Bool {
        guard let start = replicaStart else { return false }
        return progress.localUpdates != nil || Double(progress.examples) >= start
    }

    /// The replicas, with engines for the next update's batch.
    private mutating func readyReplicas() throws(TrainingError) -> ReplicaGroup {
        let next = schedule.phase(after: progress)
        if let replicaGroup, next == phase, !replicaGroup.engines.isEmpty { return replicaGroup }
        do throws(PlanError) {
            return try enterReplicas(next)
        } catch {
            throw .growth(update: progress.updates + 1, batch: schedule.batches.phases[next].size, error)
        }
    }

    /// Begins to train apart, or goes over to the batches of another phase.
    @discardableResult
    mutating func enterReplicas(_ next: Int) throws(PlanError) -> ReplicaGroup {
        guard let replicas = recipe.separateReplicas, let placement, let replicaPlans else {
            preconditionFailure("a recipe of one model has no replicas")
        }
        leaveOneModel()
        let plan = try replicaPlans.plan(of: schedule.batches.phases[next].size)
        let group =
            if let replicaGroup { replicaGroup } else {
                try ReplicaGroup(replicas, placement, from: trained, plan, communicator: communicator)
            }
        replicaGroup = group
        try group.prepare(plan, source: source, seed: recipe.seed)
        phase = next
        loader = try Self.loader(rows, orders, schedule, next, machine, share: placement.share)
        return group
    }

    /// Frees the engine of the one model, whose state is in `trained`.
    private mutating func leaveOneModel() {
        engine?.joinOptimizerState()
        loader?.stop()
        stalled += loader?.stall ?? 0
        (linear, engine, loader, products) = (nil, nil, nil, nil)
        replicaGroup?.dropEngines()
    }

    /// Runs updates of one epoch up to the next average, at most `limit`, and returns how many there were.
    mutating func advanceReplicas(_ limit: Int) throws(TrainingError) -> Int {
        let group = try readyReplicas()
        if order.epoch != progress.epoch { order = orders.order(ofEpoch: progress.epoch) }
        let local = progress.localUpdates ?? 0
        var seen = progress
        var updates: [NextUpdate] = []
        let most = min(limit, group.periods.updatesLeft(after: local), results.count, loader == nil ? .max : 1)
        repeat {
            updates.append(schedule.update(after: seen))
            seen.advance(schedule.batches)
        } while updates.count < most && seen.batch > 0 && schedule.phase(after: seen) == phase
        let found = try run(updates, group, after: local)
        for (index, result) in found.enumerated() {
            results[index] = result
            count(result)
        }
        progress.localUpdates = local + updates.count
        average(group)
        try finishUpdates(rate: updates[updates.count - 1].rate)
        return updates.count
    }

    private mutating func run(
        _ updates: [NextUpdate], _ group: ReplicaGroup, after local: Int
    ) throws(TrainingError) -> [UpdateResult] {
        let loaded: LoadedRows?
        do throws(DataError) {
            loaded = try loader?.batch(progress.batch, epoch: progress.epoch)
        } catch {
            throw .data(update: progress.updates + 1, error)
        }
        let isPulled = attract(group, after: local)
        do throws(ReplicaFailure) {
            return try group.run(updates, order: order, loaded: loaded, isPulled: isPulled)
        } catch {
            throw .notFinite(
                update: error.next.number, epoch: error.next.epoch, layer: error.layer, learningRate: error.next.rate)
        }
    }

    // MARK: Averages

    /// Averages the fragments that are due, and all of them where the run ends.
    private func average(_ group: ReplicaGroup) {
        guard let local = progress.localUpdates else { return }
        if case .elastic = group.replicas.rule { return }
        let due = group.periods.fragmentsDue(after: local)
        for fragment in 0..<group.periods.fragments where hasTrainedAll || due.contains(fragment) {
            let last = group.periods.lastAverage(of: fragment, before: local)
            let examples = examplesOfReplicas(updates: local - last)
            if group.replicas.isEager {
                group.stepEagerly(fragment, examples: examples, isFirst: last == 0, isLast: hasTrainedAll)
            } else {
                group.average(fragment, examples: examples)
            }
        }
    }

    /// Moves the centre of EASGD where a period has ended; returns whether the next update moves the replicas too.
    private func attract(_ group: ReplicaGroup, after local: Int) -> Bool {
        guard case .elastic(let strength) = group.replicas.rule, local > 0, local % group.periods.length == 0
        else { return false }
        group.attract(strength)
        return true
    }

    /// The examples that each replica has seen in the last updates.
    private func examplesOfReplicas(updates count: Int) -> [Int] {
        let replicas = placement?.count ?? 1
        var examples = Array(repeating: 0, count: replicas)
        for update in progress.updates - count..<progress.updates {
            let place = schedule.batches.place(ofUpdate: update)
            let batch = schedule.batches.rows(ofBatch: place.batch, inEpoch: place.epoch).count
            for replica in 0..<replicas {
                examples[replica] += LocalBatch.rows(ofReplica: replica, of: replicas, in: batch).count
            }
        }
        return examples
    }

    // MARK: Checkpoints

    /// Whether a checkpoint has the replicas that it must have: none where they had not begun.
    func hasReplicas(_ checkpoint: Checkpoint) -> Bool {
        guard let local = checkpoint.progress.localUpdates else { return true }
        guard let replicas = recipe.separateReplicas, (0...checkpoint.progress.updates).contains(local) else {
            return false
        }
        return ReplicaGroup.hasVectors(replicas, recipe.optimizer, in: checkpoint.vectors)
    }

    /// Takes the replicas of a checkpoint, where it has some.
    mutating func restoreReplicas(_ checkpoint: Checkpoint) throws(PlanError) {
        guard checkpoint.progress.localUpdates != nil else {
            // they begin anew with the next update
            replicaGroup?.finishExchanges()
            replicaGroup = nil
            return
        }
        let group = try enterReplicas(schedule.phase(after: checkpoint.progress))
        group.restore(checkpoint.vectors, recipe.optimizer)
    }
}
