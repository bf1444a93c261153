import Batchwise
import Foundation
import Testing

@testable import BatchwiseExperiments

/// The Hessian of small models against X'X, PyTorch's double backward and the edge of stability.
@Suite struct CurvatureMeasurementTests {
    /// Random features of unequal sizes with random values.
    private static func problem(_ seed: UInt64, examples: Int = 50, width: Int = 6, weights: Bool = false) throws
        -> (data: Dataset, features: [[Double]], weights: [Double])
    {
        var numbers = NormalNumbers(seed)
        let features = (0..<examples).map { _ in
            (0..<width).map { Double(Float(Double($0 + 1) * numbers.next() + 0.5)) }
        }
        let values = numbers.vector(examples).map { Float($0) }
        let all = (0..<examples).map { weights ? Double(Float(1 + $0 % 3)) : 1 }
        let data = try Dataset(
            features: features.flatMap { $0.map { Float($0) } }, shape: [width], values: values,
            weights: weights ? all.map { Float($0) } : nil)
        return (data, features, all)
    }

    /// 2 X'WX / sum W, X with a column of ones for the bias: the Hessian of the mean squared error of a linear model.
    private static func hessian(_ features: [[Double]], _ weights: [Double]) -> DenseMatrix {
        let rows = features.map { $0 + [1] }
        let total = weights.reduce(0, +)
        return DenseMatrix(
            rows: (0..<rows[0].count).map { i in
                (0..<rows[0].count).map { j in
                    zip(rows, weights).reduce(0) { $0 + 2 * $1.1 * $1.0[i] * $1.0[j] } / total
                }
            })
    }

    private static let linear = Recipe(
        model: LayerList([Dense(1)]), loss: .meanSquaredError(), batch: Batch(size: 8), optimizer: .sgd,
        learningRate: .constant(0.01), epochs: 2)

    @Test(arguments: [(UInt64(1), false), (2, true), (3, false)])
    func leastSquaresHasTheSpectrumOfItsFeatures(seed: UInt64, weights: Bool) throws {
        let problem = try Self.problem(seed, weights: weights)
        let exact = Self.hessian(problem.features, problem.weights)
        let expected = exact.eigenvalues
        let found = try CurvatureMeasurement(Subject(Self.linear, problem.data), .init(eigenvalues: 7, steps: 50))
        for (eigenvalue, value) in zip(found.spectrum.largest, expected) {
            #expect(abs(eigenvalue.value - value) < 1e-4 * expected[0] && eigenvalue.isConverged)
        }
        #expect(abs(found.spectrum.largest[0].value / expected[0] - 1) < 1e-5)
        #expect(abs(found.spectrum.smallest.value - expected[6]) < 1e-4 * expected[0])
        #expect((found.trace.low...found.trace.high).contains(exact.trace))
        let limit = try #require(found.limit)
        #expect(abs(limit.rate * expected[0] / 2 - 1) < 1e-4 && limit.formula == "2/L")
        #expect(found.learningRate == 0.01 && found.examples == 50 && found.parameters == 7)
    }

    /// Another data set has another spectrum, and so has a part of one.
    @Test func aPartOfTheExamplesIsMeasured() throws {
        let problem = try Self.problem(1)
        let order = EpochOrder(count: 50, seed: Self.linear.seed, epoch: 1)
        let rows = (0..<20).map { problem.features[order[$0]] }
        let expected = Self.hessian(rows, Array(repeating: 1, count: 20)).eigenvalues[0]
        let found = try CurvatureMeasurement(Subject(Self.linear, problem.data), examples: 20)
        #expect(abs(found.spectrum.largest[0].value / expected - 1) < 1e-5 && found.examples == 20)
        let all = Self.hessian(problem.features, problem.weights).eigenvalues[0]
        #expect(abs(all / expected - 1) > 1e-2)
    }

    /// Dropout, augmentation and sampling are no part of the loss, and neither machine nor batch changes a bit of it.
    @Test func nothingRandomIsMeasured() throws {
        let problem = try Self.problem(4)
        func spectrum(_ layers: [any Layer], _ batch: Batch, _ machine: Machine) throws -> [Double] {
            var recipe = Self.linear
            (recipe.model, recipe.batch) = (LayerList(layers), batch)
            return try CurvatureMeasurement(Subject(recipe, problem.data, machine: machine)).spectrum.largest.map(
                \.value)
        }
        let plain = try spectrum([Dense(1)], Batch(size: 8), Machine(threads: 1))
        let dropped = try spectrum([Dense(1), Dropout(0.5)], Batch(size: 16), Machine(threads: 2, microBatch: 8))
        #expect(dropped == plain)
    }

    // MARK: PyTorch

    struct Fixture: Decodable {
        struct Case: Decodable {
            var name: String
            var scale: Double
            var parameters: [String]
            var loss: Double
            var largest: [Double]
            var smallest, trace: Double
            var count: Int
        }

        var examples, ghost: Int
        var cases: [Case]

        static func read() throws -> Fixture {
            let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent()
            return try JSONDecoder().decode(
                Fixture.self, from: Data(contentsOf: tests.appending(path: "Fixtures/curvature.json")))
        }

        func model(_ name: String) -> LayerList {
            switch name {
            case "mlp": LayerList([Flatten(), Dense(16), ReLU(), Dense(12), Tanh(), Dense(.classes)])
            case "conv":
                LayerList([
                    Conv2D(filters: 4, kernel: 3, padding: .same), ReLU(), MaxPool2D(2), Conv2D(filters: 6, kernel: 3),
                    ReLU(), Flatten(), Dense(.classes),
                ])
            default: LayerList([Flatten(), Dense(16), BatchNorm(ghost: ghost), Tanh(), Dense(.classes)])
            }
        }
    }

    /// make-curvature.py says how the parameters are made.
    private func subject(_ example: Fixture.Case, _ fixture: Fixture) throws -> Subject {
        let recipe = Recipe(
            model: fixture.model(example.name), optimizer: .sgd, learningRate: .constant(0.1), epochs: 1)
        // the first ghost batch is to hold the first examples of the fixture
        let order = EpochOrder(count: fixture.examples, seed: recipe.seed, epoch: 1)
        var rows = Array(repeating: 0, count: fixture.examples)
        for place in 0..<fixture.examples { rows[order[place]] = place }
        let data = Dataset.digits().train.prefix(fixture.examples).rows(rows)
        var model = try Trainer(recipe, data: data).model()
        for (place, name) in example.parameters.enumerated() {
            let index = try #require(model.parameters.firstIndex { $0.name == name })
            let isGain = example.name == "ghost-norm" && name == "2.weight"
            let numbers = (0..<model.parameters[index].count).map { i in
                let i = Double(i)
                return Float(example.scale * sin(1 + 0.7 * i * i + 1.9 * Double(place)) + (isGain ? 1 : 0))
            }
            model.values[index] = model.parameters[index].fromFile(numbers)
        }
        return try Subject(recipe, data, model: model)
    }

    @Test(arguments: ["mlp", "conv", "ghost-norm"])
    func eigenvaluesAreThoseOfPyTorch(name: String) throws {
        let fixture = try Fixture.read()
        let example = try #require(fixture.cases.first { $0.name == name })
        let found = try CurvatureMeasurement(
            subject(example, fixture), .init(eigenvalues: 3, steps: 60), vectors: 30)
        #expect(found.parameters == example.count)
        #expect(abs(found.loss / example.loss - 1) < 1e-5)
        for (eigenvalue, value) in zip(found.spectrum.largest, example.largest) {
            #expect(abs(eigenvalue.value / value - 1) < 1e-3, "\(name)")
        }
        #expect(abs(found.spectrum.smallest.value / example.smallest - 1) < 1e-3)
        #expect((found.trace.low...found.trace.high).contains(example.trace))
    }

    // MARK: Refusals

    @Test func measuresThatMakeNoSenseAreRefused() throws {
        let problem = try Self.problem(1)
        #expect(throws: MeasurementError.tooManyExamples(asked: 51, found: 50)) {
            _ = try CurvatureMeasurement(Subject(Self.linear, problem.data), examples: 51)
        }
        var frozen = Self.linear
        frozen.groups = [ParameterGroup(match: "*", freeze: true)]
        #expect(throws: (any Error).self) { _ = try CurvatureMeasurement(Subject(frozen, problem.data)) }
        #expect {
            _ = try CurvatureMeasurement(Subject(Self.linear, problem.data, machine: Machine(memory: 100)))
        } throws: { "\($0)".contains("memory") }
        var whole = Self.linear
        whole.model = LayerList([Dense(4), BatchNorm(over: .batch), Tanh(), Dense(1)])
        #expect {
            _ = try CurvatureMeasurement(Subject(whole, problem.data))
        } throws: { "\($0)".contains("1 (batch-norm)") }
    }

    @Test func aModelThatOverflowsIsNamedByItsLayer() throws {
        let problem = try Self.problem(1)
        var recipe = Self.linear
        recipe.model = LayerList([Dense(4), ReLU(), Dense(1)])
        var model = try Trainer(recipe, data: problem.data).model()
        model.values = model.values.map { $0.map { _ in 1e30 } }
        let error = #expect(throws: MeasurementError.self) {
            _ = try CurvatureMeasurement(Subject(recipe, problem.data, model: model))
        }
        guard case .notFinite = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(!"\(try #require(error))".contains("update"))
    }

    // MARK: Along training

    @Test func aCourseHasAPointAfterEveryLength() throws {
        let problem = try Self.problem(1)
        let exact = Self.hessian(problem.features, problem.weights).eigenvalues[0]
        var recipe = Self.linear
        recipe.epochs = 3
        recipe.learningRate = .constant(0.005).decay(.linear)
        let course = try CurvatureCourse(Subject(recipe, problem.data), every: .epochs(1))
        #expect(
            course.points.map(\.place.updates) == [0, 7, 14, 21] && course.points.map(\.place.epochs) == [0, 1, 2, 3])
        // the curvature of a parabola is the same everywhere, and its loss falls
        #expect(course.points.allSatisfy { abs($0.largest.value / exact - 1) < 1e-3 })
        #expect(zip(course.points, course.points.dropFirst()).allSatisfy { $0.loss > $1.loss })
        #expect(course.points[0].place.learningRate == 0.005 && course.points[0].limit == 400)
        let half = try CurvatureCourse(Subject(recipe, problem.data), every: .updates(5))
        #expect(half.points.map(\.place.updates) == [0, 5, 10, 15, 20, 21])
    }
}
