import Testing

@testable import Batchwise

@Suite struct GraphTests {
    private func graph(_ model: some Layer, input: [Int] = [4], loss: Loss? = .softmaxCrossEntropy) throws -> Graph {
        var graph = try model.graph(inputShape: input, outputs: 3, purpose: .training)
        if let loss { try graph.appendLoss(loss, targetWidth: 0, withGradients: true) }
        return graph
    }

    private struct Optional: Layer {
        var isDeep: Bool
        var width: Int?
        var body: some Layer {
            Dense(8)
            if isDeep {
                ReLU()
                Dense(6)
            }
            if let width { Dense(width).named("wide") }
            if isDeep { Tanh() } else { Sigmoid() }
            for units in [5, 4] { Dense(units) }
            Dense(.classes)
        }
    }

    @Test func optionalLayerIsPresentWhenTrue() throws {
        let deep = try graph(Optional(isDeep: true, width: 7))
        #expect(
            deep.parameters.map(\.name)
                == ["0", "2", "wide", "5", "6", "7"].flatMap { ["\($0).weight", "\($0).bias"] })
        #expect(
            deep.parameters.filter { $0.layout == .dense }.map(\.shape) == [
                [4, 8], [8, 6], [6, 7], [7, 5], [5, 4], [4, 3],
            ])
        #expect(deep.nodes.contains { $0.operation == .unary(.relu) })
        #expect(deep.nodes.contains { $0.operation == .unary(.tanh) })

        let shallow = try graph(Optional(isDeep: false, width: nil))
        #expect(shallow.parameters.filter { $0.layout == .dense }.map(\.shape) == [[4, 8], [8, 5], [5, 4], [4, 3]])
        #expect(!shallow.nodes.contains { $0.operation == .unary(.relu) })
        #expect(shallow.nodes.contains { $0.operation == .unary(.sigmoid) })
    }

    @Test func namesFollowPositionsAndNesting() throws {
        let model = LayerList {
            Dense(4).named("stem")
            Residual {
                Dense(4)
                Residual { Dense(4, bias: false).frozen().named("inner") }
            }
            Dense(.classes).named("logits").frozen()
        }
        #expect(
            try graph(model).parameters.map(\.name) == [
                "stem.weight", "stem.bias", "1.0.weight", "1.0.bias", "1.1.inner.weight", "logits.weight",
                "logits.bias",
            ])
    }

    @Test func firstLayerHasNoInputGradient() throws {
        let dense = try graph(layers(Dense(5), ReLU(), Dense(.classes)))
        #expect(dense.nodes.count { $0.operation == .denseInputGradient } == 1)
        #expect(dense.nodes.count { $0.operation == .denseWeightGradient } == 2)

        let images = try graph(
            LayerList {
                Conv2D(filters: 2, kernel: 3, padding: .same)
                BatchNorm(ghost: 4)
                ReLU()
                Dense(.classes)
            }, input: [4, 4, 1])
        let kinds = images.nodes.map(\.operation)
        #expect(!kinds.contains { if case .convolutionInputGradient = $0 { true } else { false } })
        #expect(kinds.count { if case .pad = $0 { true } else { false } } == 1)
        #expect(kinds.count { $0 == .denseInputGradient } == 1)

        // Operations on the input in front of the first parameter get no gradient either.
        let scaled = try graph(layers(LayerNorm(), Dense(.classes)))
        #expect(!scaled.nodes.contains { if case .normaliseGradient = $0.operation { true } else { false } })
    }

    @Test func gradientsAreThoseOfTheTrainableParameters() throws {
        let model = layers(Dense(5), BatchNorm(ghost: 4), Tanh(), Dense(4).frozen(), Dense(.classes))
        let graph = try graph(model)
        #expect(
            Set(graph.gradients.map { graph.parameters[$0.parameter].name }) == [
                "0.weight", "0.bias", "1.weight", "1.bias", "4.weight", "4.bias",
            ])
        for gradient in graph.gradients {
            #expect(graph.parameters[gradient.parameter].isTrainable)
            for reduction in gradient.reductions {
                #expect(graph.nodes[reduction].operation.isReduction)
                #expect(graph.shape(reduction) == .fixed(graph.parameters[gradient.parameter].shape))
            }
        }
        let reductions = graph.nodes.indices.filter { graph.nodes[$0].operation.isReduction }
        #expect(reductions == graph.gradients.flatMap(\.reductions).sorted())
    }

    @Test func nothingIsComputedForFrozenLayers() throws {
        let model = layers(Dense(5), Tanh(), Dense(6), Tanh())
        let graph = try graph(layers(model.frozen(), Dense(.classes)))
        let backward = graph.nodes[(try #require(graph.loss) + 1)...]
        #expect(
            backward.map(\.operation) == [
                .exampleWeight, .lossGradient(.softmaxCrossEntropy), .denseWeightGradient, .sumRows,
            ])
        #expect(backward.dropFirst(2).allSatisfy { $0.path.hasPrefix("1 (") })
        #expect(graph.parameters.map(\.isTrainable) == [false, false, false, false, true, true])
    }

    @Test func aWeightUsedTwiceHasTwoReductions() throws {
        let graph = try graph(layers(Tied(), Dense(.classes)))
        #expect(graph.gradients[0].reductions.count == 3)
        #expect(graph.gradients[0].reductions == graph.gradients[0].reductions.sorted())
    }

    @Test(arguments: GradientCase.all)
    func nodesComeAfterTheirInputs(example: GradientCase) throws {
        let graph = try Graph(
            LayerList([example.model]), input: example.input, outputs: example.outputs, loss: example.loss,
            withGradients: true)
        for (index, node) in graph.nodes.enumerated() {
            #expect(node.inputs.allSatisfy { $0 < index })
            let isOfTheBatch = if case .moments(.batch) = node.operation { true } else { false }
            #expect(node.shape.hasBatch != (node.operation.isReduction || node.isParameter || isOfTheBatch))
        }
    }

    @Test func inferenceHasNoDropoutAndNoBatchStatistics() throws {
        let model = layers(Dense(5), BatchNorm(ghost: 4), Dropout(0.5), Dense(.classes))
        let graph = try model.graph(inputShape: [4], outputs: 3, purpose: .inference)
        #expect(graph.statistics.isEmpty)
        #expect(graph.nodes.contains { $0.operation == .runningNormalise(epsilon: 1e-5) })
        #expect(!graph.nodes.contains { if case .dropout = $0.operation { true } else { false } })
        let training = try self.graph(model)
        #expect(graph.parameters.map(\.name) == training.parameters.map(\.name))
        #expect(training.statistics.count == 1)
    }

    @Test func dropoutStreamsDoNotDependOnRates() throws {
        func streams(_ rates: [Float]) throws -> [Int] {
            try graph(LayerList(rates.map { Dropout($0) } + [Dense(.classes)])).nodes.compactMap {
                if case .dropout(_, let stream) = $0.operation { stream } else { nil }
            }
        }
        #expect(try streams([0.1, 0.2, 0.3]) == [0, 1, 2])
        #expect(try streams([0.1, 0, 0.3]) == [0, 2])
    }
}

extension Graph.Node {
    fileprivate var isParameter: Bool { if case .parameter = operation { true } else { false } }
}
