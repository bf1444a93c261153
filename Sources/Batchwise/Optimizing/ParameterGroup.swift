import Foundations

/// Settings of some parameters that differ from those of all others.
///
/// ```yaml
/// groups:
///   - {match: "features.*", rate: 0.1}
///   - {match: "*.bias", weight-decay: 0.01}
///   - {match: embedding, freeze: true}
/// ```
/// The last group that matches a parameter and gives a setting decides that setting.
public struct ParameterGroup: Hashable, Sendable {
    /// The name of a parameter or of a layer, in which `*` is any text and `?` any character.
    public var match: String
    /// A factor of the learning rate.
    public var rate: Float?
    /// The weight decay, in place of the optimizer's; biases, gains and shifts get it too.
    public var weightDecay: Float?
    /// Whether the parameters stay as they are: no gradient is computed for them.
    public var freeze: Bool?

    /// A setting that is nil is left to earlier groups, and to the optimizer.
    public init(match: String, rate: Float? = nil, weightDecay: Float? = nil, freeze: Bool? = nil) {
        self.match = match
        self.rate = rate
        self.weightDecay = weightDecay
        self.freeze = freeze
    }

    /// Reads the list of a recipe.
    package static func list(notation: RecipeValue, at path: String = "groups") throws(RecipeError) -> [ParameterGroup]
    {
        guard case .list(let items) = notation else {
            throw .value(at: path, expected: "a list such as [{match: \"*.bias\", rate: 2}]", found: notation.text)
        }
        guard items.count <= 1000 else {
            throw .value(at: path, expected: "at most 1000 groups", found: notation.text)
        }
        var groups: [ParameterGroup] = []
        for (index, item) in items.enumerated() {
            groups.append(try ParameterGroup(notation: item, at: "\(path).\(index)"))
        }
        return groups
    }

    private init(notation: RecipeValue, at path: String) throws(RecipeError) {
        var reader = try RecipeReader(notation, at: path)
        guard let match = try reader.string("match", "a pattern of parameter names") else {
            throw reader.missing("match", "a pattern of parameter names, such as \"*.bias\"")
        }
        self.match = match
        rate = try reader.float("rate", .nonNegative)
        weightDecay = try reader.float("weight-decay", .nonNegative)
        freeze = try reader.bool("freeze")
        try reader.finish()
        guard rate != nil || weightDecay != nil || freeze != nil else {
            throw .missing(at: path, expected: "a rate, a weight-decay or freeze beside match")
        }
    }

    /// The notation of the group in a recipe.
    package var notation: RecipeValue {
        var entries: [RecipeValue.Entry] = [.init("match", .string(match))]
        if let rate { entries.append(.init("rate", .decimal(rate))) }
        if let weightDecay { entries.append(.init("weight-decay", .decimal(weightDecay))) }
        if let freeze { entries.append(.init("freeze", .bool(freeze))) }
        return .map(entries)
    }

    func check(at path: String) throws(RecipeError) {
        let limit = NumberLimit.nonNegative
        for case (let key, let value?) in [("rate", rate), ("weight-decay", weightDecay)] where !limit.holds(value) {
            throw .value(at: "\(path).\(key)", expected: limit.text, found: "\(value)")
        }
    }

    /// Whether the pattern is that of a parameter's name, or of a layer that holds the parameter.
    func matches(_ name: String) -> Bool {
        let pattern = Array(match.unicodeScalars)
        if Wildcard.matches(Array(name.unicodeScalars), pattern) { return true }
        return name.indices.contains {
            name[$0] == "." && Wildcard.matches(Array(name[..<$0].unicodeScalars), pattern)
        }
    }
}

extension Graph {
    /// Freezes the parameters that groups freeze. Throws for a group that matches no parameter, and where all are
    /// frozen.
    mutating func freeze(by groups: [ParameterGroup]) throws(RecipeError) {
        let trained = parameters.indices.filter { !parameters[$0].isStatistic }
        for (index, group) in groups.enumerated() {
            guard trained.contains(where: { group.matches(parameters[$0].name) }) else {
                let names = trained.map { parameters[$0].name }
                let near = nearestName(to: group.match, in: names + names.flatMap(Self.layers))
                throw .value(
                    at: group == ParameterGroup(match: group.match, freeze: true) ? "freeze" : "groups.\(index).match",
                    expected: near.map { "the name of a parameter or layer (did you mean \($0)?)" }
                        ?? "the name of a parameter or layer, such as \(names.first ?? "none")",
                    found: "\"\(group.match)\", which is none's")
            }
        }
        for index in trained {
            for group in groups where group.matches(parameters[index].name) {
                if let freeze = group.freeze { parameters[index].isTrainable = !freeze }
            }
        }
        guard groups.isEmpty || trained.contains(where: { parameters[$0].isTrainable }) else {
            throw .value(at: "groups", expected: "a parameter that is not frozen", found: "freeze of all of them")
        }
    }

    /// The layers around a parameter: `a.b.weight` is in `a.b` and in `a`.
    private static func layers(of name: String) -> [String] {
        name.indices.filter { name[$0] == "." }.map { String(name[..<$0]) }
    }
}
