import Foundations

/// The parameters that a run takes from a saved model, and the notice about them in the plan.
struct LoadedParameters {
    /// The places of the parameters in the run's own layout, and their numbers.
    let values: [(index: Int, numbers: [Float])]
    let notice: String

    /// Picks the parameters by name. Throws where one is not in the saved model or has another shape, and where a
    /// pattern matches none. Where all are wanted of a file of another program, that file must hold no others.
    init(
        _ selection: ParameterSelection, of saved: SavedParameters, into parameters: [Parameter]
    ) throws(ParameterSelectionError) {
        for pattern in selection.patterns {
            let group = ParameterGroup(match: pattern)
            guard !parameters.contains(where: { group.matches($0.name) }) else { continue }
            throw .unmatched(pattern: pattern, nearest: nearestName(to: pattern, in: parameters.map(\.name)))
        }
        var values: [(Int, [Float])] = []
        var fresh: [String] = []
        var missing: [String] = []
        for (index, parameter) in parameters.enumerated() {
            guard selection.contains(parameter.name) else {
                fresh.append(parameter.name)
                continue
            }
            guard let (shape, numbers) = saved.parameter(parameter.name) else {
                missing.append(parameter.name)
                continue
            }
            guard shape == parameter.fileShape else {
                throw .shape(parameter: parameter.name, expected: parameter.fileShape, found: shape)
            }
            values.append((index, parameter.fromFile(numbers)))
        }
        let names = saved.names
        let known = Set(parameters.map(\.name))
        let leftOver = names.filter { !known.contains($0) }
        guard missing.isEmpty else {
            guard saved.model == nil else {
                throw .missing(parameter: missing[0], nearest: nearestName(to: missing[0], in: names))
            }
            throw .otherNames(missing: missing, leftOver: leftOver)
        }
        if saved.model == nil, selection == .all, !leftOver.isEmpty {
            throw .otherNames(missing: [], leftOver: leftOver)
        }
        guard !values.isEmpty else { throw .empty }
        self.values = values
        notice =
            "begins with \(values.count) of \(parameters.count) parameters of a saved model"
            + (fresh.isEmpty ? "" : "; begun anew: \(shortList(fresh))")
            + (leftOver.isEmpty ? "" : "; left over in it: \(shortList(leftOver))")
    }
}

extension [Parameter] {
    /// The last layer with parameters: the one that gives the outputs. Nil where a layer without a name holds them.
    var head: String? {
        guard let name = last(where: { !$0.isStatistic })?.name, let dot = name.lastIndex(of: ".") else { return nil }
        return String(name[..<dot])
    }

    /// All parameters, or all but those of the head: where its outputs mean something else than those of the saved
    /// model, or are more or fewer.
    func selection(from saved: SavedParameters, headIsNew: Bool) -> ParameterSelection {
        guard let head else { return .all }
        let isOfHead = ParameterGroup(match: head)
        let otherOutputs = contains { parameter in
            guard isOfHead.matches(parameter.name), let found = saved.parameter(parameter.name)?.shape else {
                return false
            }
            let wanted = parameter.fileShape
            return found.count == wanted.count && found != wanted && found.dropFirst() == wanted.dropFirst()
        }
        return headIsNew || otherOutputs ? .except([head]) : .all
    }
}

/// The first few names, and the number of the others.
func shortList(_ names: [String]) -> String {
    let most = 6
    let rest = names.count > most ? " and \(names.count - most) more" : ""
    return names.prefix(most).map { escaped($0, limit: 60) }.joined(separator: ", ") + rest
}
