/// Which parameters of a saved model a run begins with; the others begin as the recipe's seed says.
///
/// Patterns are those of ``ParameterGroup/match``: the name of a parameter or of a layer, in which `*` is any text and
/// `?` any character.
public enum ParameterSelection: Hashable, Sendable {
    /// All of them.
    case all
    /// Those that one of the patterns matches.
    case matching([String])
    /// Those that none of the patterns matches: all layers but a new head, for example.
    case except([String])

    var patterns: [String] {
        switch self {
        case .all: []
        case .matching(let patterns), .except(let patterns): patterns
        }
    }

    /// Whether a parameter of this name is one of them.
    func contains(_ name: String) -> Bool {
        switch self {
        case .all: true
        case .matching(let patterns): patterns.contains { ParameterGroup(match: $0).matches(name) }
        case .except(let patterns): !patterns.contains { ParameterGroup(match: $0).matches(name) }
        }
    }
}

/// Why a run cannot begin with the parameters of a saved model.
public enum ParameterSelectionError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A parameter has another shape in the saved model; shapes are those of files.
    case shape(parameter: String, expected: [Int], found: [Int])
    /// A selected parameter is not in the saved model; `nearest` is one of its names that looks like it.
    case missing(parameter: String, nearest: String?)
    /// A pattern matches no parameter of the recipe's model.
    case unmatched(pattern: String, nearest: String?)
    /// The selection holds no parameter.
    case empty

    public var description: String {
        switch self {
        case .shape(let name, let expected, let found):
            "parameter \(name) has the shape \(found) in the saved model and \(expected) in the recipe's: leave it out "
                + "of those to load, as .except([\"\(name)\"]) does"
        case .missing(let name, let nearest):
            "the saved model has no parameter \(name)" + (nearest.map { " (did you mean its \($0)?)" } ?? "")
                + ": load those that both models have, by .matching or .except"
        case .unmatched(let pattern, let nearest):
            "no parameter of the recipe's model matches \"\(pattern)\""
                + (nearest.map { ": did you mean \($0)?" } ?? ": give the name of a parameter or layer")
        case .empty: "no parameter is to be loaded: select some, or begin without a saved model"
        }
    }
}
