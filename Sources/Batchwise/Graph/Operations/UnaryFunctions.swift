import CKernels
import Foundation

/// A function of one number. `constant` cases carry it.
package enum Unary: Hashable, Sendable {
    case relu
    case leakyRelu(Float)
    case tanh, sigmoid, gelu, silu
    case exp, log, sqrt, square, reciprocal
    case scale(Float)
    case offset(Float)

    /// Whether the slope is computed from the output (which lets the input's memory go).
    package var slopeFromOutput: Bool {
        switch self {
        case .relu, .tanh, .sigmoid, .exp, .sqrt, .reciprocal: true
        case .leakyRelu(let slope): slope > 0
        default: false
        }
    }

    func value(_ x: Double) -> Double {
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
    func slope(_ r: Double) -> Double {
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

    var kernel: (kind: bw_unary_kind, constant: Float) {
        switch self {
        case .relu: (BW_RELU, 0)
        case .leakyRelu(let slope): (BW_LEAKY_RELU, slope)
        case .tanh: (BW_TANH, 0)
        case .sigmoid: (BW_SIGMOID, 0)
        case .gelu: (BW_GELU, 0)
        case .silu: (BW_SILU, 0)
        case .exp: (BW_EXP, 0)
        case .log: (BW_LOG, 0)
        case .sqrt: (BW_SQRT, 0)
        case .square: (BW_SQUARE, 0)
        case .reciprocal: (BW_RECIPROCAL, 0)
        case .scale(let factor): (BW_SCALE, factor)
        case .offset(let offset): (BW_OFFSET, offset)
        }
    }
}
