import Foundation

/// Turns a model's outputs into probabilities of classes.
///
/// - Several outputs are logits, one a class: p_i = exp(z_i - max z) / sum_j exp(z_j - max z).
/// - One output tells two classes apart: the probability of the second is 1 / (1 + exp(-z)).
///
/// Sums and quotients are of Doubles, rounded once.
package enum Probabilities {
    /// The class of a row: the place of its largest logit, the first of equal ones.
    package static func place(_ logits: UnsafeBufferPointer<Float>) -> Int {
        guard logits.count > 1 else { return logits.count == 1 && logits[0] > 0 ? 1 : 0 }
        var best = 0
        for index in 1..<logits.count where logits[index] > logits[best] { best = index }
        return best
    }

    /// Turns logits into their probabilities, in place.
    package static func softmax(_ row: UnsafeMutableBufferPointer<Float>) {
        let largest = row[place(UnsafeBufferPointer(row))]
        var sum = 0.0
        for logit in row { sum += exp(Double(logit - largest)) }
        for index in row.indices { row[index] = Float(exp(Double(row[index] - largest)) / sum) }
    }

    /// The probability of the second of two classes.
    package static func logistic(_ logit: Float) -> Float { Float(1 / (1 + exp(-Double(logit)))) }
}
