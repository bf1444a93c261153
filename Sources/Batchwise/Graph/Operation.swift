/// What a node of the graph computes from its inputs.
///
/// Row operations keep the batch axis and treat examples one by one (normalisation over a ghost batch or the whole batch:
/// group by group). Reductions end the
/// batch axis; they are gradients of parameters, and come last in an update.
package enum Operation: Hashable, Sendable {
    // Sources
    /// Features of the examples.
    case input
    /// The same, read from the data set's sparse rows and never written out.
    case sparseInput
    /// Targets: a class number, or the values to predict.
    case target
    /// Each example's share of the batch, w_i / sum(w).
    case share
    /// The parameter with this index in `Graph.parameters`.
    case parameter(Int)

    // Products
    /// [x, w] or [x, w, bias]: x `[batch, ..., in]`, w `[in, out]`; y = x w + bias.
    case dense
    /// [dy, w]: dy w'.
    case denseInputGradient
    /// [x, w] or [x, w, bias]: x already carries its padding.
    case convolution(ConvolutionShape)
    /// [dy, w]: dy padded (and spread by the stride) so that a plain convolution with w flipped gives dx. The shape is that
    /// convolution's: its inputs are the forward outputs.
    case convolutionInputGradient(ConvolutionShape)
    /// [x]: zeros around and between pixels; negative `top` and `left` crop.
    case pad(PadShape)

    // Element by element
    case unary(Unary)
    /// [reference, dy]: dy times the slope; the reference is the output where `Unary.slopeFromOutput`, else the input.
    case unaryGradient(Unary)
    /// [a, b]: b has a's shape, or is a parameter whose shape is the end of a's, or is a's shape with last axis 1.
    case binary(Binary)
    /// [x]: inverted dropout; `stream` tells the dropout layers of a model apart. Its own gradient.
    case dropout(rate: Float, stream: Int)
    /// [x]: sums over the last axis, which becomes 1.
    case sumLast
    /// [x]: repeats a last axis of 1.
    case spreadLast
    /// [x]: the same numbers under another shape.
    case reshape
    /// [x]: the same numbers rounded to bfloat16, rows two by two, as weight gradients read them.
    case pairRows

    // Windows
    case maxPool(PoolShape)
    /// [x, dy]
    case maxPoolGradient(PoolShape)
    case averagePool(PoolShape)
    /// [dy]
    case averagePoolGradient(PoolShape)

    // Normalisation
    /// [x]: means and reciprocal deviations, see `Normalisation`.
    case moments(Normalisation)
    /// [x, moments]: (x - mean) / deviation.
    case normalise(Normalisation)
    /// [y, moments, dy], y the normalised x: dx through the moments too.
    case normaliseGradient(Normalisation)
    /// [x, mean, variance]: with fixed statistics, for inference.
    case runningNormalise(epsilon: Float)
    /// [dy, variance]: dy / deviation.
    case runningNormaliseGradient(epsilon: Float)

    // Embedding
    /// [ids, table]
    case embedding

    // Losses
    /// [prediction, target]: `[batch, 2]`, the loss of each example and 1 where the prediction is right.
    case loss(Loss)
    /// [prediction, target, share]: share * d loss / d prediction.
    case lossGradient(Loss)

    // Reductions over the batch
    /// [x, dy]: x' dy, shaped as the dense weight.
    case denseWeightGradient
    /// [x, dy]
    case convolutionWeightGradient(ConvolutionShape)
    /// [ids, dy]
    case embeddingGradient
    /// [dy]: sums over the batch and every axis but the last ones that the parameter has.
    case sumRows

    /// Filled from the data set before anything runs.
    package var isGathered: Bool {
        switch self {
        case .input, .target, .share: true
        default: false
        }
    }

    package var isReduction: Bool {
        switch self {
        case .denseWeightGradient, .convolutionWeightGradient, .embeddingGradient, .sumRows: true
        default: false
        }
    }
}

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
}

package enum Binary: Hashable, Sendable {
    case add, subtract, multiply, divide
}

/// A convolution over an input that already carries its padding.
///
/// Weights are `[groups, kernelHeight, kernelWidth, inChannels / groups, outChannels / groups]`.
package struct ConvolutionShape: Hashable, Sendable {
    package var inHeight, inWidth, inChannels: Int
    package var outHeight, outWidth, outChannels: Int
    package var kernelHeight, kernelWidth: Int
    package var strideHeight = 1, strideWidth = 1, dilationHeight = 1, dilationWidth = 1, groups = 1
}

package struct PadShape: Hashable, Sendable {
    package var height, width, channels: Int
    package var outHeight, outWidth: Int
    package var top, left: Int
    package var betweenRows = 0, betweenColumns = 0
}

package struct PoolShape: Hashable, Sendable {
    package var height, width, channels: Int
    package var outHeight, outWidth: Int
    package var windowHeight, windowWidth, strideHeight, strideWidth: Int
}

/// Over which numbers a normalisation takes its mean and (biased) variance.
package enum Normalisation: Hashable, Sendable {
    /// Within an example: each of `groups` equal groups of channels over all `positions`. The tensor is
    /// `[batch * lead, positions, channels]`; moments are `[batch * lead, groups, 2]`: (mean, 1/deviation) pairs.
    /// A layer norm over the last axis has positions 1 and groups 1, with `lead` positions normalised apart.
    case group(lead: Int, positions: Int, channels: Int, groups: Int, epsilon: Float)
    /// Across examples: each channel over chunks of `size` consecutive examples of the batch (the last may be smaller)
    /// and all positions. Moments are `[batch, 2, channels]` (means, then 1/deviations), of which the first example of
    /// each chunk holds the chunk's.
    case ghost(size: Int, positions: Int, channels: Int, epsilon: Float)
    /// Across the whole batch: each channel over all examples and positions, however the batch is cut. Moments are
    /// `[2, channels]`.
    case batch(positions: Int, channels: Int, epsilon: Float)
}
