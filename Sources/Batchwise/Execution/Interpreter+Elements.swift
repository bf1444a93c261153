import Foundation

/// Element by element: functions of one number and their slopes, arithmetic, dropout, sums over the last axis.
extension Interpreter {
    static func unary(_ unary: Unary, _ x: [Scalar]) -> [Scalar] {
        x.map { Scalar(unary.value(Double($0))) }
    }

    /// dy times the slope, which the reference tells: the output where `Unary.slopeFromOutput`, else the input.
    static func unaryGradient(_ unary: Unary, reference: [Scalar], _ dy: [Scalar]) -> [Scalar] {
        zip(reference, dy).map { Scalar(Double($1) * unary.slope(Double($0))) }
    }

    /// b has the shape of a, or is a parameter and the end of it, or has 1 as its last axis.
    static func binary(
        _ binary: Binary, _ a: [Scalar], _ b: [Scalar], _ aShape: Shape, _ bShape: Shape
    ) -> [Scalar] {
        a.indices.map { index in
            let partner =
                if !bShape.hasBatch { b[index % b.count] } else if bShape == aShape { b[index] } else {
                    b[index / aShape.width]
                }
            return switch binary {
            case .add: a[index] + partner
            case .subtract: a[index] - partner
            case .multiply: a[index] * partner
            case .divide: a[index] / partner
            }
        }
    }

    static func sumLast(_ x: [Scalar], width: Int) -> [Scalar] {
        (0..<x.count / width).map { row in
            Scalar(x[row * width..<(row + 1) * width].reduce(0.0) { $0 + Double($1) })
        }
    }

    static func spreadLast(_ x: [Scalar], width: Int) -> [Scalar] {
        x.flatMap { Array(repeating: $0, count: width) }
    }

    /// Inverted dropout: each element is 0 with probability `rate`, and 1 / (1 - rate) times as large otherwise.
    static func dropout(_ x: [Scalar], rate: Float, stream: Int, _ batch: Batch) -> [Scalar] {
        let width = x.count / batch.examples.count
        let key = DropoutHash.mix(batch.dropoutKey ^ UInt64(stream))
        let scale = 1 / (1 - Scalar(rate))
        return x.indices.map { index in
            let hash = DropoutHash.bits(key: key, example: batch.examples[index / width], element: index % width)
            // A uniform 32-bit number is below rate * 2^32 with probability rate.
            return Double(hash) < (Double(rate) * 0x1p32).rounded(.down) ? 0 : x[index] * scale
        }
    }
}

/// The random bits of dropout, a pure function of the layer's key, the example's number and the element's.
enum DropoutHash {
    /// SplitMix64: one step from `state`, and its finaliser.
    static func mix(_ state: UInt64) -> UInt64 {
        var z = state &+ 0x9E37_79B9_7F4A_7C15
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    static func bits(key: UInt64, example: UInt64, element: Int) -> UInt32 {
        let row = mix(key ^ mix(example))
        let low = UInt32(truncatingIfNeeded: row)
        let high = UInt32(truncatingIfNeeded: row >> 32)
        return mix(mix(UInt32(truncatingIfNeeded: element) &* 0x9E37_79B1 &+ low) ^ high)
    }

    private static func mix(_ word: UInt32) -> UInt32 {
        var h = word
        h = (h ^ (h >> 16)) &* 0x7FEB_352D
        h = (h ^ (h >> 15)) &* 0x846C_A68B
        return h ^ (h >> 16)
    }
}

extension Unary {
    fileprivate func value(_ x: Double) -> Double {
        switch self {
        case .relu: x > 0 || x.isNaN ? x : 0
        case .leakyRelu(let slope): x > 0 ? x : Double(slope) * x
        case .tanh: Foundation.tanh(x)
        case .sigmoid: 1 / (1 + Foundation.exp(-x))
        case .gelu: x * normalDistribution(x)
        case .silu: x / (1 + Foundation.exp(-x))
        case .exp: Foundation.exp(x)
        case .log: Foundation.log(x)
        case .sqrt: x.squareRoot()
        case .square: x * x
        case .reciprocal: 1 / x
        case .scale(let factor): Double(factor) * x
        case .offset(let offset): Double(offset) + x
        }
    }

    /// The derivative, at the input or told by the output `r`; at the corner of a rectifier that of the left side.
    fileprivate func slope(_ r: Double) -> Double {
        switch self {
        case .relu: r > 0 ? 1 : 0
        case .leakyRelu(let slope): r > 0 ? 1 : Double(slope)
        case .tanh: 1 - r * r
        case .sigmoid: r * (1 - r)
        case .gelu: normalDistribution(r) + r * Foundation.exp(-r * r / 2) / (2 * Double.pi).squareRoot()
        case .silu:
            1 / (1 + Foundation.exp(-r)) + r * Foundation.exp(-abs(r)) / pow(1 + Foundation.exp(-abs(r)), 2)
        case .exp: r
        case .log: 1 / r
        case .sqrt: 1 / (2 * r)
        case .square: 2 * r
        case .reciprocal: -r * r
        case .scale(let factor): Double(factor)
        case .offset: 1
        }
    }

    /// The chance that a standard normal number is below x.
    private func normalDistribution(_ x: Double) -> Double { (1 + erf(x / 2.0.squareRoot())) / 2 }
}
