import Foundation
import Testing

@testable import Batchwise

/// A regression model keeps the moments of the targets that it was trained with: it answers and is judged in their unit.
@Suite struct TargetMomentsTests {
    /// y = 2 x + 1 on x from -1 to 1, and a test from 4 to 6, whose targets have other moments.
    private static func line() throws -> (model: Model, test: Dataset, x: [Float]) {
        var numbers = TestNumbers("line")
        let x = (0..<1000).map { _ in Float(2 * numbers.uniform() - 1) }
        let far = (0..<200).map { _ in Float(4 + 2 * numbers.uniform()) }
        let train = try Dataset(features: x, shape: [1], values: x.map { 2 * $0 + 1 })
        let test = try Dataset(features: far, shape: [1], values: far.map { 2 * $0 + 1 })
        var trainer = try Trainer(Recipe(model: layers(Dense(.classes)), epochs: 50), data: train)
        #expect(train.targetMoments != test.targetMoments)
        return (try trainer.run(), test, far)
    }

    @Test func anyDataIsJudgedInTheUnitOfTheTargets() throws {
        let (model, test, x) = try Self.line()
        let found = try model.evaluate(test)
        #expect(try #require(found.rmse) < 0.01)
        let moments = try #require(model.targetMoments)
        // the loss is in units of the training set's deviation
        let expected = try #require(found.rmse) / Double(moments.deviations[0])
        #expect(abs(found.loss - expected * expected) <= 1e-3 * found.loss)
        let outputs = try model.outputs(for: test)
        #expect(zip(outputs, x).allSatisfy { abs($0 - (2 * $1 + 1)) < 0.01 })
        // without the moments the same parameters are far off
        var other = model
        other.targetMoments = nil
        #expect(try #require(try other.evaluate(test).rmse) > 1)
    }

    @Test func filesAndPredictorsKeepThem() throws {
        let (model, test, x) = try Self.line()
        let path = FileManager.default.temporaryDirectory.appending(path: "line-\(UUID().uuidString).safetensors").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try model.save(path)
        let loaded = try Model(contentsOf: path)
        #expect(loaded.targetMoments == model.targetMoments)
        #expect(try loaded.evaluate(test) == model.evaluate(test))
        let predictor = try Predictor(loaded)
        let expected = try model.outputs(for: test)
        #expect(try predictor.outputs(for: test) == expected)
        #expect(try predictor.outputs(of: x) == expected)
        #expect(try predictor.outputs(of: [x[7]]) == [expected[7]])
        var result = [Float](repeating: 0, count: 1)
        try x[7..<8].withUnsafeBufferPointer { row in
            try result.withUnsafeMutableBufferPointer { try predictor.outputs(of: row, into: $0) }
        }
        #expect(result == [expected[7]])
    }

    /// Validation examples of a trainer may have moments of their own too.
    @Test func validationIsInTheUnitOfTheTrainingSet() throws {
        let (_, test, _) = try Self.line()
        let x = (0..<100).map { Float($0) / 50 - 1 }
        let train = try Dataset(features: x, shape: [1], values: x.map { 2 * $0 + 1 })
        let recipe = Recipe(
            model: layers(Dense(.classes)), optimizer: .sgd(momentum: 0.9), learningRate: .constant(0.05), epochs: 200)
        var trainer = try Trainer(recipe, data: train, validation: test)
        try trainer.run()
        #expect(try #require(trainer.validation?.rmse) < 0.01)
    }

    @Test func probabilitiesOfADataSetAreThoseOfItsRows() throws {
        for outputs in [Loss.softmaxCrossEntropy, .binaryCrossEntropy] {
            let data = try SmallData.classes(40, classes: 2)
            var recipe = Recipe(model: layers(Dense(.classes)), epochs: 3)
            recipe.loss = outputs
            var trainer = try Trainer(recipe, data: data)
            let model = try trainer.run()
            let predictor = try Predictor(model)
            guard case .floats(let rows) = data.features else { return }
            let expected = try predictor.probabilities(of: rows)
            #expect(expected.count == 80)
            #expect(try model.probabilities(for: data) == expected)
            #expect(try predictor.probabilities(for: data) == expected)
        }
        let (line, test, _) = try Self.line()
        #expect(throws: PredictionError.noClasses) { try line.probabilities(for: test) }
    }

    /// A parameter of a layer of the program's own decays where the layer says so.
    @Test func parametersOfOwnLayersMayDecay() throws {
        struct Gain: PrimitiveLayer {
            func lower(_ x: Symbol, into graph: inout GraphBuilder) throws(GraphError) -> Symbol {
                let kept = graph.parameter("kept", [x.shape.width], .ones)
                let shrunk = graph.parameter("shrunk", [x.shape.width], .ones, decays: true)
                return x * kept * shrunk
            }
        }
        let data = try SmallData.classes(20)
        let recipe = Recipe(
            model: layers(Gain(), Dense(.classes)), optimizer: .sgd(weightDecay: 0.5), learningRate: .constant(0.1),
            epochs: 1)
        var trainer = try Trainer(recipe, data: data)
        _ = try trainer.update()
        // the last layer is 0 at first, so that only the decay changes these
        let model = trainer.model()
        #expect(try #require(model.parameter("0.kept")).values.allSatisfy { $0 == 1 })
        #expect(try #require(model.parameter("0.shrunk")).values.allSatisfy { abs($0 - 0.95) < 1e-6 })
    }
}
