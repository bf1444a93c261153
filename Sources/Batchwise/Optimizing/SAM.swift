/// Sharpness-aware minimisation: the optimizer steps by a gradient that is taken a little way uphill [Foret 2021].
///
/// With g the mean gradient of the whole batch at the parameters w, the gradient of the same batch at w + e is computed,
/// and the optimizer makes its step from w with it:
///
///     e = rho g / (|g| + 1e-12)
///     e = rho w^2 g / (|w g| + 1e-12)        adaptive, element by element: no rescaling of layers changes it [Kwon 2021]
///
/// |g| is the norm over all trained parameters; weight decay is no part of g. Both gradients are those of the same
/// examples, with the same augmentation and dropout, and neither depends on how the batch was cut. Clipping, weight
/// decay and averages act on the second. Losses, quantities and the running statistics of batch normalisation are those
/// of the first. An update takes about twice the time, and two vectors as long as the parameters.
public struct SAM: Hashable, Sendable {
    /// The length of the way uphill, at least 0.
    public var rho: Float
    /// Whether each number goes as far as its square times its gradient says; a rho ten times as large is usual then.
    public var adaptive: Bool

    /// Sharpness-aware minimisation with a way of this length.
    public init(rho: Float = 0.05, adaptive: Bool = false) {
        self.rho = rho
        self.adaptive = adaptive
    }

    /// Reads `{rho: 0.05, adaptive: true}`; a bare number is rho.
    package init(notation: RecipeValue, at path: String = "sam") throws(RecipeError) {
        var reader = try RecipeReader(notation, at: path, shorthand: "rho")
        self.init()
        rho = try reader.float("rho", .nonNegative) ?? rho
        adaptive = try reader.bool("adaptive") ?? adaptive
        try reader.finish()
    }

    /// The notation in a recipe.
    package var notation: RecipeValue {
        .map([.init("rho", .decimal(rho))] + (adaptive ? [.init("adaptive", .bool(true))] : []))
    }

    func check() throws(RecipeError) {
        let limit = NumberLimit.nonNegative
        guard limit.holds(rho) else { throw .value(at: "sam.rho", expected: limit.text, found: "\(rho)") }
    }

    /// The factor of a direction of this norm. A direction of 0 leads nowhere, whatever rho is.
    func factor(norm: Double) -> Float { norm > 0 ? Float(Double(rho) / (norm + 1e-12)) : 0 }
}
