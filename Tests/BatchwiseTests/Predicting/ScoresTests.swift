import Foundation
import Testing

@testable import Batchwise

/// Scores against scikit-learn's, which `Tests/Fixtures/make-metrics.py` wrote.
@Suite struct ScoresTests {
    struct Fixture: Decodable {
        var classes: [Classes]
        var amounts: [Amounts]
    }

    struct Classes: Decodable, Sendable, CustomTestStringConvertible {
        var name: String
        var labels: [Int32]
        var predicted: [Int32]
        var outputs: Int
        var classes: Int
        var logits: [Float]
        var weights: [Double]?
        var commonest_share, balanced_accuracy, f1, macro_f1, log_loss, roc_auc, average_precision: Double
        var precision, recall, f1_of_classes: [Double?]
        var confusion: [[Int]]
        var testDescription: String { name }
    }

    struct Amounts: Decodable, Sendable, CustomTestStringConvertible {
        struct Scores: Decodable, Sendable { var r2, mae, rmse, median_error: Double }
        var name: String
        var width: Int
        var targets, predicted: [Double]
        var weights: [Double]?
        var all: Scores
        var each: [Scores]
        var testDescription: String { name }
    }

    static let fixture: Fixture = {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let file = tests.appending(path: "Fixtures/metrics.json")
        // a test without its fixture cannot run
        return try! JSONDecoder().decode(Fixture.self, from: Data(contentsOf: file))
    }()

    private func isNear(_ a: Double?, _ b: Double?, _ tolerance: Double = 1e-12) -> Bool {
        guard let a, let b else { return a == nil && b == nil }
        return abs(a - b) <= tolerance * max(1, abs(b))
    }

    /// Lends the outputs of each example.
    private func scored<Result>(
        _ outputs: [Float], width: Int, _ weights: [Double]?, _ body: (ScoredExamples) -> Result
    ) -> Result {
        outputs.withUnsafeBufferPointer { outputs in
            body(
                ScoredExamples(
                    count: outputs.count / width,
                    predictions: { UnsafeBufferPointer(rebasing: outputs[$0 * width..<($0 + 1) * width]) },
                    weight: { weights?[$0] ?? 1 }))
        }
    }

    private func scores(_ example: Classes, _ parts: ScoreParts, order: [Int]? = nil) -> ClassificationScores? {
        let order = order ?? Array(example.labels.indices)
        let width = example.outputs
        return scored(
            order.flatMap { example.logits[$0 * width..<($0 + 1) * width] }, width: width,
            example.weights.map { weights in order.map { weights[$0] } }
        ) {
            $0.scores(
                parts, labels: order.map { example.labels[$0] }, predicted: order.map { example.predicted[$0] },
                classes: example.classes, outputs: width, hasProbabilities: true)
        }
    }

    @Test(arguments: fixture.classes) func classesAsScikitLearn(example: Classes) throws {
        let found = try #require(scores(example, .all))
        #expect(isNear(found.commonestShare, example.commonest_share))
        #expect(isNear(found.balancedAccuracy, example.balanced_accuracy))
        #expect(isNear(found.f1, example.f1))
        #expect(isNear(found.macroF1, example.macro_f1))
        #expect(isNear(found.logLoss, example.log_loss))
        #expect(isNear(found.rocAUC, example.roc_auc))
        #expect(isNear(found.averagePrecision, example.average_precision))
        let classes = try #require(found.classes)
        #expect(zip(classes, example.precision).allSatisfy { isNear($0.precision, $1) })
        #expect(zip(classes, example.recall).allSatisfy { isNear($0.recall, $1) })
        #expect(zip(classes, example.f1_of_classes).allSatisfy { isNear($0.f1, $1) })
        #expect(classes.map(\.examples) == example.confusion.map { $0.reduce(0, +) })
        #expect(found.confusion == example.confusion)
        let largest = example.confusion.indices.flatMap { label in
            example.confusion.indices.map { $0 == label ? 0 : example.confusion[label][$0] }
        }.max()
        #expect(found.mistakes?.first?.examples == largest)
    }

    /// The order of examples changes nothing but the last bits of sums, and ties nothing at all.
    @Test(arguments: fixture.classes) func theOrderOfExamplesDoesNotCount(example: Classes) throws {
        let one = try #require(scores(example, .all))
        let other = try #require(scores(example, .all, order: example.labels.indices.reversed()))
        #expect(isNear(one.rocAUC, other.rocAUC) && isNear(one.averagePrecision, other.averagePrecision))
        #expect(one.confusion == other.confusion)
        // the negative control: other scores give other areas
        var turned = example
        turned.logits = turned.logits.map { -$0 }
        #expect(!isNear(scores(turned, .all)?.rocAUC, one.rocAUC, 1e-3))
    }

    @Test func onlyWhatIsAskedForIsComputed() throws {
        let example = Self.fixture.classes[0]
        #expect(scores(example, []) == nil && scores(example, .amounts) == nil)
        let ranking = try #require(scores(example, .ranking))
        #expect(ranking.rocAUC != nil && ranking.classes == nil && ranking.logLoss == nil)
        let loss = try #require(scores(example, .logLoss))
        #expect(loss.logLoss != nil && loss.rocAUC == nil)
        #expect(try #require(scores(example, .confusion)).f1 != nil)
    }

    @Test func manyClassesHaveMistakesAndNoMatrix() throws {
        var counts = ClassCounts(classes: 150)
        for place in 0..<150 {
            for _ in 0...place % 7 { counts.add(place, predicted: (place + 1) % 150, weight: 1) }
        }
        var scores = ClassificationScores()
        counts.write(to: &scores)
        #expect(scores.confusion == nil && scores.mistakes?.count == 10)
        #expect(scores.mistakes?.first == .init(label: 6, predicted: 7, examples: 7))
        #expect(scores.balancedAccuracy == 0)
    }

    @Test(arguments: fixture.amounts) func amountsAsScikitLearn(example: Amounts) throws {
        let width = example.width
        let (means, deviations) = ((0..<width).map { Float($0) }, (0..<width).map { Float(1 << $0) })
        func standardised(_ numbers: [Double]) -> [Float] {
            numbers.enumerated().map { at, number in
                Float((number - Double(means[at % width])) / Double(deviations[at % width]))
            }
        }
        let found = try #require(
            scored(standardised(example.predicted), width: width, example.weights) {
                $0.scores(.all, values: standardised(example.targets), means: means, deviations: deviations)
            })
        func near(_ one: RegressionScores.Scores, _ other: Amounts.Scores) -> Bool {
            isNear(one.r2, other.r2) && isNear(one.mae, other.mae) && isNear(one.rmse, other.rmse)
                && isNear(one.medianError, other.median_error)
        }
        #expect(near(found.all, example.all), "\(found.all)")
        #expect(found.targets.count == width && zip(found.targets, example.each).allSatisfy { near($0, $1) })
        let text = try JSONEncoder().encode(found)
        #expect(try JSONDecoder().decode(RegressionScores.self, from: text) == found)
    }

    /// A model is judged the same with any threads, and its scores agree with its accuracy and rmse.
    @Test func modelsAreScoredTheSameOnAnyMachine() throws {
        let data = try SmallData.classes(300, classes: 3)
        var trainer = try Trainer(Recipe(model: layers(Dense(.classes)), epochs: 3), data: data)
        let model = try trainer.run()
        let one = try model.evaluate(data, scores: .all, machine: Machine(threads: 1))
        for threads in 2...3 {
            #expect(try model.evaluate(data, scores: .all, machine: Machine(threads: threads)) == one)
        }
        let found = try #require(one.classification)
        let right = try #require(found.confusion).enumerated().reduce(0) { $0 + $1.element[$1.offset] }
        #expect(isNear(one.accuracy, Double(right) / 300))
        #expect(isNear(found.logLoss, one.loss, 1e-6))
        #expect(found.classes?.map(\.examples) == one.classCounts?.map(\.total))
        // pairs by the definition of the area
        let probabilities = try model.probabilities(for: data)
        guard case .classes(let labels, _) = data.targets else { return }
        var areas = 0.0
        for label in 0..<3 {
            var (sum, pairs) = (0.0, 0.0)
            for one in labels.indices where Int(labels[one]) == label {
                for other in labels.indices where Int(labels[other]) != label {
                    let (a, b) = (probabilities[one * 3 + label], probabilities[other * 3 + label])
                    sum += a > b ? 1 : a == b ? 0.5 : 0
                    pairs += 1
                }
            }
            areas += sum / pairs / 3
        }
        #expect(isNear(found.rocAUC, areas, 1e-4))
        #expect(try model.evaluate(data).classification == nil)
    }

    @Test func valuesOfMetricsAreThoseOfTheEvaluation() throws {
        var found = Evaluation(examples: 4, loss: 0.5, accuracy: 0.75)
        found.classification = scores(Self.fixture.classes[0], .all)
        for metric in EpochMetric.allCases {
            let isKnown = found.value(of: metric) != nil
            #expect(isKnown == (metric != .trainLoss && metric.isForClasses != false), "\(metric)")
        }
        #expect(EpochMetric(name: "f1") == .validationF1 && EpochMetric(name: "roc-auc") == .validationROCAUC)
        #expect(EpochMetric(name: "validation-r2") == .validationR2 && EpochMetric(name: "train-loss") == .trainLoss)
        #expect(EpochMetric(name: "test-loss") == nil)
    }
}
