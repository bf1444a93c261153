import Foundation
import Testing

@testable import Batchwise

/// The interpreter, which is the oracle of other tests, against numbers worked out by hand or by another definition.
@Suite struct InterpreterTests {
    private func graph(_ model: some Layer, input: [Int], loss: Loss) throws -> Graph {
        try Graph(model, input: input, outputs: 2, loss: loss, withGradients: true)
    }

    @Test func aLinearModelIsWorkedOutByHand() throws {
        let graph = try graph(layers(Dense(1)), input: [2], loss: .meanSquaredError())
        // y = 2a - b + 0.5
        let values = Interpreter<Double>(graph: graph, parameters: [[2, -1], [0.5]])
            .run(.init(inputs: [1, 2, 3, -1, 0, 4], targets: [1.5, 7, 100], weights: [1, 3, 0]), rows: 3)
        #expect(values.predictions == [0.5, 7.5, -3.5])
        #expect(values.meanLoss == 0.4375)  // (1 * 1 + 3 * 0.25) / 4
        // d = 2 w (y - t) / 4 = -0.5, 0.75, 0
        #expect(values.gradient(of: 0) == [1.75, -1.75])
        #expect(values.gradient(of: 1) == [0.25])
    }

    @Test func accuracyIsWeightedAndPrefersTheFirst() throws {
        let graph = try graph(EmptyLayer(), input: [3], loss: .softmaxCrossEntropy)
        let values = Interpreter<Float>(graph: graph, parameters: [])
            .run(.init(inputs: [1, 1, 0, 0, 2, 2, 5, 1, 9], targets: [0, 2, 2], weights: [1, 2, 5]), rows: 3)
        #expect(values.accuracy == 6.0 / 8)
    }

    @Test func chainsAreFusedAndInOrder() throws {
        let graph = try graph(layers(Dense(16)), input: [3], loss: .meanSquaredError())
        func sixteen(_ numbers: Float...) -> [Float] { numbers.flatMap { Array(repeating: $0, count: 16) } }
        // Rounding x x before the sum would leave nothing of it; in the other order, the last term would be lost beside
        // the bias.
        let x: Float = 1 + 0x1p-12
        let small: Float = 0x1p-30
        let values = Interpreter<Float>(graph: graph, parameters: [sixteen(x, 1, small), sixteen(-(x * x))])
            .run(.init(inputs: [x, 0, 1], targets: sixteen(0)), rows: 1)
        #expect(values.predictions == sixteen(0x1p-24 + small))
    }

    @Test func narrowLayersHaveSixteenSums() throws {
        let graph = try graph(layers(Dense(1, bias: false)), input: [18], loss: .meanSquaredError())
        // Steps 0 and 16 belong to one sum, fused and in order; in one chain of all steps, step 1 would be lost to
        // rounding.
        let x: Float = 1 + 0x1p-12
        let small: Float = 0x1p-30
        var inputs = [Float](repeating: 0, count: 18)
        (inputs[0], inputs[1], inputs[16]) = (-(x * x), small, x)
        let values = Interpreter<Float>(
            graph: graph, parameters: [[1, 1] + [Float](repeating: 0, count: 14) + [x, 0]]
        ).run(.init(inputs: inputs, targets: [0]), rows: 1)
        #expect(values.predictions == [0x1p-24 + small])
    }

    @Test func dropoutKeepsTheRightShareAndItsMean() throws {
        let model = layers(Dropout(0.3))
        let graph = try graph(model, input: [1000], loss: .meanSquaredError())
        let ones = [Double](repeating: 1, count: 10_000)
        let zeros = [Double](repeating: 0, count: 10_000)
        func kept(_ key: UInt64, _ examples: [UInt64]) -> [Double] {
            Interpreter<Double>(graph: graph, parameters: [])
                .run(.init(inputs: ones, targets: zeros, examples: examples, dropoutKey: key), rows: 10).predictions
        }
        let numbers = (0..<10).map { UInt64($0) }
        let first = kept(1, numbers)
        #expect(Set(first) == [0, 1 / (1 - Double(Float(0.3)))])
        let share = Double(first.count { $0 > 0 }) / 10_000
        #expect(abs(share - 0.7) < 0.02)  // deviation 0.0046
        // An example's mask goes with its number, not with its row.
        let reversed = kept(1, numbers.reversed())
        #expect(Array(reversed[0..<1000]) == Array(first[9000...]))
        #expect(first[0..<1000] != first[1000..<2000])
        #expect(kept(2, numbers) != first)
    }

    @Test func runningStatisticsAreMeansOverGhostBatches() throws {
        // Ghost batches of rows {1, 3}, {2, 8}, {5} with unbiased variances 2, 18 and none.
        let graph = try graph(
            layers(BatchNorm(ghost: 2, momentum: 0.25)), input: [1], loss: .meanSquaredError())
        var parameters = graph.parameters.map { _ in [0.5] }
        let mean = try #require(graph.parameters.firstIndex { $0.name == "0.running_mean" })
        let variance = try #require(graph.parameters.firstIndex { $0.name == "0.running_var" })
        (parameters[mean], parameters[variance]) = ([1], [2])
        let interpreter = Interpreter<Double>(graph: graph, parameters: parameters)
        let values = interpreter.run(.init(inputs: [1, 3, 2, 8, 5], targets: [0, 0, 0, 0, 0]), rows: 5)
        let after = interpreter.parametersWithStatistics(after: values)
        #expect(abs(after[mean][0] - 1.7) < 1e-9)  // 0.75 * 1 + 0.25 * (2 * 2 + 2 * 5 + 1 * 5) / 5
        #expect(abs(after[variance][0] - 3.5) < 1e-9)  // 0.75 * 2 + 0.25 * (2 * 2 + 2 * 18 + 1 * 0) / 5
        #expect(after[0].count == 1 && after.count == parameters.count)
    }

    @Test func maxPoolGradientGoesToTheFirstOfEquals() {
        let pool = PoolShape(
            height: 2, width: 2, channels: 1, outHeight: 1, outWidth: 1, windowHeight: 2, windowWidth: 2,
            strideHeight: 2, strideWidth: 2)
        #expect(Interpreter<Double>.maxPoolGradient(pool, [1, 7, 7, 7], [3]) == [0, 3, 0, 0])
        #expect(Interpreter<Double>.maxPool(pool, [1, 7, .nan, 7])[0].isNaN)
    }

    @Test func floatIsTheRoundedDouble() throws {
        let check = try GradientCheck(
            GradientCase(name: "float", rows: 7, model: layers(Dense(6), LayerNorm(), GELU(), Dense(3))))
        let exact = check.gradients()
        let interpreter = Interpreter<Float>(
            graph: check.training, parameters: check.parameters.map { $0.map { Float($0) } })
        let values = interpreter.run(
            .init(
                inputs: check.batch.inputs.map { Float($0) }, targets: check.batch.targets.map { Float($0) },
                weights: check.batch.weights?.map { Float($0) }), rows: check.rows)
        for (index, parameter) in check.training.parameters.enumerated() {
            let rounded = try #require(values.gradient(of: index)).map { Double($0) }
            #expect(differences(["": rounded], ["": try #require(exact[parameter.name])], tolerance: 1e-5) == [])
        }
    }
}
