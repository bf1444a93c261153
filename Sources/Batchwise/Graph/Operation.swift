/// The function that a node of the graph computes from its inputs.
///
/// Row operations keep the batch axis and treat examples one by one (normalisation over a ghost batch or the whole
/// batch: group by group). Reductions end the batch axis; they are gradients of parameters, and come last in an update.
///
/// The row of traits of an operation, in `Operations`, says everything else about it.
package enum Operation: Hashable, Sendable {
    // Sources
    /// Features of the examples.
    case input
    /// Features of the examples, read from the data set's sparse rows and never written out.
    case sparseInput
    /// Targets: a class number, or the values to predict.
    case target
    /// The weight of each example in the gradient of the batch: w_i / (n w), w the mean weight of the training set.
    case exampleWeight
    /// The parameter with this index in `Graph.parameters`.
    case parameter(Int)

    // Products
    /// [x, w] or [x, w, bias]: x `[batch, ..., in]`, w `[in, out]`; y = x w + bias.
    case dense
    /// [dy, w]: dy w'.
    case denseInputGradient
    /// [x, w] or [x, w, bias]: x already carries its padding.
    case convolution(ConvolutionShape)
    /// [dy, w]: dy padded (and spread by the stride) so that a plain convolution with w flipped gives dx. The shape is
    /// that convolution's: its inputs are the forward outputs.
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
    /// [x]: the last two axes in each other's place; x is `[batch, a, b]`. Its own gradient.
    case transpose
    /// [x]: the same numbers rounded to bfloat16, rows two by two, as weight gradients read them.
    case pairRows

    // Windows
    case maxPool(PoolShape)
    /// [x, dy]
    case maxPoolGradient(PoolShape)
    case averagePool(PoolShape)
    /// [dy]
    case averagePoolGradient(PoolShape)
    /// [x, dx]: the tangent of the largest number of each window.
    case maxPoolTangent(PoolShape)

    // Normalisation
    /// [x]: means and reciprocal deviations, see `Normalisation`.
    case moments(Normalisation)
    /// [x, moments]: (x - mean) / deviation.
    case normalise(Normalisation)
    /// [y, moments, dy], y the normalised x: dx through the moments too.
    case normaliseGradient(Normalisation)
    /// [y, moments, dy, tangent of x]: how `normaliseGradient` changes with x while dy stays.
    case normaliseGradientTangent(Normalisation)
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
    /// [prediction, target, exampleWeight]: exampleWeight * d loss / d prediction.
    case lossGradient(Loss)
    /// [prediction, target, tangent of the prediction]: `[batch, 2]`, the tangent of each example's loss, and 0.
    case lossTangent(Loss)
    /// [prediction, target, exampleWeight, tangent of the prediction]: exampleWeight * d^2 loss / d prediction^2 times
    /// the tangent.
    case lossGradientTangent(Loss)

    // Reductions over the batch
    /// [x, dy]: x' dy, shaped as the dense weight.
    case denseWeightGradient
    /// [x, dy]
    case convolutionWeightGradient(ConvolutionShape)
    /// [ids, dy]
    case embeddingGradient
    /// [dy]: sums over the batch and every axis but the last ones that the parameter has.
    case sumRows
}

extension Operation {
    /// The row of traits of each operation. The switch is exhaustive: a case without a row does not compile.
    var traits: any OperationTraits {
        switch self {
        case .input, .target, .exampleWeight: GatheredTraits(operation: self)
        case .sparseInput: SparseInputTraits()
        case .parameter(let index): ParameterTraits(index: index)
        case .dense: DenseTraits()
        case .denseInputGradient: DenseInputGradientTraits()
        case .denseWeightGradient: DenseWeightGradientTraits()
        case .convolution(let shape): ConvolutionTraits(convolution: shape)
        case .convolutionInputGradient(let shape): ConvolutionInputGradientTraits(convolution: shape)
        case .convolutionWeightGradient(let shape): ConvolutionWeightGradientTraits(convolution: shape)
        case .pad(let shape): PadTraits(pad: shape)
        case .unary(let unary): UnaryTraits(unary: unary)
        case .unaryGradient(let unary): UnaryGradientTraits(unary: unary)
        case .binary(let binary): BinaryTraits(binary: binary)
        case .dropout(let rate, let stream): DropoutTraits(rate: rate, stream: stream)
        case .sumLast: SumLastTraits()
        case .spreadLast: SpreadLastTraits()
        case .reshape: ReshapeTraits()
        case .transpose: TransposeTraits()
        case .pairRows: PairRowsTraits()
        case .maxPool(let pool): MaxPoolTraits(pool: pool)
        case .maxPoolGradient(let pool): MaxPoolGradientTraits(pool: pool)
        case .maxPoolTangent(let pool): MaxPoolTangentTraits(pool: pool)
        case .averagePool(let pool): AveragePoolTraits(pool: pool)
        case .averagePoolGradient(let pool): AveragePoolGradientTraits(pool: pool)
        case .moments(let normalisation): MomentsTraits(normalisation: normalisation)
        case .normalise(let normalisation): NormaliseTraits(normalisation: normalisation)
        case .normaliseGradient(let normalisation): NormaliseGradientTraits(normalisation: normalisation)
        case .normaliseGradientTangent(let normalisation):
            NormaliseGradientTangentTraits(normalisation: normalisation)
        case .runningNormalise(let epsilon): RunningNormaliseTraits(epsilon: epsilon)
        case .runningNormaliseGradient(let epsilon): RunningNormaliseGradientTraits(epsilon: epsilon)
        case .embedding: EmbeddingTraits()
        case .embeddingGradient: EmbeddingGradientTraits()
        case .loss(let loss): LossTraits(loss: loss)
        case .lossGradient(let loss): LossGradientTraits(loss: loss)
        case .lossTangent(let loss): LossTangentTraits(loss: loss)
        case .lossGradientTangent(let loss): LossGradientTangentTraits(loss: loss)
        case .sumRows: SumRowsTraits()
        }
    }

    /// Filled from the data set before anything runs.
    package var isGathered: Bool { traits.ownership == .gathered }

    package var isReduction: Bool { traits is any ReductionTraits }

    /// The operation's name in words: `denseInputGradient` is "dense input gradient".
    package var words: String {
        var words = ""
        // a mirror does not look at the payload, whose description takes a search for protocols
        for character in Mirror(reflecting: self).children.first?.label ?? String(describing: self) {
            words += character.isUppercase ? " " + character.lowercased() : String(character)
        }
        return words
    }
}
