import Batchwise
import BatchwiseData
import BatchwiseExperiments
import Foundation

/// Softmax regression on random examples, with the gradients of single examples computed here in Double.
struct SoftmaxCase {
    let features: [Float]
    let classes: [Int]
    let weights: [Float]?
    let width = 5
    let classCount = 3

    /// - Parameter seed: of a generator of its own (Knuth's MMIX constants).
    init(examples: Int, seed: UInt64, isWeighted: Bool = false) {
        var state = seed
        func uniform() -> Float {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Float(state >> 40) / Float(1 << 24)
        }
        let features = (0..<examples * 5).map { _ in 2 * uniform() - 1 + uniform() }
        self.features = features
        // the largest of the first three features is the class, but for a fifth of the examples
        classes = (0..<examples).map { example in
            let first = features[example * 5..<example * 5 + 3]
            let largest = (first.firstIndex(of: first.max() ?? 0) ?? 0) - example * 5
            return example < 3 ? example : uniform() < 0.2 ? Int(3 * uniform()) : largest
        }
        weights = isWeighted ? (0..<examples).map { _ in (4 * uniform()).rounded(.down) / 2 } : nil
    }

    var data: LoadedData {
        get throws {
            let train = try Dataset(features: features, shape: [width], classes: classes, weights: weights)
            return LoadedData(
                train: train, test: nil,
                preprocessing: Preprocessing(
                    featureShape: [width], features: .uniform(scale: 1, shift: 0),
                    target: .classes(names: ["a", "b", "c"])))
        }
    }

    func subject(batch: Int, seed: UInt64 = 42) throws -> Subject {
        let recipe = Recipe(
            model: LayerList { Dense(.classes) }, batch: Batch(size: batch), optimizer: .sgd,
            learningRate: .constant(0.1), epochs: 3, seed: seed)
        return try Subject(recipe, data: data).trained(for: .updates(2))
    }

    /// The gradients of all examples at a subject's parameters, each times its weight over the mean weight.
    func gradients(at subject: Subject) -> [[Double]] {
        guard let model = subject.model, let w = model.parameter("0.weight")?.values,
            let b = model.parameter("0.bias")?.values
        else { return [] }
        let mean = weights.map { $0.reduce(0) { $0 + Double($1) } / Double($0.count) } ?? 1
        return classes.indices.map { example in
            let x = (0..<width).map { Double(features[example * width + $0]) }
            let scores = (0..<classCount).map { output in
                (0..<width).reduce(Double(b[output])) { $0 + Double(w[output * width + $1]) * x[$1] }
            }
            let sum = scores.reduce(0) { $0 + exp($1) }
            let factor = Double(weights?[example] ?? 1) / mean
            return (0..<classCount).flatMap { output -> [Double] in
                let slope = factor * (exp(scores[output]) / sum - (classes[example] == output ? 1 : 0))
                return x.map { slope * $0 } + [slope]
            }
        }
    }

    /// |G|^2 and tr(S) over all examples.
    static func moments(_ gradients: [[Double]]) -> (squaredNorm: Double, variance: Double) {
        let count = Double(gradients.count)
        let mean = (gradients.first ?? []).indices.map { place in gradients.reduce(0) { $0 + $1[place] } / count }
        let norm = mean.reduce(0) { $0 + $1 * $1 }
        let square = gradients.reduce(0) { $0 + $1.reduce(0) { $0 + $1 * $1 } } / count
        return (norm, square - norm)
    }
}

extension LoadedData {
    /// The same data with another training set.
    func replacing(train: Dataset) -> LoadedData { LoadedData(train: train, test: nil, preprocessing: preprocessing) }
}
