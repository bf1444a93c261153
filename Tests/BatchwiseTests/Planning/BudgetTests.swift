import Testing

@testable import Batchwise

/// The largest micro-batch that fits is found by counting, and the smallest budget that will do is exact.
@Suite struct BudgetTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var batch: Batch
        var shape = [12]
        var model: LayerList
        var testDescription: String { "\(name), batch \(batch.size)" }
    }

    static let cases = [
        Case(name: "dense", batch: Batch(size: 500), model: layers(Dense(300), ReLU(), Dense(200), Dense(.classes))),
        Case(name: "dense", batch: Batch(size: 32), model: layers(Dense(300), ReLU(), Dense(.classes))),
        Case(name: "wide", batch: Batch(size: 64, grain: 4), model: layers(Dense(2000), Dense(900), Dense(.classes))),
        Case(name: "narrow", batch: Batch(size: 333, grain: 1), model: layers(Dense(3), Dense(.classes))),
        Case(name: "images", batch: Batch(size: 200), shape: [6, 6, 2], model: BatchTests.convolutional),
        Case(name: "ghosts", batch: Batch(size: 400), model: layers(Dense(50), BatchNorm(ghost: 24), Dense(.classes))),
        Case(
            name: "whole", batch: Batch(size: 400), model: layers(Dense(50), BatchNorm(over: .batch), Dense(.classes))),
    ]

    private func planner(_ example: Case, _ machine: Machine) throws -> Planner {
        let recipe = Recipe(model: example.model, batch: example.batch)
        let run = try Trainer.prepare(
            recipe, data: try SmallData.classes(600, shape: example.shape), machine: Machine(threads: 1))
        return Planner(
            graph: run.graph, batch: recipe.batch, rules: run.execution.rules, machine: machine, examples: 600)
    }

    /// The bytes of every micro-batch that there is, each planned on its own.
    private func all(_ planner: Planner, workers: Int) throws -> [(size: Int, bytes: Int, steps: Int)] {
        let partition = try planner.partition()
        let triangle = planner.triangle(partition)
        let share = triangle.rounded((planner.rows + workers - 1) / workers)
        let sizes = Array(stride(from: triangle.rounded(1), to: share, by: planner.step(partition))) + [share]
        return try sizes.map {
            let plan = try planner.execution(partition, workers, $0)
            return ($0, plan.bytes, plan.rounds)
        }
    }

    @Test(arguments: cases, [1, 2, 3])
    func bytesGrowWithTheMicroBatchWhileThereAreRounds(example: Case, workers: Int) throws {
        let rows = try all(try planner(example, Machine(threads: workers)), workers: workers)
        let accumulating = rows.filter { $0.steps > 1 }
        for (smaller, larger) in zip(accumulating, accumulating.dropFirst()) {
            #expect(smaller.bytes <= larger.bytes, "\(smaller) and \(larger)")
        }
    }

    @Test(arguments: cases, [1, 2, 3])
    func theLargestMicroBatchThatFitsIsChosen(example: Case, workers: Int) throws {
        let usual = try planner(example, Machine(threads: workers)).prepare()
        let rows = try all(try planner(example, Machine(threads: workers)), workers: workers)
        for limit in Set(rows.flatMap { [$0.bytes, $0.bytes - 1, $0.bytes + 1] }) {
            let planner = try planner(example, Machine(threads: workers, memory: limit))
            let fitting = rows.filter { $0.bytes <= limit }
            guard let largest = fitting.last else {
                #expect(throws: PlanError.self) { try planner.prepare() }
                continue
            }
            let plan = try planner.prepare()
            let expected = usual.bytes <= limit ? usual.division.microBatch : largest.size
            #expect(plan.division.microBatch == expected && plan.bytes <= limit, "\(limit) bytes")
            #expect(planner.largestMicroBatch(try planner.partition(), workers: workers) == largest.size)
        }
    }

    /// One byte less than the budget that the refusal names is too little.
    @Test(arguments: cases, [nil, 1, 2, 3])
    func theSmallestBudgetIsExact(example: Case, threads: Int?) throws {
        for microBatch in [nil, 1, 48] {
            let machine = Machine(threads: threads, microBatch: microBatch)
            func attempt(_ memory: Int) throws -> ExecutionPlan {
                var machine = machine
                machine.memory = memory
                return try planner(example, machine).prepare()
            }
            let error = #expect(throws: PlanError.self) { try attempt(1000) }
            guard case .overBudget(1000, let least, let reason)? = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
            #expect(reason.contains("layer"))
            #expect(try attempt(least).bytes == least)
            #expect(throws: PlanError.overBudget(limit: least - 1, least: least, reason: reason)) {
                try attempt(least - 1)
            }
        }
    }

    @Test func fewerWorkersWhereTheirNumberIsNotGiven() throws {
        let example = Self.cases[4]
        let one = try #require(try all(try planner(example, Machine()), workers: 1).first).bytes
        let two = try #require(try all(try planner(example, Machine()), workers: 2).first).bytes
        #expect(one < two)
        let plan = try planner(example, Machine(memory: two - 1)).prepare()
        #expect(plan.division.workers == 1)
        #expect(throws: PlanError.self) { try planner(example, Machine(threads: 2, memory: two - 1)).prepare() }
    }

    /// Batches that are augmented ahead are within the budget too.
    @Test func theBudgetCountsLoading() throws {
        let recipe = Recipe(
            model: layers(Conv2D(filters: 4, kernel: 3), ReLU(), Dense(.classes)), batch: Batch(size: 64), epochs: 1,
            augmentation: Augmentation([.flip]))
        let data = try SmallData.classes(200, shape: [6, 6, 2])
        func bytes(_ memory: Int?) throws -> Plan.Bytes {
            try Plan(recipe, data: data, machine: Machine(threads: 1, memory: memory, loadingThreads: 2)).bytes
        }
        let error = #expect(throws: PlanError.self) { _ = try bytes(1) }
        guard case .overBudget(_, let least, _)? = error else { return }
        #expect(try bytes(nil).loading >= 3 * 64 * 72 * 4)
        #expect(try bytes(least).training == least)
    }
}
