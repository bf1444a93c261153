@testable import Batchwise

extension GradientCase {
    static let normalisations: [GradientCase] = {
        let kinds: KeyValuePairs<String, any Layer> = [
            "layer norm": LayerNorm(), "1 group": GroupNorm(groups: 1), "2 groups": GroupNorm(groups: 2),
            "4 groups": GroupNorm(groups: 4), "instance norm": InstanceNorm(), "ghosts of 2": BatchNorm(ghost: 2),
            "ghosts of 3": BatchNorm(ghost: 3), "ghosts of 7": BatchNorm(ghost: 7),
            "a ghost beyond the batch": BatchNorm(ghost: 1 << 30), "the whole batch": BatchNorm(over: .batch),
            "frozen": BatchNorm(ghost: 4).frozen(),
        ]
        return kinds.flatMap { name, layer in
            [
                GradientCase(
                    name: "\(name) after dense", rows: 7,
                    model: layers(Dense(4), layer, Tanh(), Dense(.classes))),
                GradientCase(
                    name: "\(name) on images", input: [2, 3, 2], rows: 5,
                    model: layers(Conv2D(filters: 4, kernel: 1), layer, SiLU(), Dense(.classes))),
            ]
        }
    }()

    static let structures: [GradientCase] = [
        GradientCase(
            name: "residual",
            model: Residual(layers(Dense(6), GELU(), Residual(layers(Tanh(), Dense(6))), Dense(4)))),
        GradientCase(
            name: "residual without layers",
            model: layers(Residual(layers()), Dense(3))),
        GradientCase(
            name: "residual image", input: [4, 4, 2], rows: 3,
            model: LayerList {
                Residual(layers(Conv2D(filters: 2, kernel: 3, padding: .same), GroupNorm(groups: 2), ReLU()))
                GlobalAveragePool2D()
                Dense(.classes)
            }),
        GradientCase(
            name: "frozen in the middle", model: layers(Dense(5), Tanh(), Dense(6).frozen(), Tanh(), Dense(3))),
        GradientCase(name: "frozen first", model: layers(Dense(5).frozen(), Tanh(), Dense(3))),
        GradientCase(
            name: "frozen convolution", input: [4, 4, 2], rows: 3,
            model: layers(Conv2D(filters: 3, kernel: 3, padding: .same).frozen(), Tanh(), Dense(.classes))),
        GradientCase(name: "every operator", loss: .meanSquaredError(), model: EveryOperator()),
        GradientCase(name: "every operator on a sequence", input: [2, 4], loss: .huber(), model: EveryOperator()),
        GradientCase(name: "every function of the last axis", loss: .huber(), model: EveryLastAxisFunction()),
        GradientCase(
            name: "every function of the last axis of a sequence", input: [3, 4],
            model: layers(EveryLastAxisFunction(), Dense(3))),
        GradientCase(name: "one weight used three times", model: layers(Tied(), Dense(3))),
        GradientCase(
            name: "a weight used in two ways", input: [5, 5], model: layers(Dense(5), Mixed(), Flatten(), Dense(3))),
        GradientCase(name: "nested composites", rows: 7, model: Tower(blocks: 2, isNormalised: true)),
        GradientCase(
            name: "an image as the prediction", input: [3, 2, 2], rows: 3, loss: .meanSquaredError(),
            model: Conv2D(filters: 2, kernel: 3, padding: .same)),
    ]
}
