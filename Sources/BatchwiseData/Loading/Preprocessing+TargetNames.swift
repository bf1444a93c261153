import Batchwise

extension Preprocessing {
    /// The names of the classes, or of the amounts where they are columns of a table; empty where they have none.
    package var targetNames: [String] {
        if case .classes(let names) = target { return names }
        guard case .table(let encoder) = features else { return [] }
        return encoder.targets.map(\.name)
    }
}
