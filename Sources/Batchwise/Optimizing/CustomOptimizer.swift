import CKernels

/// An optimizer of the program's own: what it keeps, and its step on a run of parameters.
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
/// so the bits are the same for any threads and micro-batch, whatever a step looks at. But a step that looks at more than
/// one number of a run at a time depends on that cut; compute each number from its own gradient, parameter and states.
///
/// `step` is called by several threads at once, on different runs, and must be a function of its arguments alone. No file
/// can hold such a recipe: writing it throws `RecipeError`. Checkpoints are written, and resumed by the program.
public protocol CustomOptimizer: Hashable, Sendable {
    /// Its name in messages.
    var name: String { get }
    /// The names of the vectors that it keeps, each as long as the parameters and 0 before the first update: different
    /// names without dots. Checkpoints hold them by name. None where nothing is said.
    var stateNames: [String] { get }
    /// The learning rate for batches of 32 where the recipe names none, above 0.
    var defaultRate: Double { get }
    /// The momentum, from 0 to below 1, that a schedule may change; nil, where nothing is said, for an optimizer without.
    var momentum: Float? { get }
    /// The weight decay, at least 0, of parameters that have one: not of biases, gains and shifts. 0 where nothing is said.
    var weightDecay: Float { get }

    /// Changes a run of parameters by its gradient, the mean over the batch after clipping, and changes the states.
    func step(
        _ settings: StepSettings, gradient: Span<Float>, parameters: inout MutableSpan<Float>,
        states: inout StateVectors)
}

extension CustomOptimizer {
    public var stateNames: [String] { [] }
    public var momentum: Float? { nil }
    public var weightDecay: Float { 0 }
}

/// What a step of a ``CustomOptimizer`` is told beside the numbers.
public struct StepSettings: Hashable, Sendable {
    /// The learning rate of the update, times the factor of the parameter's group.
    public internal(set) var rate: Float = 0
    /// The number of the update, from 1.
    public internal(set) var number = 0
    /// The momentum that the learning rate's schedule or a growing batch asks for, or else the optimizer's own; 0 without.
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

extension Optimizer {
    /// An optimizer of the program's own.
    public static func custom(_ optimizer: some CustomOptimizer) -> Optimizer {
        Optimizer(CustomRule(optimizer: optimizer))
    }

    /// What an optimizer of the program's own is told of an update: the same for every parameter but for rate and decay.
    func settings(rate: Double, number: Int, momentum: Float?) -> StepSettings {
        StepSettings(rate: Float(rate), number: number, momentum: momentum ?? rule.ownMomentum ?? 0)
    }
}

/// An optimizer of the program's own among those of this library.
struct CustomRule: OptimizerRule {
    let optimizer: any CustomOptimizer

    static func == (one: CustomRule, other: CustomRule) -> Bool {
        AnyHashable(one.optimizer) == AnyHashable(other.optimizer)
    }

    func hash(into hasher: inout Hasher) { optimizer.hash(into: &hasher) }

    var name: String { optimizer.name }
    static var settings: [RuleSetting<CustomRule>] { [] }
    var notation: [RecipeValue.Entry] {
        get throws(RecipeError) {
            throw .notWritable("\(name) is an optimizer of the program's own: a recipe file cannot hold it")
        }
    }
    var ownMomentum: Float? { optimizer.momentum }
    var weightDecay: Float { optimizer.weightDecay }
    var stateNames: [String] { optimizer.stateNames }
    var defaultRate: Double { optimizer.defaultRate }
    var need: WholeGradientNeed? { .programStep }

    func check() throws(RecipeError) {
        func require(_ holds: Bool, _ key: String, _ expected: String, _ found: Any) throws(RecipeError) {
            if !holds { throw .value(at: "optimizer.\(name).\(key)", expected: expected, found: "\(found)") }
        }
        let names = stateNames
        try require(
            Set(names).count == names.count && names.allSatisfy { !$0.isEmpty && !$0.contains(".") }, "stateNames",
            "different names without dots", names)
        try require(
            NumberLimit.nonNegative.holds(weightDecay), "weightDecay", NumberLimit.nonNegative.text, weightDecay)
        try require(
            NumberLimit.fraction.holds(ownMomentum ?? 0), "momentum", NumberLimit.fraction.text, ownMomentum ?? 0)
        try require(defaultRate > 0 && defaultRate.isFinite, "defaultRate", "a number above 0", defaultRate)
    }

    /// No kernel takes it.
    func step(rate: Double, number: Int, momentum scheduled: Float?) -> bw_step {
        bw_step(BW_SGD, rate: rate, decay: 0)
    }
}
