import Foundations

/// The parameters that a run takes from a saved model, and the notice about them in the plan.
struct LoadedParameters {
    /// The places of the parameters in the run's own layout, and their numbers.
    let values: [(index: Int, numbers: [Float])]
    let notice: String

    /// Picks the parameters by name. Throws where one is not in the saved model or has another shape, and where a
    /// pattern matches none.
    init(
        _ selection: ParameterSelection, of model: Model, into parameters: [Parameter]
    ) throws(ParameterSelectionError) {
        for pattern in selection.patterns {
            let group = ParameterGroup(match: pattern)
            guard !parameters.contains(where: { group.matches($0.name) }) else { continue }
            throw .unmatched(pattern: pattern, nearest: nearestName(to: pattern, in: parameters.map(\.name)))
        }
        var values: [(Int, [Float])] = []
        var fresh: [String] = []
        for (index, parameter) in parameters.enumerated() {
            guard selection.contains(parameter.name) else {
                fresh.append(parameter.name)
                continue
            }
            guard let (shape, numbers) = model.parameter(parameter.name) else {
                throw .missing(
                    parameter: parameter.name, nearest: nearestName(to: parameter.name, in: model.parameterNames))
            }
            guard shape == parameter.fileShape else {
                throw .shape(parameter: parameter.name, expected: parameter.fileShape, found: shape)
            }
            values.append((index, parameter.fromFile(numbers)))
        }
        guard !values.isEmpty else { throw .empty }
        self.values = values
        notice =
            "begins with \(values.count) of \(parameters.count) parameters of a saved model"
            + (fresh.isEmpty ? "" : "; begun anew: \(Self.list(fresh))")
    }

    /// The first few names.
    private static func list(_ names: [String]) -> String {
        let most = 6
        let rest = names.count > most ? " and \(names.count - most) more" : ""
        return names.prefix(most).joined(separator: ", ") + rest
    }
}
