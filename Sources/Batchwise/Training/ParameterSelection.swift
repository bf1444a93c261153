/// The parameters of a saved model that a run begins with; all others begin as the recipe's seed says.
///
/// Patterns are those of ``ParameterGroup/match``: the name of a parameter or of a layer, in which `*` is any text and
/// `?` any character.
public enum ParameterSelection: Hashable, Sendable {
    /// All parameters.
    case all
    /// The parameters that one of the patterns matches.
    case matching([String])
    /// The parameters that none of the patterns matches: for example all layers but a new head.
    case except([String])

    var patterns: [String] {
        switch self {
        case .all: []
        case .matching(let patterns), .except(let patterns): patterns
        }
    }

    /// Whether the selection contains the parameter of this name.
    func contains(_ name: String) -> Bool {
        switch self {
        case .all: true
        case .matching(let patterns): patterns.contains { ParameterGroup(match: $0).matches(name) }
        case .except(let patterns): !patterns.contains { ParameterGroup(match: $0).matches(name) }
        }
    }
}

/// An error in beginning a run with the parameters of a saved model.
public enum ParameterSelectionError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A parameter has another shape in the saved model; shapes are those of files.
    case shape(parameter: String, expected: [Int], found: [Int])
    /// A selected parameter is not in the saved model; `nearest` is one of its names that looks like it.
    case missing(parameter: String, nearest: String?)
    /// A pattern matches no parameter of the recipe's model.
    case unmatched(pattern: String, nearest: String?)
    /// The saved model has other names: these parameters of the recipe's model are not in it, and these of its own are
    /// not in the recipe's model.
    case otherNames(missing: [String], leftOver: [String])
    /// The selection holds no parameter.
    case empty

    /// One line for a person: the parameter or pattern, the mistake, and what to do about it.
    public var description: String {
        switch self {
        case .shape(let name, let expected, let found):
            "parameter \(name) has the shape \(found) in the saved model and \(expected) in the recipe's: leave it out "
                + "of those to load, as .except([\"\(name)\"]) does, and except: \"\(name)\" in a recipe"
        case .missing(let name, let nearest):
            "the saved model has no parameter \(name)" + (nearest.map { " (did you mean its \($0)?)" } ?? "")
                + ": load those that both models have, by .matching or .except (in a recipe load or except)"
        case .otherNames(let missing, let leftOver):
            "the saved model has other names than the recipe's model:"
                + (missing.isEmpty ? "" : " missing \(shortList(missing))")
                + (missing.isEmpty || leftOver.isEmpty ? "" : ";")
                + (leftOver.isEmpty ? "" : " left over \(shortList(leftOver))")
                + ". Name layers alike, or load those that both have, by load or except"
        case .unmatched(let pattern, let nearest):
            "no parameter of the recipe's model matches \"\(pattern)\""
                + (nearest.map { ": did you mean \($0)?" } ?? ": give the name of a parameter or layer")
        case .empty: "no parameter is to be loaded: select some, or begin without a saved model"
        }
    }
}
