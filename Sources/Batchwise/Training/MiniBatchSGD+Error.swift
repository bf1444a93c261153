/// The reason why a minimisation stopped before its end.
///
/// `Failure` is the error type of the closures, and `Never` when they do not throw.
public enum MinimizationError<Failure: Error>: Error {
    /// The settings cannot be used for this many examples; the text says which and what to do. Nothing was changed.
    case invalid(String)
    /// A loss, gradient or parameter was infinite or not a number. The parameters are those before that update, except
    /// for ``NonFinite/parameter(index:)``, where they are those after it.
    case nonFinite(NonFinite, update: Int, epoch: Int)
    /// A closure threw. The parameters are those before the update that it was called for.
    case closure(Failure)

    /// The number that was infinite or not a number.
    public enum NonFinite: Sendable, Hashable {
        /// The mean loss of the batch.
        case loss
        /// The element of the mean gradient with this index, and perhaps more after it.
        case gradient(index: Int)
        /// The element of the parameters with this index, after an update whose loss and gradient were finite.
        case parameter(index: Int)
    }
}

extension MinimizationError: Equatable where Failure: Equatable {}

extension MinimizationError: CustomStringConvertible {
    /// A sentence for a person.
    public var description: String {
        switch self {
        case .invalid(let reason):
            return reason
        case .closure(let failure):
            return "\(failure)"
        case .nonFinite(let what, let update, let epoch):
            let name =
                switch what {
                case .loss: "the loss"
                case .gradient(let index): "element \(index) of the gradient"
                case .parameter(let index): "element \(index) of the parameters"
                }
            return "\(name) is infinite or not a number at update \(update) (epoch \(epoch)); "
                + "try a smaller learning rate, and look for such values in the data"
        }
    }
}
