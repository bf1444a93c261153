import ArgumentParser

/// The form in which predictions are written.
enum PredictionFormat: String, CaseIterable, ExpressibleByArgument {
    case csv, jsonl, npy

    /// The forms of standard output: an array goes to a file.
    static let allValueStrings = [csv, jsonl].map(\.rawValue)

    /// The form that the name of a file asks for; nil where it asks for none.
    init?(file: String) {
        guard let form = Self.allCases.first(where: { file.hasSuffix(".\($0.rawValue)") }) else { return nil }
        self = form
    }
}
