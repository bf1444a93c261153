/// An optimizer of the program's own: the vectors that it keeps, and its step on a run of parameters.
///
/// ```swift
/// /// m <- beta m + (1 - beta) g; w <- w - rate sign(m).
/// struct SignSGD: CustomOptimizer {
///     var beta: Float = 0.9
///     var name: String { "sign-sgd" }
///     var stateNames: [String] { ["mean"] }
///     var defaultRate: Double { 0.001 }
///
///     func step(
///         _ settings: StepSettings, gradient: Span<Float>, parameters: inout MutableSpan<Float>,
///         states: inout StateVectors
///     ) {
///         for place in gradient.indices {
///             let mean = beta * states[0, place] + (1 - beta) * gradient[place]
///             states[0, place] = mean
///             parameters[place] -= settings.rate * (mean > 0 ? 1 : mean < 0 ? -1 : 0)
///         }
///     }
/// }
/// let recipe = Recipe(model: model, optimizer: .custom(SignSGD()))
/// ```
/// A run is at most 4,096 numbers of one parameter, cut by the model alone, and an update waits for the whole gradient:
/// so the bits are the same for any threads and micro-batch, whatever a step looks at. But a step that looks at more
/// than one number of a run at a time depends on that cut; compute each number from its own gradient, parameter and
/// states.
///
/// `step` is called by several threads at once, on different runs, and must be a function of its arguments alone. No
/// file can hold such a recipe: writing it throws `RecipeError`. Checkpoints are written, and resumed by the program.
public protocol CustomOptimizer: Hashable, Sendable {
    /// The optimizer's name in messages.
    var name: String { get }
    /// The names of the vectors that it keeps, each as long as the parameters and 0 before the first update: different
    /// names without dots. Checkpoints hold them by name. None by default.
    var stateNames: [String] { get }
    /// The learning rate for batches of 32 where the recipe names none, above 0.
    var defaultRate: Double { get }
    /// The momentum, from 0 to below 1, that a schedule may change; nil by default, for an optimizer without one.
    var momentum: Float? { get }
    /// The weight decay, at least 0, of parameters that have one: not of biases, gains and shifts. 0 by default.
    var weightDecay: Float { get }

    /// Changes a run of parameters by its gradient, the mean over the batch after clipping, and changes the states.
    func step(
        _ settings: StepSettings, gradient: Span<Float>, parameters: inout MutableSpan<Float>,
        states: inout StateVectors)
}

extension CustomOptimizer {
    /// No vectors by default.
    public var stateNames: [String] { [] }
    /// nil by default: the optimizer has no momentum.
    public var momentum: Float? { nil }
    /// 0 by default: weights do not decay.
    public var weightDecay: Float { 0 }
}

/// The settings of one step of a ``CustomOptimizer``.
public struct StepSettings: Hashable, Sendable {
    /// The learning rate of the update, times the factor of the parameter's group.
    public internal(set) var rate: Float = 0
    /// The number of the update, from 1.
    public internal(set) var number = 0
    /// The momentum that the learning rate's schedule or a growing batch asks for, or else the optimizer's own, or else
    /// 0.
    public internal(set) var momentum: Float = 0
    /// The weight decay of the parameter: that of its group, or else the optimizer's; 0 for biases, gains and shifts.
    public internal(set) var weightDecay: Float = 0
}

/// The vectors that a ``CustomOptimizer`` keeps, seen at the run of parameters of one step.
public struct StateVectors: ~Copyable {
    private let vectors: [UnsafeMutablePointer<Float>]
    private let offset: Int
    /// How many numbers the run has.
    public let count: Int

    init(_ vectors: [UnsafeMutablePointer<Float>], offset: Int, count: Int) {
        self.vectors = vectors
        self.offset = offset
        self.count = count
    }

    /// A number of the vector at this place in `stateNames`. Both places must exist.
    public subscript(vector: Int, place: Int) -> Float {
        get {
            precondition(place >= 0 && place < count, "a run of \(count) numbers has none at \(place)")
            return vectors[vector][offset + place]
        }
        set {
            precondition(place >= 0 && place < count, "a run of \(count) numbers has none at \(place)")
            vectors[vector][offset + place] = newValue
        }
    }
}
