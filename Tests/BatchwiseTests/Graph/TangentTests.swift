import Testing

@testable import Batchwise

/// Forward mode over the whole training graph: the product of the Hessian and a direction.
@Suite struct TangentTests {
    @Test(arguments: GradientCase.all)
    func hessianVectorProductsMatchDifferencesOfGradients(example: GradientCase) throws {
        let check = try TangentCheck(example)
        let expected = check.differencesOfGradients()
        #expect(expected.values.contains { $0.contains { abs($0) > 1e-4 } })
        #expect(differences(check.hessianVectorProduct(), expected) == [])
    }

    /// Every node of the graph: layers, the loss, and the operations that carry gradients back.
    @Test(arguments: GradientCase.all)
    func everyTangentMatchesDifferences(example: GradientCase) throws {
        let check = try TangentCheck(example)
        let values = check.values()
        let nodes = check.check.training.nodes
        let expected = check.difference { values in nodes.indices.map { values[$0] } }
        for (index, node) in nodes.enumerated() where !node.operation.isReduction {
            // moments move, as a part of the operations that read them
            if case .moments = node.operation { continue }
            let found = check.tangents.nodes[index].map { values[$0] } ?? expected[index].map { _ in 0 }
            #expect(differences(["": found], ["": expected[index]]) == [], "\(node.operation), node \(index)")
        }
    }

    @Test(arguments: GradientCase.all)
    func hessiansAreSymmetric(example: GradientCase) throws {
        var check = try TangentCheck(example)
        let v = check.direction
        let u = TangentCheck.direction(check.check.training, "another direction for \(example.name)")
        let uHv = check.product(with: u)
        check.direction = u
        let vHu = check.product(with: v)
        #expect(abs(uHv - vHu) <= 1e-9 * max(1, abs(uHv)))
    }

    /// On least squares the Hessian is X' X / N, whatever the parameters.
    @Test func leastSquaresGiveTheirMatrixExactly() throws {
        let graph = try Graph(
            Dense(1, bias: false), input: [3], outputs: 1, loss: .meanSquaredError(half: true), withGradients: true)
        var moved = graph
        let tangents = try moved.appendTangents()
        let x: [[Double]] = [[1, 2, -1], [0, 3, 5], [-2, 1, 4], [7, -1, 2]]
        let v: [Double] = [3, -5, 2]
        let values = Interpreter<Double>(graph: moved, parameters: [[0.5, 0.25, -1], v]).run(
            .init(inputs: x.flatMap { $0 }, targets: [1, 2, 3, 4]), rows: 4)
        let along = x.map { row in zip(row, v).reduce(0.0) { $0 + $1.0 * $1.1 } }
        let expected = (0..<3).map { column in zip(x, along).reduce(0.0) { $0 + $1.0[column] * $1.1 } / 4 }
        #expect(values.gradient(of: try #require(tangents.directions[0])) == expected)
        #expect(
            values.gradient(of: 0)
                == Interpreter<Double>(graph: graph, parameters: [[0.5, 0.25, -1]]).run(
                    .init(inputs: x.flatMap { $0 }, targets: [1, 2, 3, 4]), rows: 4
                ).gradient(of: 0))
    }

    /// The Hessian of log(e^0 + e^z) in z is s (1 - s): worked out by hand for a model with one number.
    @Test func aBinaryLossIsWorkedOutByHand() throws {
        var graph = try Graph(
            Dense(1, bias: false), input: [1], outputs: 1, loss: .binaryCrossEntropy, withGradients: true)
        let tangents = try graph.appendTangents()
        let values = Interpreter<Double>(graph: graph, parameters: [[0], [3]]).run(
            .init(inputs: [2, -4], targets: [1, 0], weights: [1, 3]), rows: 2)
        // s = 1/2: (1 * 4 / 4 + 3 * 16 / 4) / 4 * 3
        #expect(values.gradient(of: try #require(tangents.directions[0])) == [9.75])
    }

    /// Targets that mix two classes, with and without smoothing.
    @Test(arguments: [Float(0), 0.2])
    func mixturesOfClassesMatchDifferences(smoothing: Float) throws {
        let example = GradientCase(
            name: "mixtures", outputs: 4, rows: 3, loss: .softmaxCrossEntropy(labelSmoothing: smoothing),
            model: layers(Dense(5), SiLU(), Dense(.classes)))
        var check = try GradientCheck(example)
        var mixed = try LayerList([example.model]).graph(inputShape: [4], outputs: 4, purpose: .training)
        try mixed.appendLoss(example.loss, targetWidth: 3, withGradients: true)
        check.parameters.removeFirst()  // of the shift, which only `GradientCheck` has
        check.batch.targets = [0, 3, 0.25, 2, 1, 0.875, 1, 1, 0.5]
        let tangent = try TangentCheck(
            GradientCheck(training: mixed, forward: mixed, parameters: check.parameters, batch: check.batch, rows: 3),
            named: "mixtures")
        #expect(differences(tangent.hessianVectorProduct(), tangent.differencesOfGradients()) == [])
    }

    @Test func gradientsStayWhatTheyWere() throws {
        for example in GradientCase.all {
            let check = try TangentCheck(example)
            #expect(
                check.check.gradients()
                    == {
                        let values = check.values()
                        var gradients: NamedGradients = [:]
                        for (index, parameter) in check.check.training.parameters.enumerated() {
                            gradients[parameter.name] = values.gradient(of: index)
                        }
                        if let node = check.check.training.inputGradient { gradients["input"] = values[node] }
                        return gradients
                    }())
        }
    }
}
