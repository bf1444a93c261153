import Batchwise
import Foundation

/// Draws classes by their probabilities, `softmax(logits / temperature)`.
///
/// Draw n is a function of the logits, the temperature, the seed and n alone.
struct TemperatureSampler: Sendable {
    private let temperature: Double
    private let random: CounterRandom

    /// - Throws: `PredictionError.badTemperature` for a temperature that is not a number of at least 0.
    init(temperature: Double, seed: UInt64) throws(PredictionError) {
        guard temperature >= 0, temperature.isFinite else { throw .badTemperature(temperature) }
        self.temperature = temperature
        random = CounterRandom(seed: seed, purpose: .generation)
    }

    /// The class of draw `number`; at temperature 0 the first of the most likely ones.
    func place(_ logits: [Float], _ number: Int) -> Int {
        let largest = logits.max() ?? 0
        let mode = logits.firstIndex(of: largest) ?? 0
        guard temperature > 0 else { return mode }
        let weights = logits.map { exp((Double($0) - Double(largest)) / temperature) }
        var rest = random.uniform(at: UInt64(number)) * weights.reduce(0, +)
        for (place, weight) in weights.enumerated() {
            rest -= weight
            if rest < 0 { return place }
        }
        // rounding has left a rest behind the last class
        return mode
    }
}
