import Foundation

// Losses of one example for predictions z and targets t, in Double.

extension Loss {
    /// The values that the predictions of a row should have: for softmax a probability for each class.
    func targets<Scalar: BinaryFloatingPoint>(
        _ row: Int, _ targets: [Scalar], _ rows: Int, _ width: Int
    ) -> [Double] {
        guard case .softmaxCrossEntropy(let smoothing) = self else {
            return targets[row * width..<(row + 1) * width].map { Double($0) }
        }
        var probabilities = [Double](repeating: Double(smoothing) / Double(width), count: width)
        if targets.count == rows {
            probabilities[Int(targets[row])] += 1 - Double(smoothing)
        } else {
            // a mixture of two classes, and the part of the first
            probabilities[Int(targets[3 * row])] += (1 - Double(smoothing)) * Double(targets[3 * row + 2])
            probabilities[Int(targets[3 * row + 1])] += (1 - Double(smoothing)) * (1 - Double(targets[3 * row + 2]))
        }
        return probabilities
    }

    func value(_ z: [Double], _ t: [Double]) -> Double {
        let width = Double(z.count)
        switch self {
        case .softmaxCrossEntropy:
            let logarithms = logSoftmax(z)
            return -zip(t, logarithms).reduce(0.0) { $0 + $1.0 * $1.1 }
        case .binaryCrossEntropy:
            return zip(z, t).reduce(0.0) { $0 + softplus($1.0) - $1.1 * $1.0 } / width
        case .meanSquaredError(let half):
            return zip(z, t).reduce(0.0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / width * (half ? 0.5 : 1)
        case .huber(let delta):
            let delta = Double(delta)
            return zip(z, t).reduce(0.0) { sum, pair in
                let distance = abs(pair.0 - pair.1)
                return sum + (distance <= delta ? distance * distance / 2 : delta * (distance - delta / 2))
            } / width
        case .ofProgram(let program): program.isLowered()
        }
    }

    /// d loss / d z
    func slopes(_ z: [Double], _ t: [Double]) -> [Double] {
        let width = Double(z.count)
        switch self {
        case .softmaxCrossEntropy: return zip(logSoftmax(z), t).map { exp($0) - $1 }
        case .binaryCrossEntropy: return zip(z, t).map { (1 / (1 + exp(-$0)) - $1) / width }
        case .meanSquaredError(let half): return zip(z, t).map { ($0 - $1) * (half ? 1 : 2) / width }
        case .huber(let delta):
            return zip(z, t).map { min(max($0 - $1, -Double(delta)), Double(delta)) / width }
        case .ofProgram(let program): program.isLowered()
        }
    }

    func isRight(_ z: [Double], _ t: [Double]) -> Bool {
        switch self {
        case .softmaxCrossEntropy: z.firstIndex(of: z.max() ?? 0) == t.firstIndex(of: t.max() ?? 0)
        case .binaryCrossEntropy: zip(z, t).allSatisfy { ($0 > 0) == ($1 > 0.5) }
        case .meanSquaredError, .huber: false
        case .ofProgram(let program): program.isLowered()
        }
    }

    func logSoftmax(_ z: [Double]) -> [Double] {
        let largest = z.max() ?? 0
        let logSum = log(z.reduce(0.0) { $0 + exp($1 - largest) }) + largest
        return z.map { $0 - logSum }
    }

    /// log(1 + e^z), without overflow.
    private func softplus(_ z: Double) -> Double { max(z, 0) + log1p(exp(-abs(z))) }
}
