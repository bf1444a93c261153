import CKernels

extension Optimizer {
    /// v <- momentum v + (1 - dampening) g, but g in the first update; w <- w - rate v, or w - rate (g + momentum v)
    /// with Nesterov's form [Polyak 1964, Sutskever 2013].
    ///
    /// Coupled decay adds weightDecay w to g; decoupled decay multiplies w by 1 - rate weightDecay first
    /// [Loshchilov 2019].
    public static func sgd(
        momentum: Float = 0, nesterov: Bool = false, weightDecay: Float = 0, decoupled: Bool = false,
        dampening: Float = 0
    ) -> Optimizer {
        Optimizer(
            SGD(
                momentum: momentum, nesterov: nesterov, weightDecay: weightDecay, decoupled: decoupled,
                dampening: dampening))
    }

    /// Plain SGD.
    public static var sgd: Optimizer { .sgd(momentum: 0) }
}

struct SGD: OptimizerRule {
    var momentum: Float
    var nesterov: Bool
    var weightDecay: Float
    var decoupled: Bool
    var dampening: Float

    var name: String { "sgd" }
    static var settings: [RuleSetting<SGD>] {
        [
            .number("momentum", \.momentum, .fraction), .flag("nesterov", \.nesterov),
            .number("weight-decay", \.weightDecay, .nonNegative, omitted: 0), .flag("decoupled", \.decoupled),
            .number("dampening", \.dampening, .fraction, omitted: 0),
        ]
    }
    var ownMomentum: Float? { momentum == 0 ? nil : momentum }
    var stateNames: [String] { momentum == 0 ? [] : ["momentum"] }
    var defaultRate: Double { momentum == 0 ? 0.1 : 0.03 }

    func checkTogether() throws(RecipeError) {
        guard !nesterov || momentum > 0 else {
            throw .value(at: "optimizer.sgd.nesterov", expected: "a momentum above 0 beside it", found: "momentum 0")
        }
        guard dampening == 0 || momentum > 0 && !nesterov else {
            throw .value(
                at: "optimizer.sgd.dampening", expected: "a momentum above 0 and no nesterov beside it",
                found: "\(dampening)")
        }
    }

    func step(rate: Double, number: Int, momentum scheduled: Float?) -> bw_step {
        var step = bw_step(
            dampening == 0 ? BW_SGD : BW_DAMPENED_SGD, rate: rate, decay: weightDecay, isDecoupled: decoupled)
        step.momentum = momentum > 0 ? scheduled ?? momentum : 0
        step.nesterov = nesterov ? 1 : 0
        step.dampening_factor = number == 1 ? 1 : 1 - dampening
        return step
    }

    /// 2 (1 + m) / L for momentum m and curvature L, and in Nesterov's form 2 (1 + m) / (L (1 + 2 m)).
    func largestStableRate(curvature: Double) -> (rate: Double, formula: String)? {
        guard dampening == 0 else { return nil }
        let m = Double(momentum)
        if m == 0 { return (2 / curvature, "2/L") }
        let heavyBall = 2 * (1 + m) / curvature
        return nesterov ? (heavyBall / (1 + 2 * m), "2(1+m)/(L(1+2m))") : (heavyBall, "2(1+m)/L")
    }
}
