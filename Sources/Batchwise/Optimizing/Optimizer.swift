/// How a finished batch gradient g changes the parameters w, once an update.
///
/// Velocities are free of the learning rate (v <- m v + g; w <- w - rate v), so a rate that changes needs no momentum
/// correction [Goyal 2017]. Weight decay leaves biases and the gains and shifts of normalisation alone.
public enum Optimizer: Hashable, Sendable {
    /// v <- momentum v + g; w <- w - rate v, or w - rate (g + momentum v) with Nesterov's form.
    ///
    /// Coupled decay adds weightDecay w to g; decoupled decay multiplies w by 1 - rate weightDecay first
    /// [Loshchilov 2019].
    case sgd(momentum: Float = 0, nesterov: Bool = false, weightDecay: Float = 0, decoupled: Bool = false)
    /// Adam with bias correction; decay is added to the gradient [Kingma 2015].
    case adam(beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8, weightDecay: Float = 0)
    /// Adam with decoupled decay [Loshchilov 2019].
    case adamW(beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8, weightDecay: Float = 0.01)

    /// Plain SGD.
    public static var sgd: Optimizer { .sgd(momentum: 0) }

    /// The vectors it keeps, each as long as the parameters.
    var stateNames: [String] {
        switch self {
        case .sgd(let momentum, _, _, _): momentum == 0 ? [] : ["momentum"]
        case .adam, .adamW: ["mean", "square"]
        }
    }

    /// Whether it has a momentum (or beta1) that a learning rate can drive.
    var hasMomentum: Bool { stateNames.contains { $0 == "momentum" || $0 == "mean" } }

    /// The learning rate where a recipe names none: right for batches of 32 on many small problems, carried to other
    /// batches by the square root rule, which errs on the safe side.
    package var defaultLearningRate: LearningRate {
        let base =
            switch self {
            case .sgd(let momentum, _, _, _): momentum == 0 ? 0.1 : 0.03
            case .adam, .adamW: 0.001
            }
        return LearningRate(base: base, atBatch: 32, scaling: .squareRoot, decay: LearningRate.usualDecay)
    }
}
