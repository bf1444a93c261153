/// What an update does with a finished gradient: the recipe's optimizer, clipping, groups and average, and what a caller
/// wants to know.
struct UpdateRules: Sendable {
    /// How one parameter is updated.
    struct Parameter: Sendable, Hashable {
        /// A factor of the learning rate.
        var rate: Float = 1
        var decay: Float = 0
        /// Whether Muon makes its momentum orthogonal.
        var isMatrix = false
    }

    let optimizer: Optimizer
    let clip: Clipping?
    let average: WeightAverage?
    /// Whether updates report the norm of the gradient and how far they went.
    let measuresNorms: Bool
    /// In the order of the graph's.
    let parameters: [Parameter]
    /// Whether groups change anything.
    let hasGroups: Bool

    init(_ recipe: Recipe, graph: Graph, measuresNorms: Bool = false) {
        optimizer = recipe.optimizer
        clip = recipe.clip
        average = recipe.average
        self.measuresNorms = measuresNorms
        hasGroups = !recipe.groups.isEmpty
        let decay = recipe.optimizer.form.weightDecay
        let hidden = if case .muon = recipe.optimizer { graph.hiddenMatrices() } else { Set<Int>() }
        parameters = graph.parameters.enumerated().map { index, parameter in
            var rule = Parameter(decay: parameter.decays ? decay : 0, isMatrix: hidden.contains(index))
            for group in recipe.groups where group.matches(parameter.name) {
                rule.rate = group.rate ?? rule.rate
                rule.decay = group.weightDecay ?? rule.decay
            }
            return rule
        }
    }

    /// Whether an update waits for the gradient of all parameters before it changes one.
    var needsWholeGradient: Bool { clip != nil || measuresNorms || needsNorms || isMuon }

    /// Whether nothing is asked of an update but the optimizer's step.
    var isPlain: Bool { !needsWholeGradient && !hasGroups && average == nil }

    /// Whether a parameter's step depends on its norm.
    var needsNorms: Bool {
        switch optimizer {
        case .lars, .lamb: true
        default: false
        }
    }

    /// Whether the whole gradient is wanted for reports alone.
    var onlyReports: Bool { clip == nil && !needsNorms && !isMuon }

    /// Whether the optimizer leaves directions, along which parameters go when all is known of them.
    var leavesDirections: Bool {
        switch optimizer {
        case .lamb, .muon: true
        default: false
        }
    }

    var isMuon: Bool { if case .muon = optimizer { true } else { false } }
}

extension Graph {
    /// The weights of dense layers and convolutions but for those of the last layer.
    fileprivate func hiddenMatrices() -> Set<Int> {
        var matrices = Set(parameters.indices.filter { parameters[$0].layout != .plain })
        // back from the prediction to the layer that made it, through what only changes its shape or its numbers
        var node = prediction
        while node >= 0 {
            for input in nodes[node].inputs {
                if case .parameter(let index) = nodes[input].operation, matrices.remove(index) != nil {
                    return matrices
                }
            }
            guard let next = nodes[node].inputs.first else { break }
            node = next
        }
        return matrices
    }
}
