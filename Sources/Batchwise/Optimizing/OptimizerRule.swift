import CKernels

/// An optimizer: its settings and how recipes write them, its state, its kernel's settings, and how it uses the whole
/// gradient.
///
/// Each is one file in `Rules`, and one entry of ``Optimizer/catalog``.
protocol OptimizerRule: Hashable, Sendable {
    /// The name that recipes use.
    var name: String { get }

    // MARK: Settings

    /// The keys of a recipe, in the order in which they are written.
    static var settings: [RuleSetting<Self>] { get }
    /// The settings as a recipe writes them.
    var notation: [RecipeValue.Entry] { get throws(RecipeError) }
    /// Refuses settings that make no sense.
    func check() throws(RecipeError)
    /// Refuses settings that make no sense together.
    func checkTogether() throws(RecipeError)
    /// The learning rate for batches of 32 where a recipe names none.
    var defaultRate: Double { get }
    /// The weight decay of parameters that have one.
    var weightDecay: Float { get }
    /// The momentum, or the decay of the running mean, that a schedule may change; nil where there is none.
    var ownMomentum: Float? { get }

    // MARK: Steps

    /// The names of the vectors that it keeps, each as long as the parameters.
    var stateNames: [String] { get }
    /// The kernel's settings for update `number`, from 1. A momentum that is `scheduled` takes the place of the rule's
    /// own.
    func step(rate: Double, number: Int, momentum scheduled: Float?) -> bw_step
    /// The kernel's settings for parameters that are no hidden matrices, where they take another step than these.
    func vectorStep(rate: Double, number: Int) -> bw_step?
    /// The learning rate beyond which updates diverge on a quadratic loss of this curvature, and its formula; nil where
    /// no formula is known.
    func largestStableRate(curvature: Double) -> (rate: Double, formula: String)?

    // MARK: The whole gradient

    /// The use of the gradient of all parameters; nil where each number is updated by its own gradient alone.
    var need: WholeGradientNeed? { get }
    /// The factor of the gradient (``WholeGradientNeed/gradientNorms``) or of the direction
    /// (``WholeGradientNeed/directionNorms``) of a parameter, where it has more than one dimension.
    func factor(_ norms: ParameterNorms) -> Double
}

/// The use that an optimizer makes of the gradient of all parameters before it changes any of them.
enum WholeGradientNeed {
    /// The norms of each parameter and its gradient: they scale the gradient and the coupled decay.
    case gradientNorms
    /// The kernel leaves a direction where the gradient was; the norms of each parameter and its direction decide how
    /// far the parameter goes along it.
    case directionNorms
    /// The kernel leaves a direction where the gradient was. The directions of hidden matrices are made orthogonal; all
    /// other parameters take the vector step.
    case orthogonalDirections
    /// The step of a program, on runs of parameters whose cut is a function of the model alone.
    case programStep
}

/// The norms of a parameter and of its gradient or direction, and its weight decay.
struct ParameterNorms {
    let parameter, vector: Double
    let decay: Float
}

extension OptimizerRule {
    func checkTogether() throws(RecipeError) {}
    var ownMomentum: Float? { nil }
    func vectorStep(rate: Double, number: Int) -> bw_step? { nil }
    func largestStableRate(curvature: Double) -> (rate: Double, formula: String)? { nil }
    var need: WholeGradientNeed? { nil }
    func factor(_ norms: ParameterNorms) -> Double { 1 }

    /// Reads the settings that a recipe gives; the others stay as they are.
    mutating func read(_ reader: inout RecipeReader) throws(RecipeError) {
        for setting in Self.settings { try setting.read(&self, &reader) }
    }

    var notation: [RecipeValue.Entry] {
        get throws(RecipeError) {
            Self.settings.compactMap { setting in setting.value(self).map { .init(setting.key, $0) } }
        }
    }

    func check() throws(RecipeError) {
        for setting in Self.settings {
            if let fault = setting.fault(self) {
                throw .value(at: "optimizer.\(name).\(setting.key)", expected: fault.expected, found: fault.found)
            }
        }
        try checkTogether()
    }
}
