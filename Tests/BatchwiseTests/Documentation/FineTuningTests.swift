import Batchwise
import TestSupport
import Testing

/// The sum over classes of (p - t)^2, p the softmax of the predictions.
struct BrierLoss: CustomLoss {
    var isClassification: Bool { true }

    func lower(
        predictions: Symbol, targets: Symbol, into graph: inout GraphBuilder
    ) throws(GraphError) -> Symbol {
        (predictions.softmax() - targets).square().sumLast()
    }
}

/// How often the class is among the two largest predictions.
struct TopTwoAccuracy: Metric {
    var name: String { "top-2-accuracy" }
    var noTotals: WeightedMean { WeightedMean() }

    func add(
        _ predictions: Span<Float>, _ target: ExampleTarget, weight: Double, to totals: inout WeightedMean
    ) {
        guard case .class(let label) = target else { return }
        let larger = predictions.indices.count { predictions[$0] > predictions[label] }
        totals.add(larger < 2 ? 1 : 0, weight: weight)
    }

    func value(of totals: WeightedMean) -> Double? { totals.value }
}

@Suite struct FineTuningTests {
    @Test func aSavedModelIsTuned() async throws {
        let folder = try TemporaryFolder()
        let path = folder.at("model.safetensors")
        let digits = Dataset.digits()
        let network = LayerList {
            Dense(48).named("features")
            ReLU()
            Dense(.classes).named("head")
        }
        guard case .classes(let labels, _) = digits.train.targets else { return }
        let parity = try Dataset(
            count: digits.train.count, featureShape: digits.train.featureShape, features: digits.train.features,
            targets: .classes(labels.map { $0 % 2 }, names: ["even", "odd"]))
        var first = try Trainer(Recipe(model: network, epochs: 5), data: parity)
        try first.run().save(path)

        let saved = try Model(contentsOf: path)
        let recipe = Recipe(
            model: network, loss: .custom(BrierLoss()), epochs: 5,
            groups: [ParameterGroup(match: "features", freeze: true)])
        let trainer = try Trainer(recipe, data: digits.train, startingFrom: saved, loading: .except(["head"]))
        print(trainer.plan.notices)

        let updates = trainer.updates()
        for try await report in updates where report.endsEpoch {
            print(report.epoch, report.loss)
        }
        let model = await updates.model()

        let found = try model.evaluate(digits.test, metrics: [TopTwoAccuracy()])
        print(found.accuracy ?? 0, found.metrics?["top-2-accuracy"] ?? 0)
        #expect(found.accuracy ?? 0 > 0.8)
        #expect(found.metrics?["top-2-accuracy"] ?? 0 > found.accuracy ?? 1)
        #expect(model.parameter("features.weight")?.values == saved.parameter("features.weight")?.values)
    }
}
