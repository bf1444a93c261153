import Testing

@testable import Batchwise

/// Processes that train shared parameters without waiting for each other: see ParameterServer.
@Suite struct ServedUpdatesTests {
    static func recipe(bound: Int = 8, change: (inout Recipe) -> Void = { _ in }) -> Recipe {
        var recipe = Recipe(
            model: layers(Dense(32), Tanh(), Dense(.classes)), batch: Batch(size: 16),
            optimizer: .sgd(weightDecay: 1e-4),
            learningRate: LearningRate(base: 0.1), epochs: 4, seed: 3,
            asynchronous: Asynchronous(.server(bound: bound), stalenessAware: true))
        change(&recipe)
        return recipe
    }

    static func ranks(_ count: Int) -> RanksInMemory {
        let ranks = RanksInMemory(count)
        ranks.sharesMemory = true
        return ranks
    }

    @Test(arguments: [2, 4], [3, 8]) func processesLearnAsOneDoes(processes: Int, bound: Int) throws {
        let data = Dataset.digits()
        let (train, test) = (data.train, data.test)
        var alone = try Trainer(Self.recipe { $0.asynchronous = nil }, data: train, machine: Machine(threads: 1))
        let expected = try #require(try alone.run().evaluate(test).accuracy)
        let found = try Self.ranks(processes).train(Self.recipe(bound: bound), train, Machine(threads: 1)) {
            trainer in
            var reports: [UpdateReport] = []
            while !trainer.isFinished { try trainer.run(updates: 1000) { reports.append($0) } }
            return (model: trainer.model(), progress: trainer.progress, reports: reports)
        }
        let model = found[0].model
        #expect(abs(try #require(try model.evaluate(test).accuracy) - expected) < 0.03)
        for one in found {
            // all have the same parameters and know the same updates
            #expect(one.model.parametersSHA256 == model.parametersSHA256 && one.reports == found[0].reports)
            #expect(one.reports.map(\.index) == Array(1...alone.progress.updates))
            #expect(one.progress == found[0].progress)
            let staleness = try #require(one.progress.staleness)
            #expect(staleness.updates == alone.progress.updates && staleness.largest <= bound)
        }
    }

    /// Where no gradient can be stale, a parameter server gives the numbers of one process, but for the rounding of a
    /// change.
    @Test func oneUpdateAtATimeIsSynchronous() throws {
        let train = Dataset.digits().train
        let recipe = Self.recipe { $0.epochs = 1 }
        var plain = recipe
        plain.asynchronous = nil
        var alone = try Trainer(plain, data: train, machine: Machine(threads: 1))
        try alone.run(updates: 40) { _ in }
        let found = try Self.ranks(2).train(recipe, train, Machine(threads: 1)) { trainer in
            for _ in 0..<40 { _ = try trainer.update() }
            #expect(trainer.progress.staleness?.largest == 0 && trainer.progress.staleness?.updates == 40)
            return trainer.model().values
        }
        for (a, b) in zip(found[0].joined(), alone.model().values.joined()) { #expect(abs(a - b) < 1e-5) }
    }

    /// As a negative control, changes that are lost teach nothing.
    @Test func lostChangesAreNoticed() throws {
        let train = Dataset.digits().train
        let ranks = Self.ranks(2)
        ranks.losesChanges = true
        let found = try ranks.train(Self.recipe { $0.epochs = 1 }, train, Machine(threads: 1)) { trainer in
            let before = trainer.model().parametersSHA256
            try trainer.run()
            return trainer.model().parametersSHA256 == before
        }
        #expect(found == [true, true])
    }

    /// An update that one process refuses stops all, and nothing of the call is kept.
    @Test func aRefusedUpdateStopsAllProcesses() throws {
        let train = Dataset.digits().train
        let found = try Self.ranks(3).train(
            Self.recipe { $0.learningRate = .constant(1e30) }, train, Machine(threads: 1)
        ) { trainer in
            let before = trainer.model().parametersSHA256
            do { try trainer.run() } catch {
                #expect(trainer.model().parametersSHA256 == before && trainer.progress.updates == 0)
                return "\(error)"
            }
            return ""
        }
        #expect(found.allSatisfy { $0.contains("stopped being finite in layer loss (asynchronous.bound)") }, "\(found)")
    }

    @Test func oneProcessTrainsAsWithoutIt() throws {
        let train = Dataset.digits().train
        let recipe = Self.recipe { $0.epochs = 1 }
        let plain = Self.recipe {
            $0.epochs = 1
            $0.asynchronous = nil
        }
        let found = try Trainer.fingerprint(recipe, train, Machine(threads: 2))
        #expect(try found == Trainer.fingerprint(plain, train, Machine(threads: 1)))
        func notices(ranks: Int) throws -> String {
            var machine = Machine()
            machine.ranks = ranks
            return try Plan(recipe, data: train, machine: machine).notices.joined(separator: "\n")
        }
        #expect(try notices(ranks: 1).contains("has the bits of the recipe without asynchronous"))
        #expect(try !notices(ranks: 1).contains("no two runs are alike"))
        #expect(try notices(ranks: 2).contains("no two runs are alike"))
    }

    @Test(arguments: [
        ("optimizer: adam", "optimizer: expected sgd beside asynchronous.bound, found adam"),
        ("optimizer: {sgd: {momentum: 0.9}}", "expected sgd without momentum beside asynchronous.bound"),
        ("optimizer: sgd\nbatch: {size: 8, grow: {at: [1 epochs], times: 2}}", "batch.grow: expected none"),
    ])
    func recipesAreRefusedKindly(lines: String, part: String) throws {
        let error = #expect(throws: RecipeError.self) {
            try Recipe(yaml: "model: mlp\nasynchronous: {bound: 8}\n\(lines)\n")
        }
        #expect(error?.description.contains(part) == true, "\(String(describing: error))")
    }

    @Test func otherModelsAndMachinesAreRefusedKindly() throws {
        func refusal(_ recipe: Recipe, ranks: Int) -> String {
            var machine = Machine()
            machine.ranks = ranks
            do { _ = try Plan(recipe, data: Dataset.digits().train, machine: machine) } catch { return "\(error)" }
            return ""
        }
        #expect(
            refusal(Self.recipe(bound: 2), ranks: 4)
                == "asynchronous.bound must be at least 3 with 4 processes, and is 2")
        let normalised = Self.recipe { $0.model = layers(Dense(8), BatchNorm(ghost: 8), ReLU(), Dense(.classes)) }
        #expect(refusal(normalised, ranks: 2).contains("keeps no running statistics"))
        #expect(refusal(Self.recipe(), ranks: 2) == "")
    }
}
