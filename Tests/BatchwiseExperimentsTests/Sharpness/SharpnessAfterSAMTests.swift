import Batchwise
import Testing

@testable import BatchwiseExperiments

/// Sharpness-aware minimisation ends where the loss rises more slowly.
@Suite struct SharpnessAfterSAMTests {
    /// Keskar's measure in a box of 1e-3 after 20 epochs of digits.
    private static func sharpness(_ sam: SAM?, seed: UInt64) throws -> Double {
        let digits = Dataset.digits()
        let recipe = Recipe(
            model: LayerList {
                Dense(128)
                ReLU()
                Dense(64)
                ReLU()
                Dense(.classes)
            }, epochs: 20, seed: seed, sam: sam)
        var trainer = try Trainer(recipe, data: digits.train, machine: Machine(threads: 1))
        let model = try trainer.run()
        var settings = SharpnessMeasurement.Settings()
        (settings.epsilons, settings.dimensions, settings.starts) = ([1e-3], 2, 2)
        return try SharpnessMeasurement(Subject(recipe, digits.train, model: model), settings).boxes[0].sharpness
    }

    @Test(arguments: [UInt64(1), 2, 3]) func itIsLowerAtTheSameEpochs(seed: UInt64) throws {
        let plain = try Self.sharpness(nil, seed: seed)
        #expect(try Self.sharpness(SAM(rho: 0), seed: seed) == plain)
        #expect(try Self.sharpness(SAM(rho: 0.1), seed: seed) < plain / 2)
    }
}
