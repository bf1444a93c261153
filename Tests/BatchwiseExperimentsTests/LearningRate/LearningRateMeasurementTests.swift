import Batchwise
import BatchwiseData
import Foundation
import Testing

@testable import BatchwiseExperiments

@Suite struct LearningRateMeasurementTests {
    private static let width = 64

    /// Normal inputs in 64 directions: with plain SGD the mean square of the error shrinks for rates below
    /// 2 / (1 + 65/B), as E[(I - rate A)^2] of the batch's A = sum x x'/B says: linear far below 65, flat far above.
    private func gaussian(batch: Int) throws -> Subject {
        let rows = RateSubjects.rows(4096, scales: Array(repeating: 1, count: Self.width), seed: 3)
        let targets = RateSubjects.targets(rows, width: Self.width, noise: 0, seed: 3)
        return try RateSubjects.leastSquares(rows, width: Self.width, targets: targets, batch: batch)
    }

    @Test func theRateOfSmallBatchesIsLinear() throws {
        let measured = try LearningRateMeasurement(gaussian(batch: 4), batches: [2, 4, 8], updates: 50)
        for stable in measured.stable {
            let limit = 2 / (1 + 65 / Double(stable.batch))
            #expect(
                stable.median > 0.8 * limit && stable.median < 1.3 * limit, "\(stable.batch) \(stable.median / limit)")
            #expect(measured.suggested(stable) <= stable.low / 2)
        }
        #expect(measured.power.verdict == .linear, "\(measured.power)")
    }

    /// A negative control: far above the critical batch the rate is that of the whole data set.
    @Test func theRateOfLargeBatchesIsFlat() throws {
        let measured = try LearningRateMeasurement(gaussian(batch: 1024), batches: [512, 1024, 4096], updates: 30)
        #expect(measured.power.verdict == .neither("the rate hardly depends on the batch"), "\(measured.power)")
    }

    /// A trainer that is measured goes on as one that is not, and has the same bits before and after.
    @Test func aTrainerThatIsMeasuredStaysAsItIs() throws {
        let data = Dataset.digits().train
        let recipe = Recipe(
            model: LayerList {
                Dense(16)
                ReLU()
                Dropout(0.1)
                Dense(.classes)
            }, batch: Batch(size: 32), optimizer: .adam(), learningRate: .constant(0.001), epochs: 5, seed: 7)
        var measuredTrainer = try Trainer(recipe, data: data)
        var other = try Trainer(recipe, data: data)
        try measuredTrainer.run(updates: 60) { _ in }
        try other.run(updates: 60) { _ in }
        let before = try measuredTrainer.checkpoint().encoded()
        let subject = try RateSubjects.subject(
            measuredTrainer.recipe, data, width: 64, model: measuredTrainer.model())
        _ = try LearningRateMeasurement(subject, batches: [16, 32], seeds: 1, updates: 30)
        #expect(try measuredTrainer.checkpoint().encoded() == before)
        #expect(try measuredTrainer.run().parametersSHA256 == other.run().parametersSHA256)
    }

    /// No number depends on the machine.
    @Test func threadsChangeNothing() throws {
        func rates(_ machine: Machine) throws -> [Double] {
            let data = Dataset.digits().train
            let recipe = Recipe(model: Dense(.classes), batch: Batch(size: 64), learningRate: .constant(0.1), epochs: 1)
            let subject = try RateSubjects.subject(recipe, data, width: 64)
            let measured = try LearningRateMeasurement(
                Subject(subject.recipe, data: subject.data, machine: machine), batches: [64], seeds: 2, updates: 30)
            return measured.reference.rates + measured.halving.candidates.map(\.loss)
        }
        #expect(try rates(Machine(threads: 1)) == rates(Machine(threads: 2, microBatch: 16)))
    }

    @Test func theRecipesBatchHasTwoNeighbours() throws {
        let choice = try BatchChoice(gaussian(batch: 32), asked: nil)
        #expect(choice.sizes == [8, 32, 128] && choice.reference == 1 && choice.notices.isEmpty)
        #expect(try BatchChoice(gaussian(batch: 100_000), asked: nil).sizes == [1024, 4096])
        #expect(try BatchChoice(gaussian(batch: 2), asked: nil).sizes == [2, 8])
        #expect(try BatchChoice(gaussian(batch: 32), asked: [64, 16, 64]).sizes == [16, 64])
    }

    @Test func badInputIsASentence() throws {
        func failure(_ rows: [Float], _ targets: [Float], batches: [Int]? = nil) throws -> MeasurementError? {
            let subject = try RateSubjects.leastSquares(rows, width: 2, targets: targets, batch: 4)
            do {
                _ = try LearningRateMeasurement(subject, batches: batches, seeds: 1, updates: 20)
            } catch { return error as? MeasurementError }
            return nil
        }
        let ones = [Float](repeating: 1, count: 16)
        #expect(try failure([1, 1], [1]) == .tooFewExamples(found: 1, needed: 2))
        #expect(
            try failure(ones, Array(ones.prefix(8)), batches: [4, 9]) == .batchBeyondData(batch: 9, examples: 8))
        // inputs of 0: no update changes anything
        guard case .noDivergence = try failure(ones.map { _ in 0 }, Array(ones.prefix(8))) else {
            Issue.record("a loss that cannot change has no largest stable rate")
            return
        }
        guard case .noStableRate = try failure(ones.map { $0 * 1e16 }, Array(ones.prefix(8))) else {
            Issue.record("inputs of 1e16 leave no rate that is stable")
            return
        }
    }
}
