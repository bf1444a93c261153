import Foundation
import Testing

@testable import Batchwise
@testable import BatchwiseData

@Suite struct TemperatureSamplerTests {
    private static let logits: [Float] = [0, 1, -1, 2.5]

    /// The chi-square statistic of 20,000 draws against exp(logit / temperature) / sum: with 3 degrees of freedom it is
    /// above 16.3 once in a thousand times.
    @Test(arguments: [0.5, 1, 2]) func drawsAreAsFrequentAsTheirProbabilities(temperature: Double) throws {
        let sampler = try TemperatureSampler(temperature: temperature, seed: 3)
        var counts = [Double](repeating: 0, count: 4)
        for number in 0..<20_000 { counts[sampler.place(Self.logits, number)] += 1 }
        let weights = Self.logits.map { exp(Double($0) / temperature) }
        let expected = weights.map { 20_000 * $0 / weights.reduce(0, +) }
        let statistic = zip(counts, expected).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) / $1.1 }
        #expect(statistic < 16.3, "\(counts) of \(expected)")
    }

    @Test func aDrawIsAFunctionOfItsNumber() throws {
        let sampler = try TemperatureSampler(temperature: 1, seed: 3)
        let draws = (0..<200).map { sampler.place(Self.logits, $0) }
        #expect((0..<200).reversed().map { sampler.place(Self.logits, $0) } == draws.reversed())
        let other = try TemperatureSampler(temperature: 1, seed: 4)
        #expect((0..<200).map { other.place(Self.logits, $0) } != draws)
    }

    @Test func temperatureZeroTakesTheFirstOfTheMostLikely() throws {
        let sampler = try TemperatureSampler(temperature: 0, seed: 3)
        #expect((0..<50).allSatisfy { sampler.place(Self.logits, $0) == 3 })
        #expect(sampler.place([1, 7, 7, -3], 0) == 1)
        // and a temperature that is nearly 0 overflows nowhere
        let cold = try TemperatureSampler(temperature: 1e-300, seed: 3)
        #expect((0..<50).allSatisfy { cold.place(Self.logits, $0) == 3 })
        for temperature in [-0.1, .nan, .infinity] {
            #expect(throws: PredictionError.self) { try TemperatureSampler(temperature: temperature, seed: 3) }
        }
    }
}
