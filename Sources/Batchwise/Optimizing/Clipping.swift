/// A bound on the finished gradient of a batch, before decay, momentum and everything else that an optimizer does.
public enum Clipping: Hashable, Sendable {
    /// The gradient g of all parameters times min(1, most / (|g| + 1e-6)), as torch.nn.utils.clip_grad_norm_ [Pascanu
    /// 2013].
    case norm(Float)
    /// Scales the gradient of each parameter by itself in this way: the norm of its own gradient is at most about this.
    case parameterNorm(Float)
    /// Limits every number of the gradient to [-most, most], as torch.nn.utils.clip_grad_value_.
    case value(Float)

    private static let keys = ["norm", "parameter-norm", "value"]

    /// Reads `{norm: 1}`, `{parameter-norm: 1}` or `{value: 0.5}`; a bare number is a norm.
    package init(notation: RecipeValue, at path: String = "clip") throws(RecipeError) {
        var reader = try RecipeReader(notation, at: path, shorthand: "norm")
        var found: [(String, Float)] = []
        for key in Self.keys {
            if let most = try reader.float(key, .positive) { found.append((key, most)) }
        }
        try reader.finish()
        guard found.count == 1 else {
            throw .value(
                at: path, expected: "one of norm, parameter-norm and value with its bound", found: notation.text)
        }
        switch found[0] {
        case ("norm", let most): self = .norm(most)
        case ("value", let most): self = .value(most)
        case (_, let most): self = .parameterNorm(most)
        }
    }

    /// The notation of the clipping in a recipe.
    package var notation: RecipeValue {
        switch self {
        case .norm(let most): .map([.init("norm", .decimal(most))])
        case .parameterNorm(let most): .map([.init("parameter-norm", .decimal(most))])
        case .value(let most): .map([.init("value", .decimal(most))])
        }
    }

    func check() throws(RecipeError) {
        switch self {
        case .norm(let most), .parameterNorm(let most), .value(let most):
            guard most >= .leastNormalMagnitude, most.isFinite else {
                throw .value(at: "clip", expected: "a bound above 1e-38", found: "\(most)")
            }
        }
    }

    /// The factor for a gradient of this norm.
    static func factor(norm: Double, most: Float) -> Double { min(1, Double(most) / (norm + 1e-6)) }
}
