import Testing

@testable import Batchwise

/// The checks of tangents notice a term that is left out, and an operation without a tangent is refused.
@Suite struct TangentErrorTests {
    private static let examples = [
        GradientCase(name: "tanh", loss: .meanSquaredError(), model: layers(Dense(4), Tanh(), Dense(3))),
        GradientCase(name: "silu", model: layers(Dense(4), LayerNorm(), SiLU(), Dense(3))),
        GradientCase(
            name: "images", input: [4, 4, 2], rows: 3,
            model: layers(
                Conv2D(filters: 3, kernel: 3, padding: .same), BatchNorm(ghost: 2), GELU(), MaxPool2D(2), Dense(3))),
    ]

    /// A product without one of the sums that make it up is another product.
    @Test(arguments: examples)
    func everyReductionCounts(example: GradientCase) throws {
        let check = try TangentCheck(example)
        let expected = check.differencesOfGradients()
        #expect(differences(check.hessianVectorProduct(), expected) == [])
        let directions = check.tangents.directions.compactMap { $0 }
        for index in check.graph.gradients.indices where directions.contains(check.graph.gradients[index].parameter) {
            for place in check.graph.gradients[index].reductions.indices {
                var broken = check.graph
                broken.gradients[index].reductions.remove(at: place)
                // a gain's and a bias's tangent is one sum, and then there is none
                #expect(differences(check.hessianVectorProduct(of: broken), expected) != [])
            }
        }
    }

    /// A tangent is often a sum of two nodes. Without either of the two, products are others.
    @Test(arguments: examples)
    func everyTermCounts(example: GradientCase) throws {
        let check = try TangentCheck(example)
        let expected = check.differencesOfGradients()
        var terms = 0
        for index in check.check.training.nodes.count..<check.graph.nodes.count {
            let node = check.graph.nodes[index]
            guard node.operation == .binary(.add), node.shape == check.graph.shape(node.inputs[1]) else { continue }
            for side in 0..<2 {
                var broken = check.graph
                broken.nodes[index].operation = .unary(.offset(0))
                broken.nodes[index].inputs = [node.inputs[side]]
                #expect(differences(check.hessianVectorProduct(of: broken), expected) != [], "node \(index)")
                terms += 1
            }
        }
        #expect(terms >= 4)
    }

    /// The tangent is wrong in one factor, for every operation that only tangents have.
    @Test(arguments: examples)
    func everyTangentOperationCounts(example: GradientCase) throws {
        let check = try TangentCheck(example)
        let expected = check.differencesOfGradients()
        for (index, node) in check.graph.nodes.enumerated() where node.operation.words.hasSuffix("tangent") {
            if case .lossTangent = node.operation { continue }  // gradients do not read it
            var broken = check.graph
            // the last input is the tangent that it starts from
            broken.nodes[index].operation =
                if case .maxPoolTangent(let pool) = node.operation { .averagePool(pool) } else {
                    .unary(.scale(1.001))
                }
            broken.nodes[index].inputs = [node.inputs.last ?? 0]
            #expect(differences(check.hessianVectorProduct(of: broken), expected) != [], "\(node.operation)")
        }
    }

    @Test func whatBFloat16AddsHasNoTangent() throws {
        var graph = try Graph(
            layers(Dense(32), ReLU(), Dense(32)), input: [32], outputs: 32, loss: .meanSquaredError(),
            withGradients: true)
        let before = graph.nodes.count
        graph.multiplyInBFloat16()
        #expect(graph.nodes.count > before)
        let error = GraphError.noTangent(at: "1 (relu)", operation: "pair rows")
        let nodes = graph.nodes.count
        #expect(throws: (any Error).self) { try graph.appendTangents() }
        do throws(GraphError) {
            _ = try graph.appendTangents()
        } catch {
            guard case .noTangent(let path, let operation) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(operation == "pair rows" && !path.isEmpty)
        }
        #expect(graph.nodes.count == nodes, "a graph that has no tangents was changed")
        #expect(
            error.description
                == "layer 1 (relu): there is no tangent of pair rows: "
                + "append tangents once, to a training graph in float32")
    }

    /// Of the operations that tangents add, only the linear one has a tangent itself. A loss of a program's own is
    /// lowered to operations that all have tangents.
    @Test func thirdDerivativesAreRefused() throws {
        for example in GradientCase.all where !example.loss.isOfProgram {
            var graph = try TangentCheck(example).graph
            for index in graph.parameters.indices where graph.parameters[index].name.hasPrefix("direction") {
                graph.parameters[index].isTrainable = true
            }
            #expect(throws: GraphError.self) { try graph.appendTangents() }
        }
    }

    @Test func momentsReadByOthersHaveNoTangent() throws {
        let example = GradientCase(name: "group norm", model: layers(Dense(4), GroupNorm(groups: 2), Dense(3)))
        var graph = try TangentCheck(example).check.training
        let moments = try #require(graph.nodes.firstIndex { $0.operation.words == "moments" })
        graph.append(.unary(.square), [moments], path: "penalty")
        #expect(throws: GraphError.noTangent(at: graph.nodes[moments].path, operation: "moments")) {
            try graph.appendTangents()
        }
    }

    /// An operation without a kernel is refused when the graph is compiled.
    @Test func whatOnlyTheInterpreterHasIsNotCompiled() throws {
        let model = layers(Dense(4).named("in"), BatchNorm(over: .batch).named("norm"), Dense(3))
        let check = try TangentCheck(GradientCase(name: "whole batch", rows: 7, model: model))
        let error = PlanError.noKernel(at: "shifted.0.norm (batch-norm)", operation: "normalise gradient tangent")
        #expect(throws: error) { try check.graph.compiled(microBatch: 4) }
        #expect(
            error.description
                == "layer shifted.0.norm (batch-norm): there is no kernel for normalise gradient tangent: "
                + "run this graph in the interpreter")
    }
}

extension Loss {
    fileprivate var isOfProgram: Bool { if case .ofProgram = self { true } else { false } }
}
