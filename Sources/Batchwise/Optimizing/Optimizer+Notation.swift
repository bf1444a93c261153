extension Optimizer {
    /// Reads `{sgd: {momentum: 0.9, nesterov: true, weight-decay: 0.0005}}`, or a bare name.
    package init(notation: RecipeValue, at path: String = "optimizer") throws(RecipeError) {
        let name: String
        let value: RecipeValue
        switch notation {
        case .string(let text): (name, value) = (text, .null)
        case .map(let entries) where entries.count == 1: (name, value) = (entries[0].key, entries[0].value)
        default: throw .value(at: path, expected: "sgd, adam or adamw with its settings", found: notation.text)
        }
        var reader = try RecipeReader(value, at: "\(path).\(name)")
        switch name {
        case "sgd":
            let momentum = try reader.double("momentum", "a number from 0 to below 1", where: { $0 >= 0 && $0 < 1 })
            let nesterov = try reader.bool("nesterov") ?? false
            self = .sgd(
                momentum: Float(momentum ?? 0), nesterov: nesterov, weightDecay: try reader.decay() ?? 0,
                decoupled: try reader.bool("decoupled") ?? false)
            if nesterov && (momentum ?? 0) == 0 {
                throw .value(at: reader.at("nesterov"), expected: "a momentum above 0 beside it", found: "momentum 0")
            }
        case "adam":
            let (beta1, beta2, epsilon) = try reader.adam()
            self = .adam(beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: try reader.decay() ?? 0)
        case "adamw":
            let (beta1, beta2, epsilon) = try reader.adam()
            self = .adamW(beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: try reader.decay() ?? 0.01)
        default:
            let known = ["sgd", "adam", "adamw"]
            throw .unknownKey(at: path, key: name, nearest: nearestName(to: name, in: known), known: known)
        }
        try reader.finish()
    }

    /// How a recipe writes it.
    package var notation: RecipeValue {
        func adam(_ beta1: Float, _ beta2: Float, _ epsilon: Float, _ decay: Float) -> RecipeValue {
            .map([
                .init("beta1", .decimal(beta1)), .init("beta2", .decimal(beta2)), .init("epsilon", .decimal(epsilon)),
                .init("weight-decay", .decimal(decay)),
            ])
        }
        switch self {
        case .sgd(let momentum, let nesterov, let decay, let decoupled):
            var entries: [RecipeValue.Entry] = [.init("momentum", .decimal(momentum))]
            if nesterov { entries.append(.init("nesterov", .bool(true))) }
            if decay != 0 { entries.append(.init("weight-decay", .decimal(decay))) }
            if decoupled { entries.append(.init("decoupled", .bool(true))) }
            return .map([.init("sgd", .map(entries))])
        case .adam(let beta1, let beta2, let epsilon, let decay):
            return .map([.init("adam", adam(beta1, beta2, epsilon, decay))])
        case .adamW(let beta1, let beta2, let epsilon, let decay):
            return .map([.init("adamw", adam(beta1, beta2, epsilon, decay))])
        }
    }
}

extension RecipeReader {
    fileprivate mutating func decay() throws(RecipeError) -> Float? {
        try double("weight-decay", "a number of at least 0", where: { $0 >= 0 }).map { Float($0) }
    }

    fileprivate mutating func adam() throws(RecipeError) -> (Float, Float, Float) {
        let beta1 = try double("beta1", "a number from 0 to below 1", where: { $0 >= 0 && $0 < 1 }) ?? 0.9
        let beta2 = try double("beta2", "a number from 0 to below 1", where: { $0 >= 0 && $0 < 1 }) ?? 0.999
        let epsilon = try double("epsilon", "a number above 0", where: { $0 > 0 }) ?? 1e-8
        return (Float(beta1), Float(beta2), Float(epsilon))
    }
}
