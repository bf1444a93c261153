import Testing

@testable import Batchwise

/// A model that cannot become a graph is refused with the layer's path, before anything runs.
@Suite struct GraphErrorTests {
    private func error(_ model: some Layer, input: [Int] = [4]) -> GraphError? {
        do {
            _ = try model.graph(inputShape: input, outputs: 3, purpose: .training)
            return nil
        } catch { return error }
    }

    @Test func shapeErrorsNameTheLayerAndBothShapes() {
        let model = LayerList {
            Dense(5)
            Residual(layers(Tanh(), Conv2D(filters: 2, kernel: 3).named("conv")))
        }
        let error = error(model)
        #expect(error == .shape(at: "1.conv (conv)", expected: "[batch, height, width, channels]", found: .batch([5])))
        #expect(
            error?.description
                == "layer 1.conv (conv): expected [batch, height, width, channels], found [batch, 5]: convolution and pooling need images, and these are rows of 5 numbers, as of a table; use model: mlp or linear for them"
        )
    }

    @Test(
        arguments: [
            (Conv2D(filters: 2, kernel: 5), [4, 6, 2]), (MaxPool2D(5), [4, 6, 2]), (AveragePool2D(2), [8]),
            (GlobalMaxPool2D(), [3, 3]), (Embedding(vocabulary: 3, width: 2), [2, 2]), (LayerNorm(), []),
            (BatchNorm(ghost: 2), []), (GroupNorm(groups: 1), []), (Residual { Dense(3) }, [4]),
            (Dense(2), [0]), (Dense(2), [2, 2, 2, 2]),
        ] as [(any Layer, [Int])])
    func wrongShapesAreRefused(layer: any Layer, input: [Int]) {
        guard case .shape(let path, let expected, let found) = error(LayerList([EmptyLayer(), layer]), input: input)
        else {
            Issue.record("no shape error")
            return
        }
        #expect(path.hasPrefix("1 ("))
        #expect(!expected.isEmpty)
        #expect(layer is Residual ? found == .batch([3]) : found == .batch(input))
    }

    @Test(
        arguments: [
            Conv2D(filters: 0, kernel: 3), Conv2D(filters: 2, kernel: 0), Conv2D(filters: 2, kernel: 1, stride: 0),
            Conv2D(filters: 3, kernel: 1, groups: 2), Conv2D(filters: 2, kernel: 1, padding: .pixels(-1)), MaxPool2D(0),
            GroupNorm(groups: 3), BatchNorm(ghost: 1), Dropout(1), Dropout(-0.1), Dropout(.nan), Dense(0), Dense(-3),
        ] as [any Layer])
    func senselessSettingsAreRefused(layer: any Layer) {
        guard case .setting(let path, _) = error(LayerList([layer]), input: [6, 6, 4]) else {
            Issue.record("no setting error")
            return
        }
        #expect(path.hasPrefix("0 ("))
    }

    @Test func duplicateNamesAreRefused() {
        #expect(error(layers(Dense(4).named("a"), Dense(4).named("a"))) == .duplicateName("a.weight"))
        #expect(error(layers(Dense(4), Dense(4).named("0"))) == .duplicateName("0.weight"))
        #expect(error(layers(Dense(4).named("a"), Tanh().named("a"))) == nil)
    }

    @Test func embeddingReadsOnlyIds() {
        guard case .unsupported("1 (embedding)", _) = error(layers(Tanh(), Embedding(vocabulary: 3, width: 2))) else {
            Issue.record("an embedding of computed numbers was accepted")
            return
        }
    }

    /// Symbol arithmetic that does not fit together is refused when the layer returns.
    private struct Misfit: PrimitiveLayer {
        var combine: @Sendable (_ x: Symbol, _ parameter: Symbol) -> Symbol
        func lower(_ x: Symbol, into graph: inout GraphBuilder) throws(GraphError) -> Symbol {
            combine(x, graph.parameter("p", [3], .ones))
        }
    }

    @Test(
        arguments: [
            { x, p in x + p }, { x, p in p / x }, { x, p in p.exp() }, { x, _ in x.dense(x) }, { x, p in x.dense(p) },
            { x, _ in x.reshaped([5]) }, { x, _ in x + x.reshaped([2, 2]) },
            { x, _ in x.reshaped([2, 2]) * x.reshaped([1, 4]) }, { x, p in (p * p).exp() + x },
        ] as [@Sendable (Symbol, Symbol) -> Symbol])
    func misfitsAreRefused(combine: @escaping @Sendable (Symbol, Symbol) -> Symbol) {
        guard case .unsupported(let path, _) = error(layers(Misfit(combine: combine))) else {
            Issue.record("shapes that do not match were accepted")
            return
        }
        #expect(path.hasPrefix("0 ("))
    }
}
