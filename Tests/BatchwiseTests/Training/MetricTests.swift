import Testing

@testable import Batchwise

/// 2 right / (predicted + there) of one class: no mean over examples.
private struct FScore: Metric {
    struct Counts {
        var right = 0.0
        var predicted = 0.0
        var total = 0.0
    }
    var label: Int
    var name: String { "f1-\(label)" }
    var noTotals: Counts { Counts() }

    func add(_ predictions: Span<Float>, _ target: ExampleTarget, weight: Double, to totals: inout Counts) {
        let isPredicted = predictions.indices.allSatisfy { predictions[$0] <= predictions[label] }
        if isPredicted { totals.predicted += weight }
        if target == .class(label) { totals.total += weight }
        if isPredicted && target == .class(label) { totals.right += weight }
    }

    func value(of totals: Counts) -> Double? {
        totals.predicted + totals.total > 0 ? 2 * totals.right / (totals.predicted + totals.total) : nil
    }
}

private struct MeanAbsoluteError: Metric {
    var name: String { "mae" }
    var noTotals: WeightedMean { WeightedMean() }

    func add(_ predictions: Span<Float>, _ target: ExampleTarget, weight: Double, to totals: inout WeightedMean) {
        guard case .values(let values) = target else { return }
        for (place, value) in values.enumerated() {
            totals.add(Double(abs(predictions[place] - value)), weight: weight)
        }
    }

    func value(of totals: WeightedMean) -> Double? { totals.value }
}

/// Metrics of the program's own, held against loops over the model's outputs.
@Suite struct MetricTests {
    private static func model(_ data: Dataset) throws -> Model {
        var trainer = try Trainer(
            Recipe(
                model: LayerList {
                    Dense(8)
                    ReLU()
                    Dense(.classes)
                }, batch: Batch(size: 16), epochs: 3), data: data)
        return try trainer.run()
    }

    @Test func metricsOfClassesAreExact() throws {
        let data = try SmallData.classes(101, weighted: true)
        let model = try Self.model(data)
        let found = try model.evaluate(data, metrics: [TopTwoAccuracy(), FScore(label: 3)])

        guard case .classes(let labels, _) = data.targets, let weights = data.weights else { return }
        let outputs = try model.outputs(for: data)
        var (top, all, right, predicted, total) = (0.0, 0.0, 0.0, 0.0, 0.0)
        for example in 0..<data.count {
            let row = Array(outputs[5 * example..<5 * example + 5])
            let order = row.indices.sorted { row[$0] > row[$1] }
            let (label, weight) = (Int(labels[example]), Double(weights[example]))
            all += weight
            if order.prefix(2).contains(label) { top += weight }
            if order[0] == 3 { predicted += weight }
            if label == 3 { total += weight }
            if order[0] == 3, label == 3 { right += weight }
        }
        #expect(found.metrics?.keys.sorted() == ["f1-3", "top-2-accuracy"])
        #expect(abs(try #require(found.metrics?["top-2-accuracy"]) - top / all) < 1e-12)
        #expect(abs(try #require(found.metrics?["f1-3"]) - 2 * right / (predicted + total)) < 1e-12)
        #expect(top / all > found.accuracy ?? 1 && top < all)

        for threads in [1, 2, 3] {
            let other = try model.evaluate(
                data, metrics: [TopTwoAccuracy(), FScore(label: 3)], machine: Machine(threads: threads))
            #expect(other == found)
        }
    }

    @Test func metricsOfValuesSeeEveryOutput() throws {
        var numbers = TestNumbers("metric")
        let data = try Dataset(
            count: 40, featureShape: [3], features: .floats(numbers.normals(120).map { Float($0) }),
            targets: .values(numbers.normals(80).map { Float($0) }, width: 2, mean: 0, deviation: 1))
        let model = try Self.model(data)
        guard case .values(let values, _, _, _) = data.targets else { return }
        let expected = zip(try model.outputs(for: data), values).reduce(0.0) { $0 + Double(abs($1.0 - $1.1)) } / 80
        let found = try #require(try model.evaluate(data, metrics: [MeanAbsoluteError()]).metrics?["mae"])
        #expect(abs(found - expected) < 1e-12)
    }

    @Test func nothingIsAddedWhereNothingIsAskedFor() throws {
        let data = try SmallData.classes(40)
        let model = try Self.model(data)
        #expect(try model.evaluate(data).metrics == nil)
        // a metric without a value is left out
        let none = try model.evaluate(data, metrics: [MeanAbsoluteError(), TopTwoAccuracy()])
        #expect(none.metrics?.keys.sorted() == ["top-2-accuracy"])
        #expect(WeightedMean().value == nil)
    }
}
