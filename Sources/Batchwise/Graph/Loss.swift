/// The function of an example that training minimises. A batch's loss is sum(w_i loss_i) / sum(w_i).
public enum Loss: Hashable, Sendable {
    /// -log softmax(logits)[class]; with smoothing s the target is (1 - s) on the class plus s / classes everywhere.
    case softmaxCrossEntropy(labelSmoothing: Float = 0)
    /// log(1 + e^z) - t z for logits z and targets t in [0, 1], the mean over outputs.
    case binaryCrossEntropy
    /// (y - t)^2, the mean over outputs; half of it where `half` is true, so that the gradient is y - t.
    case meanSquaredError(half: Bool = false)
    /// d^2 / 2 up to |d| = delta and delta (|d| - delta / 2) beyond, the mean over outputs [Huber 1964].
    case huber(delta: Float = 1)
    /// A loss of the program's own, made by ``custom(_:)``.
    case ofProgram(ProgramLoss)

    /// `.softmaxCrossEntropy()` without smoothing.
    public static var softmaxCrossEntropy: Loss { .softmaxCrossEntropy(labelSmoothing: 0) }

    /// Whether the outputs for classes are logits, which stand for probabilities.
    var hasProbabilities: Bool {
        switch self {
        case .softmaxCrossEntropy, .binaryCrossEntropy: true
        case .meanSquaredError, .huber, .ofProgram: false
        }
    }

    /// Whether predictions are right or wrong, so that accuracy has a meaning.
    public var isClassification: Bool {
        switch self {
        case .softmaxCrossEntropy, .binaryCrossEntropy: true
        case .meanSquaredError, .huber: false
        case .ofProgram(let program): program.loss.isClassification
        }
    }
}
