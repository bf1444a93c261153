import Foundation
import Testing

@testable import Batchwise

/// Numbers that stop being finite end a run before the update, whichever layer they are in, and the layer is named.
@Suite struct NotFiniteTests {
    /// A layer of every kind with parameters; each is called "tested".
    enum Kind: String, CaseIterable {
        case dense, convolution, batchNorm, layerNorm, groupNorm, embedding, residual

        var input: [Int] {
            switch self {
            case .convolution, .groupNorm: [4, 4, 4]
            case .dense, .batchNorm, .layerNorm, .embedding, .residual: [4]
            }
        }

        var model: LayerList {
            let head = Dense(1, bias: false).named("head")
            return switch self {
            case .dense: layers(Dense(4).named("tested"), head)
            case .convolution: layers(Conv2D(filters: 4, kernel: 3).named("tested"), Flatten(), head)
            case .batchNorm: layers(BatchNorm(ghost: 8).named("tested"), head)
            case .layerNorm: layers(LayerNorm().named("tested"), head)
            case .groupNorm: layers(GroupNorm(groups: 2).named("tested"), Flatten(), head)
            case .embedding: layers(Embedding(vocabulary: 3, width: 4).named("tested"), Flatten(), head)
            case .residual: layers(Residual { Dense(4) }.named("tested"), head)
            }
        }
    }

    private func trainer(_ kind: Kind, threads: Int, target: Float) throws -> Trainer {
        let count = 8 * kind.input.reduce(1, *)
        var numbers = TestNumbers("\(kind)")
        let features =
            kind == .embedding ? [Float](repeating: 1, count: count) : numbers.normals(count).map { Float($0) * 1e-3 }
        let data = try Dataset(
            features: features, shape: kind.input, values: [Float](repeating: target, count: 8), mean: 0, deviation: 1)
        let recipe = Recipe(
            model: kind.model, loss: .huber(delta: 1e9), batch: Batch(size: 8), optimizer: .sgd(momentum: 0.9),
            learningRate: .constant(1e-30), epochs: 1)
        return try Trainer(recipe, data: data, machine: Machine(threads: threads))
    }

    /// The trainer refuses the update, names the layer, and changes nothing.
    private func expectRefusal(_ trainer: consuming Trainer, in layer: String) {
        var trainer = trainer
        let before = trainer.checkpoint()
        var failure: TrainingError?
        do { _ = try trainer.update() } catch { failure = error }
        guard case .notFinite(1, 1, let found, _) = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
        #expect(found.hasPrefix(layer), "\(found)")
        let after = trainer.checkpoint()
        func bits(_ values: [[Float]]) -> [[UInt32]] { values.map { $0.map(\.bitPattern) } }
        #expect(bits(after.model.values) == bits(before.model.values))
        #expect(after.optimizerState.map(bits) == before.optimizerState.map(bits))
        #expect(after.progress == before.progress)
    }

    @Test(arguments: Kind.allCases, [1, 2]) func aParameterThatIsNotANumberNamesItsLayer(kind: Kind, threads: Int)
        throws
    {
        var trainer = try trainer(kind, threads: threads, target: 1)
        var checkpoint = trainer.checkpoint()
        let index = try #require(
            checkpoint.model.parameters.firstIndex { $0.name.hasPrefix("tested.") && !$0.isStatistic })
        for place in checkpoint.model.values[index].indices { checkpoint.model.values[index][place] = .nan }
        try trainer.restore(checkpoint)
        let isFinite = trainer.isFinite
        #expect(!isFinite)
        expectRefusal(trainer, in: "tested")
    }

    /// The layer's outputs, the loss and the slopes of every example are finite; their sum over the batch is not.
    @Test(arguments: Kind.allCases, [1, 2]) func aGradientThatOverflowsNamesItsLayer(kind: Kind, threads: Int) throws {
        for (slope, isRefused) in [(Float(1e30), true), (1e20, false)] {
            var trainer = try trainer(kind, threads: threads, target: -1e28)
            var checkpoint = trainer.checkpoint()
            for (index, parameter) in checkpoint.model.parameters.enumerated() where !parameter.isStatistic {
                for place in checkpoint.model.values[index].indices {
                    let value = checkpoint.model.values[index][place]
                    checkpoint.model.values[index][place] = parameter.name.hasPrefix("head") ? slope : value * 1e-4
                }
            }
            try trainer.restore(checkpoint)
            if isRefused {
                expectRefusal(trainer, in: "tested")
            } else {
                _ = try trainer.update()
            }
        }
    }
}
