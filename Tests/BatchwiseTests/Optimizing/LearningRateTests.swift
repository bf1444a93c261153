import Foundation
import Testing

@testable import Batchwise

@Suite struct LearningRateTests {
    /// 50,000 examples in batches of 256, base 0.1 at batch 32.
    private func resolved(_ rate: LearningRate, epochs: Int = 20) throws -> LearningRate.Resolved {
        try rate.resolved(examplesPerEpoch: 50_000, batch: 256, epochs: epochs)
    }

    @Test func scalingRules() throws {
        #expect(try resolved(.constant(0.1)).peak == 0.1)
        #expect(abs(try resolved(.base(0.1, atBatch: 32, scaling: .linear)).peak - 0.8) < 1e-12)
        #expect(abs(try resolved(.base(0.1, atBatch: 32, scaling: .squareRoot)).peak - 0.1 * 8.0.squareRoot()) < 1e-12)
        #expect(try resolved(.base(0.1, atBatch: 32)).peak == 0.1)
        #expect(abs(try resolved(.base(0.1, atBatch: 32, scaling: .power(0.75))).peak - 0.4756828460010884) < 1e-12)
    }

    @Test func factorsOfTheRules() {
        let rules: [LearningRate.Scaling] = [.none, .linear, .squareRoot, .power(0.75), .power(0), .power(1)]
        #expect(rules.map { $0.factor(batch: 512, atBatch: 32) } == [1, 16, 4, 8, 1, 16])
        #expect(rules.map { $0.factor(batch: 32, atBatch: 512) } == [1, 0.0625, 0.25, 0.125, 1, 0.0625])
    }

    /// From the base to k times it, update by update, then constant [Goyal 2017].
    @Test func warmupClimbsFromTheBaseRate() throws {
        let rate = try resolved(.base(0.1, atBatch: 32, scaling: .linear).warmup(.epochs(5)))
        #expect(abs(rate.rate(afterExamples: 0) - 0.1) < 1e-12)
        #expect(abs(rate.rate(afterExamples: 125_000) - 0.45) < 1e-12)
        #expect(abs(rate.rate(afterExamples: 250_000) - 0.8) < 1e-12)
        #expect(abs(rate.rate(afterExamples: 900_000) - 0.8) < 1e-12)
        #expect(rate.rate(afterExamples: 256) > rate.rate(afterExamples: 0))
    }

    @Test func cosineEndsAtZero() throws {
        let rate = try resolved(LearningRate.base(0.2).warmup(.epochs(4)).cosine())
        #expect(abs(rate.rate(afterExamples: 200_000) - 0.2) < 1e-12)
        #expect(abs(rate.rate(afterExamples: 600_000) - 0.1) < 1e-12)
        #expect(rate.rate(afterExamples: 1_000_000) < 1e-12)
    }

    @Test func unitsAreOneClock() throws {
        let updates = try resolved(LearningRate.constant(0.1).warmup(.updates(100)))
        let examples = try resolved(LearningRate.constant(0.1).warmup(.examples(25_600)))
        #expect(updates.rate(afterExamples: 12_800) == examples.rate(afterExamples: 12_800))
    }

    @Test func aWarmupLongerThanTheRunIsRefused() {
        #expect(throws: RecipeError.self) { try resolved(LearningRate.constant(0.1).warmup(.epochs(21))) }
    }

    @Test func notationsComeBack() throws {
        let rates: [LearningRate] = [
            .constant(0.1), .base(0.1, atBatch: 32, scaling: .linear).warmup(.epochs(5)).cosine(),
            .base(0.2, atBatch: 8, scaling: .squareRoot).warmup(.updates(7)),
            .base(0.2, atBatch: 8, scaling: .power(0.75)),
        ]
        for rate in rates { #expect(try LearningRate(notation: rate.notation, usual: .constant(1)) == rate) }
    }
}
