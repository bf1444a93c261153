import CKernels

extension Optimizer {
    /// An optimizer of the program's own.
    public static func custom(_ optimizer: some CustomOptimizer) -> Optimizer {
        Optimizer(CustomRule(optimizer: optimizer))
    }

    /// The settings of an update for an optimizer of the program's own; each parameter has its own factor of the rate
    /// and its own decay.
    func settings(rate: Double, number: Int, momentum: Float?) -> StepSettings {
        StepSettings(rate: Float(rate), number: number, momentum: momentum ?? rule.ownMomentum ?? 0)
    }
}

/// An optimizer of the program's own, seen as one of this library's.
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

    /// No kernel reads this step: see `Engine.stepBlocks`.
    func step(rate: Double, number: Int, momentum scheduled: Float?) -> bw_step {
        bw_step(BW_SGD, rate: rate, decay: 0)
    }
}
