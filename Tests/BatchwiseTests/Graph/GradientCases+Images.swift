@testable import Batchwise

extension GradientCase {
    static let convolutions: [GradientCase] = {
        let kinds: [(String, Conv2D)] = [
            ("valid", Conv2D(filters: 3, kernel: 2)),
            ("same", Conv2D(filters: 4, kernel: 3, padding: .same)),
            ("same, even kernel", Conv2D(filters: 3, kernel: 2, padding: .same, bias: false)),
            ("same, stride", Conv2D(filters: 3, kernel: 3, stride: 2, padding: .same)),
            ("point", Conv2D(filters: 3, kernel: 1)),
            ("point, stride", Conv2D(filters: 3, kernel: 1, stride: 2)),
            ("stride with rows left over", Conv2D(filters: 3, kernel: 2, stride: 3)),
            ("stride beyond the kernel", Conv2D(filters: 2, kernel: 1, stride: 3, padding: .pixels(1))),
            ("wide padding", Conv2D(filters: 2, kernel: 3, padding: .pixels(3))),
            ("groups", Conv2D(filters: 6, kernel: 3, padding: .same, groups: 2)),
            ("groups, stride, padding", Conv2D(filters: 4, kernel: 3, stride: 2, padding: .pixels(1), groups: 2)),
            ("depthwise", Conv2D(filters: 4, kernel: 3, padding: .same, groups: 4, bias: false)),
            ("dilation", Conv2D(filters: 3, kernel: 2, dilation: 2)),
            ("dilation, same", Conv2D(filters: 2, kernel: 3, padding: .same, dilation: 2)),
            ("everything", Conv2D(filters: 4, kernel: 3, stride: 2, padding: .pixels(2), dilation: 2, groups: 2)),
        ]
        return kinds.map { name, layer in
            GradientCase(
                name: "convolution: \(name)", input: [5, 4, 4], rows: 3,
                model: layers(layer, Tanh(), GlobalAveragePool2D(), Dense(.classes)))
        } + [
            GradientCase(
                name: "convolutions in a row", input: [5, 4, 2], rows: 3,
                model: LayerList {
                    Conv2D(filters: 3, kernel: 3, padding: .same)
                    SiLU()
                    Conv2D(filters: 4, kernel: 2, stride: 2)
                    Sigmoid()
                    Dense(.classes)
                })
        ]
    }()

    static let pooling: [GradientCase] = {
        let kinds: [any Layer] = [
            MaxPool2D(2), MaxPool2D(3, stride: 2), MaxPool2D(1, stride: 2), AveragePool2D(2),
            AveragePool2D(3, stride: 1), AveragePool2D(2, stride: 3), GlobalAveragePool2D(), GlobalMaxPool2D(),
        ]
        return kinds.map { layer in
            GradientCase(
                name: "\(layer)", input: [5, 6, 2], rows: 3,
                model: layers(Conv2D(filters: 2, kernel: 1), layer, Dense(.classes)))
        }
    }()
}
