import Testing

@testable import Batchwise

/// The rows of traits, against graphs that layers make.
@Suite struct OperationTests {
    private func graph(_ example: GradientCase) throws -> Graph {
        try Graph(
            LayerList([example.model]), input: example.input, outputs: example.outputs, loss: example.loss,
            withGradients: true)
    }

    @Test(arguments: GradientCase.all)
    func shapesAreThoseOfTheRules(example: GradientCase) throws {
        let graph = try graph(example)
        for node in graph.nodes {
            guard let shape = node.operation.traits.shape(of: node.inputs.map { graph.shape($0) }) else { continue }
            #expect(shape == node.shape, "\(node.operation)")
        }
    }

    /// The cases of the gradient checks together contain every operation but the two forms of storage.
    @Test func gradientCasesHoldEveryOperation() throws {
        let words = Set(try GradientCase.all.flatMap { try graph($0).nodes.map(\.operation.words) })
        #expect(
            words == [
                "input", "target", "example weight", "parameter", "dense", "dense input gradient",
                "dense weight gradient",
                "convolution", "convolution input gradient", "convolution weight gradient", "pad", "unary",
                "unary gradient", "binary", "dropout", "sum last", "spread last", "reshape", "max pool",
                "max pool gradient", "average pool", "average pool gradient", "moments", "normalise",
                "normalise gradient", "running normalise", "running normalise gradient", "embedding",
                "embedding gradient", "loss", "loss gradient", "sum rows", "transpose",
            ])
    }

    /// A model that ends in an operation of the backward pass has no gradient, and says so.
    @Test(arguments: GradientCase.all)
    func gradientsOfGradientsAreRefused(example: GradientCase) throws {
        let graph = try graph(example)
        let loss = try #require(graph.loss)
        // a loss of the program's own is forward operations
        let first = if case .ofProgram = example.loss { loss + 1 } else { loss - 1 }
        let forward = graph.nodes[..<first].map(\.operation)
        for (index, node) in graph.nodes.enumerated() {
            // operations that a forward pass may contain too are differentiated as there
            let isForward = forward.contains { $0.words == node.operation.words }
            let isPad = if case .pad = node.operation { true } else { false }
            guard index > first, node.shape.hasBatch || node.operation.isReduction, !isForward, !isPad,
                ![.exampleWeight, .spreadLast, .reshape, .sumLast].contains(node.operation)
            else { continue }
            var twice = graph
            twice.gradients = []
            twice.prediction = index
            #expect(throws: GraphError.noGradient(at: node.path, operation: node.operation.words)) {
                try twice.appendLoss(
                    .meanSquaredError(), targetWidth: node.shape.elements, withGradients: true)
            }
        }
    }

    /// A backward pass that meets a gradient operation further down has no gradient either.
    @Test func gradientsThroughGradientsAreRefused() throws {
        var graph = try graph(GradientCase(name: "two layers", model: layers(Dense(5), Tanh(), Dense(3))))
        let slope = try #require(graph.nodes.firstIndex { $0.operation == .unaryGradient(.tanh) })
        graph.gradients = []
        graph.prediction = graph.append(.unary(.square), [slope], path: "penalty")
        let error = GraphError.noGradient(at: "0.1 (tanh)", operation: "unary gradient")
        #expect(throws: error) {
            try graph.appendLoss(.meanSquaredError(), targetWidth: 5, withGradients: true)
        }
        #expect(
            error.description
                == "layer 0.1 (tanh): there is no gradient through unary gradient: "
                + "build the loss from operations of layers only")
        // without gradients it is a graph like any other
        #expect(throws: Never.self) {
            try graph.appendLoss(.meanSquaredError(), targetWidth: 5, withGradients: false)
        }
    }

    /// Only a normalisation may read moments, because it passes their gradient on.
    @Test func momentsReadByOthersAreRefused() throws {
        let example = GradientCase(name: "group norm", model: layers(Dense(4), GroupNorm(groups: 2), Dense(3)))
        var graph = try example.model.graph(inputShape: [4], outputs: 3, purpose: .training)
        let moments = try #require(graph.nodes.firstIndex { $0.operation.words == "moments" })
        graph.prediction = graph.append(.unary(.square), [moments], path: "penalty")
        #expect(throws: GraphError.noGradient(at: graph.nodes[moments].path, operation: "moments")) {
            try graph.appendLoss(.meanSquaredError(), targetWidth: 4, withGradients: true)
        }
    }
}
