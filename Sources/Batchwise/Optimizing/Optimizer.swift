/// How a finished batch gradient g changes the parameters w, once an update.
///
/// Velocities are free of the learning rate (v <- m v + g; w <- w - rate v), so a rate that changes needs no momentum
/// correction [Goyal 2017]. Weight decay leaves biases and the gains and shifts of normalisation alone. Where PyTorch has
/// an optimizer of the name, the formulas are its own.
public enum Optimizer: Hashable, Sendable {
    /// v <- momentum v + (1 - dampening) g, but g in the first update; w <- w - rate v, or w - rate (g + momentum v) with
    /// Nesterov's form.
    ///
    /// Coupled decay adds weightDecay w to g; decoupled decay multiplies w by 1 - rate weightDecay first
    /// [Loshchilov 2019].
    case sgd(
        momentum: Float = 0, nesterov: Bool = false, weightDecay: Float = 0, decoupled: Bool = false,
        dampening: Float = 0)
    /// Adam with bias correction; decay is added to the gradient [Kingma 2015]. AMSGrad divides by the largest mean square
    /// that there has been [Reddi 2018].
    case adam(
        beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8, weightDecay: Float = 0, amsgrad: Bool = false)
    /// Adam with decoupled decay [Loshchilov 2019].
    case adamW(
        beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8, weightDecay: Float = 0.01,
        amsgrad: Bool = false)
    /// Adam with Nesterov's momentum, which grows as 1 - 0.96^(t momentumDecay) / 2 [Dozat 2016].
    case nadam(
        beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8, momentumDecay: Float = 0.004,
        weightDecay: Float = 0, decoupled: Bool = false)
    /// g over the root of its mean square, or of its variance where centered [Tieleman 2012, Graves 2013].
    case rmsprop(
        smoothing: Float = 0.99, epsilon: Float = 1e-8, momentum: Float = 0, centered: Bool = false,
        weightDecay: Float = 0)
    /// g over the root of the sum of its squares, which begins at `initial`; rateDecay d divides the rate of update t by
    /// 1 + (t - 1) d [Duchi 2011].
    case adagrad(rateDecay: Float = 0, initial: Float = 0, epsilon: Float = 1e-10, weightDecay: Float = 0)
    /// SGD whose gradient g + weightDecay w counts trust |w| / (|g| + weightDecay |w|) in each parameter [You 2017].
    ///
    /// The factor is 1 for parameters of one dimension, and where a norm is 0.
    case lars(momentum: Float = 0.9, trust: Float = 0.02, weightDecay: Float = 0.0001)
    /// Adam whose direction r, decay included, is made as long as the parameter: rate |w| / |r| [You 2020].
    ///
    /// The factor is 1 for parameters of one dimension, and where a norm is 0.
    case lamb(beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-6, weightDecay: Float = 0.01)
    /// The sign of beta1 m + (1 - beta1) g, with decoupled decay; m <- beta2 m + (1 - beta2) g [Chen 2023].
    case lion(beta1: Float = 0.9, beta2: Float = 0.99, weightDecay: Float = 0.01)
    /// Momentum made nearly orthogonal by five Newton-Schulz steps, for the weights of hidden dense layers and of
    /// convolutions, seen as matrices [outputs, inputs]; AdamW for everything else: the last layer, embeddings, biases,
    /// gains and shifts [Jordan 2024].
    ///
    /// The coefficients are (3.4445, -4.7750, 2.0315), as in torch.optim.Muon, whose products are of bfloat16; these are
    /// of float32.
    case muon(
        momentum: Float = 0.95, nesterov: Bool = true, weightDecay: Float = 0.1, length: MuonLength = .adamW,
        beta1: Float = 0.9, beta2: Float = 0.95, epsilon: Float = 1e-10)

    /// How long the step of a matrix [outputs, inputs] is against the rate.
    public enum MuonLength: String, Hashable, Sendable, CaseIterable {
        /// 0.2 sqrt(max(outputs, inputs)): about as long as AdamW's, so that one rate serves both [Liu 2025].
        case adamW = "adamw"
        /// sqrt(max(1, outputs / inputs)) [Jordan 2024].
        case original
    }

    /// Plain SGD.
    public static var sgd: Optimizer { .sgd(momentum: 0) }
}
