// Fine-tuning: a network that tells even digits from odd ones learns to tell all ten apart.
//
//     swift run -c release FineTuning
//
// It begins with the parameters of a saved model, but for a new head; its first layer is frozen; the loss and a metric are
// the program's own; and an asynchronous loop reads the reports, while training has a thread of its own.
import Batchwise
import Foundation

struct Network: Layer {
    var body: some Layer {
        Flatten()
        Dense(128).named("features")
        ReLU()
        Dense(64).named("hidden")
        ReLU()
        Dense(.classes).named("head")
    }
}

/// -(1 - p)^2 log p, p the probability of the class: examples that are easy already count less [Lin 2017].
struct FocalLoss: CustomLoss {
    var isClassification: Bool { true }

    func lower(predictions: Symbol, targets: Symbol, into graph: inout GraphBuilder) throws(GraphError) -> Symbol {
        let probability = (predictions.softmax() * targets).sumLast()
        return -((-probability + 1).square() * (probability + 1e-7).log())
    }
}

/// How often the class is among the two largest predictions.
struct TopTwoAccuracy: Metric {
    var name: String { "top-2-accuracy" }
    var noTotals: WeightedMean { WeightedMean() }

    func add(_ predictions: Span<Float>, _ target: ExampleTarget, weight: Double, to totals: inout WeightedMean) {
        guard case .class(let label) = target else { return }
        let larger = predictions.indices.count { predictions[$0] > predictions[label] }
        totals.add(larger < 2 ? 1 : 0, weight: weight)
    }

    func value(of totals: WeightedMean) -> Double? { totals.value }
}

/// The digits' images, with two classes: even and odd.
func parity(of digits: Dataset) throws -> Dataset {
    guard case .classes(let labels, _) = digits.targets else { return digits }
    return try Dataset(
        count: digits.count, featureShape: digits.featureShape, features: digits.features,
        targets: .classes(labels.map { $0 % 2 }, names: ["even", "odd"]))
}

let digits = Dataset.digits()
let file = FileManager.default.temporaryDirectory.appending(path: "parity-\(UUID().uuidString).safetensors").path
defer { try? FileManager.default.removeItem(atPath: file) }
var parityTrainer = try Trainer(
    Recipe(model: Network(), learningRate: .constant(0.05).cosine(), epochs: 15), data: parity(of: digits.train))
try parityTrainer.run().save(file)

let saved = try Model(contentsOf: file, model: Network())
print("even or odd: accuracy \(try saved.evaluate(parity(of: digits.test)).accuracy ?? 0)")

let recipe = Recipe(
    model: Network(), loss: .custom(FocalLoss()), optimizer: .adam(), learningRate: .constant(0.003).cosine(),
    epochs: 15, groups: [ParameterGroup(match: "features", freeze: true)])
let updates = try Trainer(recipe, data: digits.train, startingFrom: saved, loading: .except(["head"]))
    .updates(ahead: 16)
for notice in await updates.withTrainer({ $0.plan.notices }) { print(notice) }
for try await report in updates where report.endsEpoch && report.epoch.isMultiple(of: 5) {
    print("epoch \(report.epoch): loss \(report.loss)")
}
let model = await updates.model()
let found = try model.evaluate(digits.test, metrics: [TopTwoAccuracy()])
let (accuracy, topTwo) = (found.accuracy ?? 0, found.metrics?["top-2-accuracy"] ?? 0)
print("ten digits: accuracy \(accuracy), among the first two \(topTwo)")

let isFrozen = model.parameter("features.weight")?.values == saved.parameter("features.weight")?.values
guard isFrozen, accuracy > 0.95, topTwo > accuracy else {
    print("the features have changed, or the accuracy is not above 0.95")
    exit(1)
}
