import Testing

@testable import Batchwise

/// A probe looks at other parameters, and changes nothing else.
@Suite struct ProbeTests {
    private static func recipe(_ dropout: Float = 0) -> Recipe {
        Recipe(
            model: layers(
                Dense(8).frozen(), BatchNorm(ghost: 8), Tanh(), Dropout(dropout), Dense(20), ReLU(), Dense(.classes)),
            batch: Batch(size: 16), optimizer: .sgd, learningRate: .constant(0.1), epochs: 2)
    }

    private static func look(_ probe: inout Batchwise.Probe) throws -> (loss: Double, gradient: [[Float]]) {
        try probe.look(at: 0..<probe.examples) { update in
            (update.loss, try (0..<update.parameterCount).map { try update.values(.gradient, of: $0) })
        }
    }

    @Test func otherValuesAreThoseOfAModelThatHasThem() throws {
        let data = try SmallData.classes(40)
        var trainer = try Trainer(Self.recipe(), data: data)
        let (first, trained) = (trainer.model(), try trainer.run())
        func probe(_ model: Model) throws -> Batchwise.Probe {
            try Batchwise.Probe(Self.recipe(), data: data, startingFrom: model, batch: 40, needs: .gradient)
        }
        var moved = try probe(first)
        let before = moved.values
        let here = try Self.look(&moved)
        // only what is trained, and what is frozen is the same in both models
        #expect(moved.parameters.map(\.name) == ["1.weight", "1.bias", "4.weight", "4.bias", "6.weight", "6.bias"])
        moved.setValues(
            moved.parameters.map { parameter in
                trained.values[trained.parameters.firstIndex { $0.name == parameter.name }!]
            })
        let there = try Self.look(&moved)
        var fresh = try probe(trained)
        let expected = try Self.look(&fresh)
        #expect(there.loss == expected.loss && there.gradient == expected.gradient && moved.values == fresh.values)
        #expect(there.loss != here.loss)
        // and back again, to the same bits
        moved.setValues(before)
        let again = try Self.look(&moved)
        #expect(again.loss == here.loss && again.gradient == here.gradient && moved.values == before)
    }

    /// Dropout and sampling are as if they were not there.
    @Test func whatIsRandomIsLeftOut() throws {
        let data = try SmallData.classes(40)
        var trainer = try Trainer(Self.recipe(), data: data)
        let model = try trainer.run()
        func loss(_ dropout: Float, asTrained: Bool, _ sampling: Sampling? = nil) throws -> Double {
            var recipe = Self.recipe(dropout)
            recipe.batch.sampling = sampling
            var probe = try Batchwise.Probe(
                recipe, data: data, startingFrom: model, batch: 40, needs: .gradient, asTrained: asTrained)
            #expect(probe.examples == 40)
            return try Self.look(&probe).loss
        }
        let plain = try loss(0, asTrained: true)
        #expect(try loss(0.5, asTrained: true) != plain)
        #expect(try loss(0.5, asTrained: false) == plain)
        #expect(try loss(0.5, asTrained: false, Sampling(by: .classBalance)) == plain)
    }
}
