/// The values that a parameter begins with.
public enum Initialisation: Hashable, Sendable {
    /// Every element is 0.
    case zeros
    /// Every element is 1.
    case ones
    /// Normal with this standard deviation.
    case normal(Float)
    /// Uniform in [-bound, bound].
    case uniform(Float)
}

/// The rule for the first values of a layer's weights, by the number of inputs and outputs of each unit.
public enum WeightInitialisation: String, Hashable, Sendable, CaseIterable {
    /// Normal, deviation sqrt(2 / inputs): for ReLU and its kin [He 2015].
    case he
    /// Uniform, bound sqrt(6 / (inputs + outputs)): for tanh and sigmoid [Glorot 2010].
    case glorot
    /// Normal, deviation sqrt(1 / inputs) [LeCun 1998].
    case lecun
    /// Every weight is 0.
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
        return (0..<count).map { initialValue(random, at: $0) }
    }

    /// The first value at a place, in this library's layout, by the random numbers of the parameter.
    func initialValue(_ random: CounterRandom, at place: Int) -> Float {
        switch initialisation {
        case .zeros: 0
        case .ones: 1
        case .normal(let deviation): Float(random.normal(at: UInt64(place))) * deviation
        case .uniform(let bound): Float(2 * random.uniform(at: UInt64(place)) - 1) * bound
        }
    }
}
