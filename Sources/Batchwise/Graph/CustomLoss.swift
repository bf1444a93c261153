/// A loss of the program's own: the loss of one example, as operations of the graph.
///
/// ```swift
/// /// The mean over outputs of log(cosh(y - t)).
/// struct LogCosh: CustomLoss {
///     var isClassification: Bool { false }
///
///     func lower(
///         predictions: Symbol, targets: Symbol, into graph: inout GraphBuilder
///     ) throws(GraphError) -> Symbol {
///         let distance = predictions - targets
///         return (0.5 * (distance.exp() + (-distance).exp())).log().meanLast()
///     }
/// }
/// let recipe = Recipe(model: model, loss: .custom(LogCosh()))
/// ```
/// Its gradient comes from the graph. The engine applies the weights of examples, the mean over the batch and its cut,
/// as for every loss: a batch's loss is sum(w_i loss_i) / sum(w_i), and the bits are the same for any threads and
/// micro-batch. The loss of an example is a function of that example alone, and has no parameters.
///
/// No file can hold such a recipe: writing it throws `RecipeError`. Checkpoints are written, and resumed by the
/// program.
public protocol CustomLoss: Hashable, Sendable {
    /// Whether the loss is one of classification, for which an accuracy is reported, or one of regression.
    var isClassification: Bool { get }

    /// The loss of each example, `[batch, 1]`, from predictions and targets.
    ///
    /// Both are `[batch, outputs]`. The target of a class is 1 in its place and 0 elsewhere, and the predictions are
    /// one number a class; values are standardised. Throws where a shape does not fit.
    func lower(
        predictions: Symbol, targets: Symbol, into graph: inout GraphBuilder
    ) throws(GraphError) -> Symbol
}

/// A ``CustomLoss`` of any type; ``Loss/custom(_:)`` makes it.
public struct ProgramLoss: Hashable, Sendable {
    /// The loss as the program passed it.
    public let loss: any CustomLoss

    /// Whether two losses of programs have the same type and are equal.
    public static func == (one: ProgramLoss, other: ProgramLoss) -> Bool {
        AnyHashable(one.loss) == AnyHashable(other.loss)
    }

    /// Hashes the program's loss.
    public func hash(into hasher: inout Hasher) { loss.hash(into: &hasher) }

    /// The loss's name in messages: the name of its type.
    var name: String { "\(type(of: loss))" }

    /// Stops the program. Callers ask it only of the library's own losses, which are operations; this loss is lowered
    /// to several operations instead.
    func isLowered() -> Never { preconditionFailure("\(name) is lowered to operations of its own") }
}

extension Loss {
    /// A loss of the program's own.
    public static func custom(_ loss: some CustomLoss) -> Loss { .ofProgram(ProgramLoss(loss: loss)) }
}
