/// The numbers of an update that quantities are computed from. Numbers that no quantity needs take no memory and no
/// time.
///
/// n is the number of trained parameters.
public struct UpdateNeeds: OptionSet, Hashable, Sendable {
    /// The bits of the set, one for each kind of number.
    public let rawValue: Int

    /// The set with these bits.
    public init(rawValue: Int) { self.rawValue = rawValue }

    /// Squared norms of the batch's mean gradient, before clipping and decay. Takes n floats and makes the update wait
    /// for the whole gradient, as clipping does.
    public static let gradientNorms = UpdateNeeds(rawValue: 1 << 0)
    /// The numbers of the batch's mean gradient, before clipping and decay. Takes n floats, or 2 n where clipping or
    /// the optimizer changes the gradient in place.
    public static let gradient = UpdateNeeds(rawValue: 1 << 1)
    /// Squared norms of the parameters before the update and of their change. Takes 2 n floats.
    public static let changeNorms = UpdateNeeds(rawValue: 1 << 2)
    /// The parameters before and after the update. Takes 3 n floats.
    public static let parameters = UpdateNeeds(rawValue: 1 << 3)
    /// Squared norms of the gradient of every single example.
    ///
    /// For dense layers on `[batch, width]` it costs one pass over a layer's inputs and output gradients, for
    /// embeddings one over the output gradients. Convolutions, dense layers at many places of an example, gains and
    /// shifts at many places, and parameters that a model uses several times are summed example by example: as much
    /// arithmetic as their gradient takes, and as much memory traffic as the parameter for every example. Refused where
    /// examples of a batch are normalised together.
    public static let exampleNorms = UpdateNeeds(rawValue: 1 << 4)
    /// Squared norms of the mean gradient of every lane. Takes n floats, and time like a second sum of the gradient.
    public static let laneNorms = UpdateNeeds(rawValue: 1 << 5)
    /// Products of the batch's Hessian and directions, at the parameters before the update: see
    /// ``MeasuredUpdate/hessianProduct(along:)``. Takes an engine of its own beside that of updates, with about three times
    /// the activations, and n floats; each product takes as long as about three updates. Refused in bfloat16 and with
    /// batch normalisation over the whole batch.
    public static let tangent = UpdateNeeds(rawValue: 1 << 6)

    /// Whether the update must wait for the gradient of all parameters.
    var needsWholeGradient: Bool {
        !isDisjoint(with: [.gradientNorms, .gradient, .changeNorms, .parameters, .tangent])
    }
    /// Whether parameters are kept as they were before the update.
    var needsParametersBefore: Bool { !isDisjoint(with: [.changeNorms, .parameters, .tangent]) }
    /// Whether something is computed from the tensors of a round before its gradient is summed.
    var needsParts: Bool { !isDisjoint(with: [.exampleNorms, .laneNorms]) }
}
