import Testing

@testable import Batchwise

/// Processes with backup workers, whose updates take the first gradients that are ready: see BackupServer.
@Suite(.serialized) struct BackupUpdatesTests {
    static func recipe(_ backup: Int, change: (inout Recipe) -> Void = { _ in }) -> Recipe {
        var recipe = Recipe(
            model: layers(Dense(32), Tanh(), Dense(.classes)), batch: Batch(size: 32),
            optimizer: .sgd(weightDecay: 1e-4), learningRate: .constant(0.1), epochs: 6, seed: 3,
            asynchronous: Asynchronous(.backup(backup, workers: nil)))
        change(&recipe)
        return recipe
    }

    /// With one of four processes left out of each update, training is that of three quarters of the batch.
    @Test(arguments: [(2, 1), (4, 1), (4, 2)]) func processesLearnAsSynchronousOnesDo(
        processes: Int, backup: Int
    ) throws {
        let data = Dataset.digits()
        let (train, test) = (data.train, data.test)
        let synchronous = Self.recipe(backup) { recipe in
            recipe.asynchronous = nil
            recipe.batch.size = 32 * (processes - backup) / processes
        }
        var alone = try Trainer(synchronous, data: train, machine: Machine(threads: 1))
        let expected = try #require(try alone.run().evaluate(test).accuracy)
        let found = try RanksInMemory(processes).train(Self.recipe(backup), train, Machine(threads: 1)) { trainer in
            var reports: [UpdateReport] = []
            while !trainer.isFinished { try trainer.run(updates: 1000) { reports.append($0) } }
            return (model: trainer.model(), progress: trainer.progress, reports: reports)
        }
        let model = found[0].model
        #expect(abs(try #require(try model.evaluate(test).accuracy) - expected) < 0.03)
        for one in found {
            #expect(one.model.parametersSHA256 == model.parametersSHA256 && one.reports == found[0].reports)
            #expect(one.progress == found[0].progress)
            let counts = try #require(one.progress.backup)
            // the last batch has 30 examples, enough for each process
            #expect(counts.gradients - counts.dropped == (processes - backup) * one.progress.updates)
            #expect(one.reports.allSatisfy { $0.weight >= Double(28 * (processes - backup) / processes) })
            #expect(one.reports.allSatisfy { $0.weight <= Double(32 * (processes - backup) / processes) + 1 })
        }
    }

    /// Fewer examples than processes are all needed: the numbers are those of one process, but for rounding.
    @Test func aBatchOfFewExamplesIsTakenWhole() throws {
        let train = Dataset.digits().train
        let recipe = Self.recipe(2) { $0.batch.size = 3 }
        var plain = recipe
        plain.asynchronous = nil
        var alone = try Trainer(plain, data: train, machine: Machine(threads: 1))
        try alone.run(updates: 40) { _ in }
        let found = try RanksInMemory(4).train(recipe, train, Machine(threads: 1)) { trainer in
            try trainer.run(updates: 40) { _ in }
            #expect(trainer.progress.backup?.gradients == 120 && trainer.progress.backup?.dropped == 0)
            return trainer.model().values
        }
        for (a, b) in zip(found[0].joined(), alone.model().values.joined()) { #expect(abs(a - b) < 1e-5) }
        // as a negative control, other updates are told apart
        try alone.run(updates: 1) { _ in }
        #expect(zip(found[0].joined(), alone.model().values.joined()).contains { abs($0 - $1) > 1e-4 })
    }

    /// A process that needs 20 ms for a gradient delays no update, and nearly all its gradients are dropped.
    @Test func aSlowProcessIsNotWaitedFor() throws {
        let train = Dataset.digits().train
        let recipe = Self.recipe(1) { $0.epochs = 2 }
        let clock = ContinuousClock()
        let found = try RanksInMemory(3).train(recipe, train, Machine(threads: 1)) { trainer in
            if trainer.communicator?.rank == 1 { trainer.slowdown = 0.02 }
            let start = clock.now
            try trainer.run()
            return (time: start.duration(to: clock.now), progress: trainer.progress)
        }
        let updates = found[0].progress.updates
        let counts = try #require(found[0].progress.backup)
        #expect(counts.gradients - counts.dropped == 2 * updates)
        // waiting for it would take this long
        #expect(found[0].time < .milliseconds(20) * updates / 2, "\(found[0].time) for \(updates) updates")
        #expect(counts.gradients < 3 * updates - updates / 2, "\(counts), \(updates) updates")
    }

    @Test func aRefusedUpdateStopsAllProcesses() throws {
        let train = Dataset.digits().train
        let found = try RanksInMemory(3).train(
            Self.recipe(1) { $0.learningRate = .constant(1e30) }, train, Machine(threads: 1)
        ) { trainer in
            let before = trainer.model().parametersSHA256
            do { try trainer.run() } catch {
                #expect(trainer.model().parametersSHA256 == before && trainer.progress.updates == 0)
                return "\(error)"
            }
            return ""
        }
        #expect(
            found.allSatisfy { $0.contains("stopped being finite in layer loss (asynchronous.backup)") }, "\(found)")
    }

    @Test func oneProcessTrainsAsWithoutIt() throws {
        let train = Dataset.digits().train
        let recipe = Self.recipe(1) { $0.epochs = 1 }
        var plain = recipe
        plain.asynchronous = nil
        let found = try Trainer.fingerprint(recipe, train, Machine(threads: 2))
        #expect(try found == Trainer.fingerprint(plain, train, Machine(threads: 1)))
    }

    @Test func otherModelsAndMachinesAreRefusedKindly() throws {
        func refusal(_ recipe: Recipe, ranks: Int) -> String {
            var machine = Machine()
            machine.ranks = ranks
            do { _ = try Plan(recipe, data: Dataset.digits().train, machine: machine) } catch { return "\(error)" }
            return ""
        }
        #expect(
            refusal(Self.recipe(4), ranks: 4)
                == "asynchronous.backup must be below the number of processes, 4, and is 4")
        let normalised = Self.recipe(1) { $0.model = layers(Dense(8), BatchNorm(ghost: 8), ReLU(), Dense(.classes)) }
        #expect(refusal(normalised, ranks: 2).contains("keeps no running statistics"))
        #expect(refusal(Self.recipe(1), ranks: 2) == "")
    }
}
