import CKernels
import Foundations

/// The rule by which a finished batch gradient g changes the parameters w, once an update.
///
/// ```swift
/// let optimizer = Optimizer.sgd(momentum: 0.9, nesterov: true, weightDecay: 5e-4)
/// ```
/// Velocities are free of the learning rate (v <- m v + g; w <- w - rate v), so a rate that changes needs no momentum
/// correction [Goyal 2017]. Weight decay leaves biases and the gains and shifts of normalisation alone. Where PyTorch
/// has an optimizer of the name, the formulas are its own. An optimizer of the program's own is a ``CustomOptimizer``.
public struct Optimizer: Hashable, Sendable {
    let rule: any OptimizerRule
    /// Whether parameters that are no hidden matrices take a step of their own; known here, for every update asks.
    private let hasVectorStep: Bool

    init(_ rule: any OptimizerRule) {
        self.rule = rule
        hasVectorStep = rule.need == .orthogonalDirections
    }

    /// Every optimizer that a recipe can name, with its defaults, in the order in which messages list them.
    static let catalog: [Optimizer] = [
        .sgd(), .adam(), .adamW(), .nadam(), .rmsprop(), .adagrad(), .lars(), .lamb(), .lion(), .muon(),
    ]

    /// Whether two optimizers have the same rule with the same settings.
    public static func == (one: Optimizer, other: Optimizer) -> Bool {
        AnyHashable(one.rule) == AnyHashable(other.rule)
    }

    /// Hashes the rule and its settings.
    public func hash(into hasher: inout Hasher) { rule.hash(into: &hasher) }

    /// The name that recipes use, such as `sgd`; of an optimizer of the program's own, the name that it gives itself.
    public var name: String { rule.name }

    /// The names of the vectors that it keeps, each as long as the parameters.
    var stateNames: [String] { rule.stateNames }

    /// The momentum or the decay of the running mean (beta1) that a schedule may change; nil where there is none.
    package var momentum: Float? { rule.ownMomentum }

    /// The learning rate beyond which updates diverge on a quadratic loss of this curvature, and its formula; nil where no
    /// formula is known.
    package func largestStableRate(curvature: Double) -> (rate: Double, formula: String)? {
        rule.largestStableRate(curvature: curvature)
    }

    /// The learning rate where a recipe names none: right for batches of 32 on many small problems, carried to other
    /// batches by the square root rule, which errs on the safe side.
    package var defaultLearningRate: LearningRate {
        LearningRate(base: rule.defaultRate, atBatch: 32, scaling: .squareRoot, decay: LearningRate.usualDecay)
    }

    /// Tells kernels what they need for one update: the same for every parameter but for rate and decay.
    ///
    /// `number` counts from 1. A `momentum` takes the place of the optimizer's own, or of beta1, in this update; as in
    /// PyTorch, Adam's bias correction is then 1 - momentum^number.
    func prepare(_ update: inout bw_update, rate: Double, number: Int, momentum: Float? = nil) {
        update.step = rule.step(rate: rate, number: number, momentum: momentum)
        if hasVectorStep, let step = rule.vectorStep(rate: rate, number: number) { update.vector_step = step }
    }
}

extension Optimizer {
    /// Reads `{sgd: {momentum: 0.9, nesterov: true, weight-decay: 0.0005}}`, or a bare name.
    package init(notation: RecipeValue, at path: String = "optimizer") throws(RecipeError) {
        let name: String
        let value: RecipeValue
        switch notation {
        case .string("sam"): throw Self.misplacedSAM(at: path)
        case .map(let entries) where entries.contains(where: { $0.key == "sam" }): throw Self.misplacedSAM(at: path)
        case .string(let text): (name, value) = (text, .null)
        case .map(let entries) where entries.count == 1: (name, value) = (entries[0].key, entries[0].value)
        default: throw .value(at: path, expected: "the name of an optimizer with its settings", found: notation.text)
        }
        var reader = try RecipeReader(value, at: "\(path).\(name)")
        guard var rule = Self.catalog.first(where: { $0.name == name })?.rule else {
            let known = Self.catalog.map(\.name)
            throw .unknownKey(at: path, key: name, nearest: nearestName(to: name, in: known), known: known)
        }
        try rule.read(&reader)
        try reader.finish()
        self.init(rule)
        try check()
    }

    private static func misplacedSAM(at path: String) -> RecipeError {
        .value(
            at: "\(path).sam", expected: "an optimizer here, and sam: {rho: 0.05} as a key of its own beside \(path)",
            found: "sam")
    }

    /// The notation of the optimizer in a recipe. Throws `RecipeError` for an optimizer of the program's own, which no
    /// file can hold.
    package var notation: RecipeValue {
        get throws(RecipeError) { .map([.init(name, .map(try rule.notation))]) }
    }

    /// Refuses settings that make no sense, wherever they come from.
    func check() throws(RecipeError) { try rule.check() }
}

extension Optimizer: Codable {
    /// Reads what a recipe holds. Throws `RecipeError` for a name, key or value that is wrong.
    public init(from decoder: any Decoder) throws { try self.init(notation: RecipeValue(from: decoder)) }

    /// Writes the optimizer as a recipe does. Throws `RecipeError` for an optimizer of the program's own.
    public func encode(to encoder: any Encoder) throws { try notation.encode(to: encoder) }
}
