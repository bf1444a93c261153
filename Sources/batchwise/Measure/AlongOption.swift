import ArgumentParser
import Batchwise

/// The option that measures again and again while the recipe trains.
struct AlongOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Train to the end of the recipe, and measure after every such length too: 1 epochs, 100 updates.",
            valueName: "length"))
    var along: String?

    /// The length; nil without the option.
    func length() throws -> TrainingLength? {
        guard let along else { return nil }
        let length = try TrainingLength(notation: .string(along), at: "--along")
        if case .string(let text) = length.notation, text.hasPrefix("0 ") {
            throw ValidationError("--along must be longer than 0")
        }
        return length
    }
}
