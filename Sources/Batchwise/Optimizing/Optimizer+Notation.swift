import Foundations
extension Optimizer {
    private static let names = [
        "sgd", "adam", "adamw", "nadam", "rmsprop", "adagrad", "lars", "lamb", "lion", "muon",
    ]

    /// Reads `{sgd: {momentum: 0.9, nesterov: true, weight-decay: 0.0005}}`, or a bare name.
    package init(notation: RecipeValue, at path: String = "optimizer") throws(RecipeError) {
        let name: String
        let value: RecipeValue
        switch notation {
        case .string(let text): (name, value) = (text, .null)
        case .map(let entries) where entries.count == 1: (name, value) = (entries[0].key, entries[0].value)
        default: throw .value(at: path, expected: "the name of an optimizer with its settings", found: notation.text)
        }
        var reader = try RecipeReader(value, at: "\(path).\(name)")
        switch name {
        case "sgd":
            self = .sgd(
                momentum: try reader.fraction("momentum", 0), nesterov: try reader.bool("nesterov") ?? false,
                weightDecay: try reader.nonNegative("weight-decay", 0),
                decoupled: try reader.bool("decoupled") ?? false,
                dampening: try reader.fraction("dampening", 0))
        case "adam":
            let (beta1, beta2, epsilon) = try reader.adam()
            self = .adam(
                beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: try reader.nonNegative("weight-decay", 0),
                amsgrad: try reader.bool("amsgrad") ?? false)
        case "adamw":
            let (beta1, beta2, epsilon) = try reader.adam()
            self = .adamW(
                beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: try reader.nonNegative("weight-decay", 0.01),
                amsgrad: try reader.bool("amsgrad") ?? false)
        case "nadam":
            let (beta1, beta2, epsilon) = try reader.adam()
            self = .nadam(
                beta1: beta1, beta2: beta2, epsilon: epsilon,
                momentumDecay: try reader.nonNegative("momentum-decay", 0.004),
                weightDecay: try reader.nonNegative("weight-decay", 0), decoupled: try reader.bool("decoupled") ?? false
            )
        case "rmsprop":
            self = .rmsprop(
                smoothing: try reader.fraction("smoothing", 0.99), epsilon: try reader.positive("epsilon", 1e-8),
                momentum: try reader.fraction("momentum", 0), centered: try reader.bool("centered") ?? false,
                weightDecay: try reader.nonNegative("weight-decay", 0))
        case "adagrad":
            self = .adagrad(
                rateDecay: try reader.nonNegative("rate-decay", 0), initial: try reader.nonNegative("initial", 0),
                epsilon: try reader.positive("epsilon", 1e-10), weightDecay: try reader.nonNegative("weight-decay", 0))
        case "lars":
            self = .lars(
                momentum: try reader.fraction("momentum", 0.9), trust: try reader.positive("trust", 0.02),
                weightDecay: try reader.nonNegative("weight-decay", 0.0001))
        case "lamb":
            let (beta1, beta2, epsilon) = try reader.adam(epsilon: 1e-6)
            self = .lamb(
                beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: try reader.nonNegative("weight-decay", 0.01))
        case "lion":
            self = .lion(
                beta1: try reader.fraction("beta1", 0.9), beta2: try reader.fraction("beta2", 0.99),
                weightDecay: try reader.nonNegative("weight-decay", 0.01))
        case "muon":
            let (beta1, beta2, epsilon) = try reader.adam(beta2: 0.95, epsilon: 1e-10)
            self = .muon(
                momentum: try reader.fraction("momentum", 0.95), nesterov: try reader.bool("nesterov") ?? true,
                weightDecay: try reader.nonNegative("weight-decay", 0.1),
                length: try reader.choice("length", MuonLength.self) ?? .adamW, beta1: beta1, beta2: beta2,
                epsilon: epsilon)
        default:
            throw .unknownKey(at: path, key: name, nearest: nearestName(to: name, in: Self.names), known: Self.names)
        }
        try reader.finish()
        try check()
    }

    /// How a recipe writes it.
    package var notation: RecipeValue {
        let form = form
        var entries: [RecipeValue.Entry] = []
        for setting in form.settings {
            switch setting {
            case .number(let key, let value, _, let omitted):
                if value != omitted { entries.append(.init(key, .decimal(value))) }
            case .flag(let key, let value, let omitted):
                if value != omitted { entries.append(.init(key, .bool(value))) }
            case .word(let key, let value): entries.append(.init(key, .string(value)))
            }
        }
        return .map([.init(form.name, .map(entries))])
    }

    /// Refuses numbers that make no sense, wherever they come from.
    func check() throws(RecipeError) {
        let form = form
        for case .number(let key, let value, let limit, _) in form.settings where !limit.holds(value) {
            throw .value(at: "optimizer.\(form.name).\(key)", expected: limit.text, found: "\(value)")
        }
        guard case .sgd(let momentum, let nesterov, _, _, let dampening) = self else { return }
        guard !nesterov || momentum > 0 else {
            throw .value(at: "optimizer.sgd.nesterov", expected: "a momentum above 0 beside it", found: "momentum 0")
        }
        guard dampening == 0 || momentum > 0 && !nesterov else {
            throw .value(
                at: "optimizer.sgd.dampening", expected: "a momentum above 0 and no nesterov beside it",
                found: "\(dampening)")
        }
    }
}

extension OptimizerForm.Limit {
    /// Held against the Float that kernels see.
    func holds(_ value: Float) -> Bool {
        switch self {
        case .fraction: (0..<1).contains(value)
        case .positive: value >= .leastNormalMagnitude && value.isFinite
        case .nonNegative: value >= 0 && value.isFinite
        }
    }

    var text: String {
        switch self {
        case .fraction: "a number from 0 to below 1"
        case .positive: "a number above 1e-38"
        case .nonNegative: "a number of at least 0"
        }
    }
}

extension RecipeReader {
    fileprivate mutating func fraction(_ key: String, _ usual: Float) throws(RecipeError) -> Float {
        try float(key, .fraction) ?? usual
    }

    fileprivate mutating func nonNegative(_ key: String, _ usual: Float) throws(RecipeError) -> Float {
        try float(key, .nonNegative) ?? usual
    }

    fileprivate mutating func positive(_ key: String, _ usual: Float) throws(RecipeError) -> Float {
        try float(key, .positive) ?? usual
    }

    private mutating func float(_ key: String, _ limit: OptimizerForm.Limit) throws(RecipeError) -> Float? {
        try double(key, limit.text, where: { limit.holds(Float($0)) }).map { Float($0) }
    }

    fileprivate mutating func adam(beta2: Float = 0.999, epsilon: Float = 1e-8) throws(RecipeError) -> (
        Float, Float, Float
    ) {
        (try fraction("beta1", 0.9), try fraction("beta2", beta2), try positive("epsilon", epsilon))
    }
}
