/// How a parameter begins.
public enum Initialisation: Hashable, Sendable {
    case zeros
    case ones
    /// Normal with this standard deviation.
    case normal(Float)
    /// Uniform in [-bound, bound].
    case uniform(Float)
}

/// How a layer's weights begin, by the number of inputs and outputs that each unit has.
public enum WeightInitialisation: String, Hashable, Sendable, CaseIterable {
    /// Normal, deviation sqrt(2 / inputs): for ReLU and its kin [He 2015].
    case he
    /// Uniform, bound sqrt(6 / (inputs + outputs)): for tanh and sigmoid [Glorot 2010].
    case glorot
    /// Normal, deviation sqrt(1 / inputs) [LeCun 1998].
    case lecun
    case zeros

    func resolved(inputs: Int, outputs: Int) -> Initialisation {
        switch self {
        case .he: .normal((2 / Float(inputs)).squareRoot())
        case .glorot: .uniform((6 / Float(inputs + outputs)).squareRoot())
        case .lecun: .normal((1 / Float(inputs)).squareRoot())
        case .zeros: .zeros
        }
    }
}

extension Parameter {
    /// The first values, in this library's layout: a pure function of the recipe's seed and the parameter's place.
    package func initialValues(seed: UInt64, index: Int) -> [Float] {
        let random = CounterRandom(seed: seed, purpose: .initialisation, layer: index)
        switch initialisation {
        case .zeros: return [Float](repeating: 0, count: count)
        case .ones: return [Float](repeating: 1, count: count)
        case .normal(let deviation):
            return (0..<count).map { Float(random.normal(at: UInt64($0))) * deviation }
        case .uniform(let bound):
            return (0..<count).map { Float(2 * random.uniform(at: UInt64($0)) - 1) * bound }
        }
    }
}
