import Testing

@testable import Batchwise

/// batch = micro-batch x accumulation steps x workers.
@Suite struct BatchTriangleTests {
    @Test(arguments: [1, 31, 32, 100, 8192], [1, 16, 24])
    func anyTwoGiveTheThird(rows: Int, step: Int) throws {
        let triangle = BatchTriangle(rows: rows, step: min(step, rows))
        for microBatch in [1, step, 3 * step, rows].map({ triangle.rounded($0) }) {
            for workers in [1, 2, 3, 7] {
                let steps = triangle.steps(microBatch: microBatch, workers: workers)
                #expect((steps - 1) * microBatch * workers < rows && rows <= steps * microBatch * workers)
                let all = try triangle.solved(
                    accumulation: steps, microBatch: microBatch, workers: workers, usual: 2)
                #expect(all == (workers, microBatch))
                let fewest = try triangle.solved(accumulation: steps, microBatch: microBatch, workers: nil, usual: 2)
                #expect(fewest.microBatch == microBatch && fewest.workers <= workers)
                #expect(triangle.steps(microBatch: microBatch, workers: fewest.workers) == steps)
                // the smallest micro-batch that takes so many steps
                let smallest = try triangle.solved(accumulation: steps, microBatch: nil, workers: workers, usual: 2)
                #expect(smallest.workers == workers && smallest.microBatch <= microBatch)
                #expect(triangle.steps(microBatch: smallest.microBatch, workers: workers) == steps)
            }
        }
    }

    @Test func aPapersBatchIsCutAsThere() throws {
        let triangle = BatchTriangle(rows: 8192, step: 16)
        for (workers, steps) in [(1, 32), (2, 16), (4, 8)] {
            #expect(
                try triangle.solved(accumulation: steps, microBatch: nil, workers: workers, usual: 9) == (workers, 256))
        }
        #expect(try triangle.solved(accumulation: 16, microBatch: 256, workers: nil, usual: 9) == (2, 256))
        #expect(try triangle.solved(accumulation: 16, microBatch: nil, workers: nil, usual: 2) == (2, 256))
        // one unit cannot be shared in two rounds
        #expect(
            try BatchTriangle(rows: 32, step: 16).solved(accumulation: 2, microBatch: nil, workers: nil, usual: 2) == (
                1, 16
            ))
    }

    struct Contradiction: Sendable {
        var steps: Int
        var microBatch: Int?
        var workers: Int?
        var says: String
    }

    static let contradictions = [
        Contradiction(steps: 3, microBatch: 100, workers: 2, says: "takes 37 accumulation steps, not 3"),
        Contradiction(steps: 300, microBatch: 10, workers: nil, says: "would need 1.71 workers"),
        Contradiction(steps: 600, microBatch: nil, workers: 2, says: "takes 256 accumulation steps, not 600"),
        Contradiction(steps: 1, microBatch: 1, workers: nil, says: "would need 512 workers"),
        Contradiction(steps: .max, microBatch: .max, workers: .max, says: "takes 1 accumulation step, not"),
        Contradiction(steps: .max, microBatch: nil, workers: nil, says: "takes 512 accumulation steps, not"),
        Contradiction(steps: .max, microBatch: nil, workers: 2, says: "takes 256 accumulation steps, not"),
        Contradiction(steps: .max, microBatch: 16, workers: nil, says: "of 16 examples would need 0 workers"),
    ]

    @Test(arguments: contradictions) func contradictionsAreRefusedWithTheirNumbers(given: Contradiction) throws {
        let error = #expect(throws: PlanError.self) {
            try BatchTriangle(rows: 8192, step: 16).solved(
                accumulation: given.steps, microBatch: given.microBatch, workers: given.workers, usual: 2)
        }
        #expect(error?.description.contains(given.says) == true, "\(String(describing: error))")
        #expect(error?.description.contains("8192") == true)
    }

    /// However the cut is asked for, the result is the recipe's.
    @Test func noAccumulationChangesABit() throws {
        let data = try SmallData.classes(130)
        let recipe = Recipe(model: BatchTests.dense, batch: Batch(size: 128), epochs: 2)
        let expected = try Trainer.fingerprint(recipe, data, Machine(threads: 1))
        for (threads, steps) in [(1, 8), (1, 4), (2, 2), (2, 4)] {
            let machine = Machine(threads: threads, accumulation: steps)
            #expect(try Plan(recipe, data: data, machine: machine).accumulationSteps == steps)
            #expect(try Trainer.fingerprint(recipe, data, machine) == expected, "\(steps) steps")
        }
    }
}
