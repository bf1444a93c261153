import CAllocations
import Foundation
import Synchronization
import Testing

@testable import Batchwise

@Suite struct PredictorTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var shape: [Int]
        var model: LayerList
        /// The features are ids below this number; nil for other features.
        var vocabulary: Int?
        /// Whether most features are zero.
        var isThin = false
        var loss: Loss = .softmaxCrossEntropy
        var testDescription: String { name }

        func data(_ count: Int) throws -> Dataset {
            var numbers = TestNumbers("predict \(name)")
            let width = shape.reduce(1, *)
            var features = numbers.normals(count * width).map { Float($0) }
            if let vocabulary { features = features.map { _ in Float(numbers.below(vocabulary)) } }
            if isThin { for index in features.indices where index % 23 != 0 { features[index] = 0 } }
            let classes = (0..<count).map { ($0 * 7 + $0 / 5) % (loss == .binaryCrossEntropy ? 2 : 4) }
            guard isThin else { return try Dataset(features: features, shape: shape, classes: classes) }
            return try Dataset(sparse: SparseRows(dense: features, width: width), classes: classes)
        }

        /// A model that has learnt for a while, so that running statistics are not those of the beginning.
        func trained() throws -> Model {
            let recipe = Recipe(
                model: model, loss: loss, batch: Batch(size: 32), learningRate: .constant(0.05), epochs: 2)
            var trainer = try Trainer(recipe, data: try data(128))
            return try trainer.run()
        }
    }

    static let cases = [
        Case(
            name: "mlp", shape: [64],
            model: LayerList {
                Dense(48)
                ReLU()
                Dense(.classes)
            }),
        Case(name: "linear", shape: [7], model: LayerList { Dense(.classes) }),
        Case(
            name: "convolutions and batch norm", shape: [12, 12, 3],
            model: LayerList {
                Conv2D(filters: 8, kernel: 3, padding: .same, bias: false)
                BatchNorm(ghost: 32)
                ReLU()
                MaxPool2D(2)
                Residual {
                    Conv2D(filters: 8, kernel: 3, padding: .same)
                    ReLU()
                }
                GlobalAveragePool2D()
                Dense(.classes)
            }),
        Case(
            name: "embedding", shape: [6],
            model: LayerList {
                Embedding(vocabulary: 11, width: 5)
                Flatten()
                Dense(16)
                Tanh()
                Dense(.classes)
            }, vocabulary: 11),
        Case(
            name: "sparse rows", shape: [90],
            model: LayerList {
                Dense(40)
                ReLU()
                Dense(.classes)
            }, isThin: true),
        Case(
            name: "two classes, one output", shape: [9], model: LayerList { Dense(.classes) }, loss: .binaryCrossEntropy
        ),
    ]

    private static func features(_ data: Dataset) throws -> [Float] {
        var result = [Float](repeating: .nan, count: data.count * data.featureCount)
        try result.withUnsafeMutableBufferPointer { try data.fill($0, rows: 0..<data.count) }
        return result
    }

    /// Rows give the same bits one by one, a few at a time, all at once, as a data set, and on other machines.
    @Test(arguments: cases) func anyNumberOfRowsGivesTheSameBits(example: Case) throws {
        let model = try example.trained()
        let data = try example.data(301)
        let features = try Self.features(data)
        let width = data.featureCount
        let expected = try model.outputs(for: data)
        for threads in [1, 3] {
            let predictor = try Predictor(model, machine: Machine(threads: threads))
            let row = features.count / width
            #expect(row == 301 && expected.count == 301 * predictor.outputCount)
            let oneByOne = try (0..<row).flatMap {
                try predictor.outputs(of: Array(features[$0 * width..<($0 + 1) * width]))
            }
            #expect(oneByOne == expected)
            let threes = try stride(from: 0, to: row, by: 7).flatMap {
                try predictor.outputs(of: Array(features[$0 * width..<min($0 + 7, row) * width]))
            }
            #expect(threes == expected)
            #expect(try predictor.outputs(of: features) == expected)
            #expect(try predictor.outputs(for: data) == expected)
            var many = [Float](repeating: 0, count: expected.count)
            try features.withUnsafeBufferPointer { features in
                try many.withUnsafeMutableBufferPointer { try predictor.outputs(of: features, into: $0) }
            }
            #expect(many == expected)
        }
        // the negative control: another row has other numbers
        #expect(Set(expected).count > 100)
    }

    /// Accuracy and loss by the predictor's own classes and probabilities are those of `evaluate`.
    @Test(arguments: cases) func probabilitiesAreThoseOfTheEvaluation(example: Case) throws {
        let model = try example.trained()
        let data = try example.data(301)
        let predictor = try Predictor(model)
        let features = try Self.features(data)
        let classCount = try #require(predictor.classCount)
        #expect(classCount == (example.loss == .binaryCrossEntropy ? 2 : 4))
        let places = try predictor.classes(of: features)
        let chances = try predictor.probabilities(of: features)
        #expect(chances.count == 301 * classCount)
        guard case .classes(let labels, _) = data.targets else { return }
        let evaluation = try model.evaluate(data)
        let right = zip(places, labels).count { $0 == Int($1) }
        #expect(Double(right) / 301 == evaluation.accuracy)
        var loss = 0.0
        for row in 0..<301 {
            let row = (chances[row * classCount..<(row + 1) * classCount], Int(labels[row]))
            #expect(abs(row.0.reduce(0, +) - 1) < 1e-5)
            loss -= log(Double(row.0[row.0.startIndex + row.1]))
        }
        #expect(abs(loss / 301 - evaluation.loss) < 1e-5)
        // into memory of the caller, few and many
        for count in [1, 16, 17, 301] {
            var found = [Float](repeating: 0, count: count * classCount)
            var span = found.mutableSpan
            try predictor.probabilities(of: features.span.extracting(0..<count * data.featureCount), into: &span)
            #expect(found == Array(chances.prefix(found.count)))
        }
    }

    @Test(arguments: cases) func eightThreadsAtOnce(example: Case) throws {
        let model = try example.trained()
        let data = try example.data(64)
        let features = try Self.features(data)
        let predictor = try Predictor(model, machine: Machine(threads: 2))
        let expected = try predictor.outputs(of: features)
        let (width, outputs) = (data.featureCount, predictor.outputCount)
        let wrong = Atomic<Int>(0)
        DispatchQueue.concurrentPerform(iterations: 8) { thread in
            for turn in 0..<60 {
                // one row, a few, and so many that worker threads are asked for
                let count = [1, 5, 40][(turn + thread) % 3]
                let first = (turn * 11 + thread * 5) % (64 - count + 1)
                let found = try? predictor.outputs(of: Array(features[first * width..<(first + count) * width]))
                if found != Array(expected[first * outputs..<(first + count) * outputs]) {
                    wrong.add(1, ordering: .relaxed)
                }
            }
        }
        #expect(wrong.load(ordering: .relaxed) == 0)
    }

    @Test(.enabled(if: allocations_are_counted() != 0), arguments: cases)
    func steadyStatePredictionAllocatesNothing(example: Case) throws {
        let predictor = try Predictor(example.trained())
        let features = try Self.features(example.data(16))
        var results = [Float](repeating: 0, count: try #require(predictor.classCount) * 16)
        try features.withUnsafeBufferPointer { features in
            try results.withUnsafeMutableBufferPointer { results in
                for rows in [1, 16] {
                    let row = UnsafeBufferPointer(rebasing: features[..<(rows * predictor.featureCount)])
                    let result = UnsafeMutableBufferPointer(rebasing: results[..<(results.count / 16 * rows)])
                    // other tests may run beside this one: the least of many calls is what a call itself needs
                    var least = Int.max
                    for _ in 0..<20_000 where least > 0 {
                        let before = allocation_count()
                        try predictor.probabilities(of: row, into: result)
                        least = min(least, Int(allocation_count() - before))
                    }
                    #expect(least == 0)
                }
            }
        }
    }

    @Test func rowsThatDoNotFitAreRefused() throws {
        func failure(_ work: () throws(PredictionError) -> Void) -> PredictionError? {
            do throws(PredictionError) { try work() } catch { return error }
            return nil
        }
        let predictor = try Predictor(Self.cases[1].trained())
        #expect(
            failure { () throws(PredictionError) in _ = try predictor.outputs(of: [1, 2]) }
                == .featureCount(expected: 7, found: 2))
        #expect(
            failure { () throws(PredictionError) in _ = try predictor.outputs(of: []) }
                == .featureCount(expected: 7, found: 0))
        var row = [Float](repeating: 1, count: 14)
        row[9] = .infinity
        #expect(
            failure { () throws(PredictionError) in _ = try predictor.outputs(of: row) }
                == .notFinite(row: 1, feature: 2, found: .infinity))
        var many = [Float](repeating: 1, count: 7 * 40)
        many[7 * 33 + 5] = -.infinity
        #expect(
            failure { () throws(PredictionError) in _ = try predictor.outputs(of: many) }
                == .notFinite(row: 33, feature: 5, found: -.infinity))
        let words = try Predictor(Self.cases[3].trained())
        for id in [11, -1, 0.5] as [Float] {
            let ids: [Float] = [0, 1, 2, id, 4, 10]
            #expect(
                failure { () throws(PredictionError) in _ = try words.outputs(of: ids) }
                    == .badId(row: 0, found: id, vocabulary: 11))
        }
        let numbers = Recipe(model: LayerList { Dense(.classes) }, epochs: 1)
        var trainer = try Trainer(numbers, data: Dataset(features: [1, 2, 3], shape: [1], values: [2, 4, 6]))
        let regression = try Predictor(try trainer.run())
        #expect(regression.classCount == nil)
        #expect(failure { () throws(PredictionError) in _ = try regression.probabilities(of: [1]) } == .noClasses)
        #expect(failure { () throws(PredictionError) in _ = try regression.classes(of: [1]) } == .noClasses)
        var short = [Float](repeating: 0, count: 2)
        #expect(
            failure { () throws(PredictionError) in
                var span = short.mutableSpan
                try regression.outputs(of: [1, 2, 3].span, into: &span)
            } == .resultCount(expected: 3, found: 2))
    }
}
