import Foundation

/// The probabilities that a model's outputs stand for, in the precision of Doubles.
struct ClassProbabilities {
    private let count: Int
    private let outputs: Int

    /// - Parameters:
    ///   - count: the number of classes.
    ///   - outputs: the number of outputs; one tells two classes apart.
    init(classes count: Int, outputs: Int) {
        self.count = count
        self.outputs = outputs
    }

    /// log sum_j exp(z_j) of the logits of an example.
    func normaliser(_ logits: UnsafeBufferPointer<Float>) -> Double {
        guard outputs > 1 else { return softplus(Double(logits[0])) }
        let largest = Double(logits.max() ?? 0)
        return largest + log(logits.reduce(0) { $0 + exp(Double($1) - largest) })
    }

    /// -log of the probability of a class.
    func loss(of label: Int, _ logits: UnsafeBufferPointer<Float>) -> Double {
        guard outputs > 1 else { return softplus(label == 1 ? -Double(logits[0]) : Double(logits[0])) }
        return normaliser(logits) - Double(logits[label])
    }

    /// A number that orders examples as the probability of a class does. With two classes it is the logit of the second
    /// one, which no rounding to 1 makes ties of.
    func score(of label: Int, _ logits: UnsafeBufferPointer<Float>, normaliser: Double) -> Double {
        guard outputs > 1 else { return label == 1 ? Double(logits[0]) : -Double(logits[0]) }
        guard count > 2 else { return Double(logits[label]) - Double(logits[1 - label]) }
        return exp(Double(logits[label]) - normaliser)
    }

    /// log(1 + exp(z))
    private func softplus(_ logit: Double) -> Double { max(logit, 0) + log1p(exp(-abs(logit))) }
}
