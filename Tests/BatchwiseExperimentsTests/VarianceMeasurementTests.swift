import Testing

@testable import Batchwise
@testable import BatchwiseExperiments

/// The variance of batch gradients, against the gradients of single examples in Double.
@Suite struct VarianceMeasurementTests {
    @Test(arguments: [false, true], [11, 12] as [UInt64])
    func exactNumbersAreThoseOfAllExamples(isWeighted: Bool, seed: UInt64) throws {
        let problem = SoftmaxCase(examples: 300, seed: seed, isWeighted: isWeighted)
        let subject = try problem.subject(batch: 20)
        let gradients = problem.gradients(at: subject)
        let (norm, variance) = SoftmaxCase.moments(gradients)
        let measured = try VarianceMeasurement(subject, batches: [20])
        #expect(abs(measured.variance / variance - 1) < 1e-5)
        #expect(abs(measured.gradientNormSquared / norm - 1) < 1e-4)
        #expect(measured.layers.map(\.name) == ["0"])
        // a formula without the weights would be seen
        let unweighted = SoftmaxCase(examples: 300, seed: seed).gradients(at: subject)
        if isWeighted { #expect(abs(SoftmaxCase.moments(unweighted).variance / variance - 1) > 0.05) }
    }

    @Test func batchesHaveTheVarianceOfTheClosedForms() throws {
        let problem = SoftmaxCase(examples: 128, seed: 7)
        let subject = try problem.subject(batch: 16)
        let (_, variance) = SoftmaxCase.moments(problem.gradients(at: subject))
        let measured = try VarianceMeasurement(subject, batches: [1, 4, 16, 64, 128])
        for row in measured.rows {
            let (size, count) = (Double(row.batch), 128.0)
            let without = variance / size * (count - size) / (count - 1)
            #expect(abs(row.predicted - without) <= 1e-5 * variance / size)
            #expect(abs(row.predictedWithReplacement / (variance / size) - 1) < 1e-5)
            let half = try #require(row.withoutReplacement.halfWidth)
            #expect(abs(row.withoutReplacement.mean - without) <= 2 * half + 1e-6 * variance, "B = \(row.batch)")
            let other = try #require(row.withReplacement.halfWidth)
            #expect(abs(row.withReplacement.mean - variance / size) <= 2 * other, "B = \(row.batch)")
            // the two ways differ, and large batches show it
            if row.batch == 64 { #expect(abs(row.withReplacement.mean - without) > 2 * other) }
        }
        let correlation = try #require(measured.correlation)
        #expect(correlation.batches == 8 && abs(correlation.measured + 1.0 / 7) < 1e-4)
        let bias = try #require(measured.bias)
        // 256 batches are 32 whole epochs: nothing is left of the variance
        #expect(bias.batches == 256 && bias.byChance == 0 && bias.squaredDistance < 1e-8 * variance)
    }

    @Test func aBatchBeyondTheDataIsRefused() throws {
        let subject = try SoftmaxCase(examples: 128, seed: 7).subject(batch: 16)
        #expect(throws: MeasurementError.batchBeyondData(batch: 129, examples: 128)) {
            try VarianceMeasurement(subject, batches: [1, 129])
        }
    }
}
