/// The rules by which an update changes parameters: the recipe's optimizer, SAM, clipping, groups of parameters and
/// average, and the needs of quantities.
struct UpdateRules: Sendable {
    /// The settings of the update of one parameter.
    struct Parameter: Sendable, Hashable {
        /// A factor of the learning rate.
        var rate: Float = 1
        var decay: Float = 0
        /// Whether its direction is made orthogonal: see ``WholeGradientNeed/orthogonalDirections``.
        var isMatrix = false
    }

    let optimizer: Optimizer
    let sam: SAM?
    let clip: Clipping?
    let average: WeightAverage?
    /// The most updates that a gradient is late by the recipe's script.
    let mostDelay: Int
    /// The needs of all quantities together.
    let measured: UpdateNeeds
    /// The settings of each parameter of the graph, in the graph's order.
    let parameters: [Parameter]
    /// Whether groups change anything.
    let hasGroups: Bool
    /// The optimizer's use of the whole gradient; nil where it does not use it.
    let need: WholeGradientNeed?
    /// The optimizer, where it is one of the program's own.
    let custom: (any CustomOptimizer)?

    init(_ recipe: Recipe, graph: Graph, measured: UpdateNeeds = []) {
        optimizer = recipe.optimizer
        sam = recipe.sam
        clip = recipe.clip
        average = recipe.average
        mostDelay = recipe.asynchronous?.mostDelay ?? 0
        self.measured = measured
        hasGroups = !recipe.groups.isEmpty
        need = optimizer.rule.need
        custom = (optimizer.rule as? CustomRule)?.optimizer
        let decay = optimizer.rule.weightDecay
        let matrices = need == .orthogonalDirections ? graph.hiddenMatrices() : []
        parameters = graph.parameters.enumerated().map { index, parameter in
            var rule = Parameter(decay: parameter.decays ? decay : 0, isMatrix: matrices.contains(index))
            for group in recipe.groups where group.matches(parameter.name) {
                rule.rate = group.rate ?? rule.rate
                rule.decay = group.weightDecay ?? rule.decay
            }
            return rule
        }
    }

    /// Whether the step of a parameter depends on the gradient of all.
    var stepsByWholeGradient: Bool { clip != nil || need != nil || sam != nil }

    /// The number of gradients of a batch that an update computes, one after the other.
    var gradients: Int { sam == nil ? 1 : 2 }

    /// Whether an update may keep the parameters as they were before it.
    var needsParametersBefore: Bool { sam != nil || measured.needsParametersBefore }

    /// Whether an update may wait for the gradient of all parameters before it changes one.
    var needsWholeGradient: Bool { stepsByWholeGradient || measured.needsWholeGradient }

    /// Whether the gradient is copied for a quantity, before clipping or the optimizer changes it.
    var keepsGradient: Bool { stepsByWholeGradient && measured.contains(.gradient) }

    /// Whether an update consists of the optimizer's step alone.
    var isPlain: Bool { !stepsByWholeGradient && measured.isEmpty && !hasGroups && average == nil && mostDelay == 0 }

    /// Whether the kernel leaves a direction in place of the gradient, along which the parameter moves when the whole
    /// direction is known.
    func leavesDirection(_ parameter: Int) -> Bool {
        switch need {
        case .directionNorms: true
        case .orthogonalDirections: parameters[parameter].isMatrix
        case .gradientNorms, .programStep, nil: false
        }
    }

    /// Whether a parameter takes the optimizer's vector step, for it is no hidden matrix.
    func takesVectorStep(_ parameter: Int) -> Bool {
        need == .orthogonalDirections && !parameters[parameter].isMatrix
    }
}
