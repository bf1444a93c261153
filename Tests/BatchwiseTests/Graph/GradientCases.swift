import Testing

@testable import Batchwise

/// A model, a loss and a batch whose gradients can be checked.
struct GradientCase: Sendable, CustomTestStringConvertible {
    var name: String
    var input: [Int] = [4]
    var outputs = 3
    var rows = 5
    var loss: Loss = .softmaxCrossEntropy
    var isWeighted = true
    /// The vocabulary, where the input is ids.
    var ids: Int?
    var model: any Layer

    var testDescription: String { name }

    static let all = losses + activations + products + convolutions + pooling + normalisations + structures

    private static let losses: [GradientCase] = {
        let losses: [(String, Loss)] = [
            ("softmax", .softmaxCrossEntropy), ("smoothed softmax", .softmaxCrossEntropy(labelSmoothing: 0.1)),
            ("binary", .binaryCrossEntropy), ("mse", .meanSquaredError()), ("half mse", .meanSquaredError(half: true)),
            ("huber", .huber()), ("narrow huber", .huber(delta: 0.3)), ("log cosh", .custom(LogCosh())),
            ("focal softmax", .custom(FocalLoss())),
        ]
        let model = layers(Dense(5), Tanh(), Dense(.classes))
        return losses.flatMap { name, loss in
            [
                GradientCase(name: name, rows: 7, loss: loss, isWeighted: false, model: model),
                GradientCase(name: "weighted \(name)", rows: 5, loss: loss, model: model),
                GradientCase(
                    name: "\(name) of one example", outputs: name.hasSuffix("softmax") ? 2 : 1, rows: 1, loss: loss,
                    isWeighted: false, model: model),
            ]
        }
    }()

    private static let activations: [GradientCase] = {
        let kinds: [any Layer] = [
            ReLU(), LeakyReLU(0.2), LeakyReLU(-0.2), LeakyReLU(0), Tanh(), Sigmoid(), GELU(), SiLU(), Dropout(0.4),
        ]
        return kinds.map { layer in
            GradientCase(name: "\(layer)", model: layers(Dense(6), layer, Dense(.classes)))
        }
    }()

    private static let products: [GradientCase] = [
        GradientCase(name: "dense", model: Dense(3)),
        GradientCase(name: "dense without bias", model: layers(Dense(6, bias: false), Tanh(), Dense(3))),
        GradientCase(name: "dense flattens images", input: [2, 3, 2], model: layers(Dense(4), Tanh(), Dense(3))),
        GradientCase(
            name: "dense over a sequence", input: [3, 4],
            model: layers(Dense(5), GELU(), Dense(2), Flatten(), Dense(3))),
        GradientCase(
            name: "embedding", input: [4], rows: 7, ids: 5,
            model: layers(Embedding(vocabulary: 5, width: 3), LayerNorm(), Flatten(), Dense(3))),
        GradientCase(
            name: "several dropouts", rows: 7,
            model: layers(Dropout(0.2), Dense(6), Dropout(0.5), SiLU(), Dense(6), Dropout(0.3), Dense(3))),
    ]

}
