import ArgumentParser
import Batchwise
import BatchwiseData
import BatchwiseRuns
import Foundations

/// `batchwise generate`
struct Generate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write text that goes on from a prompt.",
        discussion: """
            The model must have learned the characters of a plain text. It writes one
            character after the other, each drawn by the probabilities that it gives after
            the characters before. The same prompt, temperature and seed write the same
            text.

            The model reads as many characters as its window has. A shorter prompt stands
            behind line feeds (behind spaces, where training had no line feed).

            Examples:
              batchwise train input.txt --run runs/plays
              batchwise generate runs/plays --prompt "ROMEO:" --length 500 --seed 7
              batchwise generate runs/plays --prompt "To be" --temperature 0 --json
            """)

    @Argument(help: "A model file, or the directory of a run.")
    var model: String

    @Option(help: "The text to go on from, of characters that training had; without it none.")
    var prompt = ""

    @Option(help: "The number of characters to write.")
    var length = 200

    @Option(
        help: "0 takes the most likely character, 1 draws by the model's probabilities, and more draws more evenly.")
    var temperature = 0.8

    @Option(help: "The seed of the random numbers.")
    var seed = 42

    @OptionGroup var output: OutputOptions

    func validate() throws {
        if !(1...1_000_000).contains(length) { throw ValidationError("--length must be from 1 to 1000000") }
        if !(temperature >= 0 && temperature.isFinite) {
            throw ValidationError("--temperature must be a number of at least 0")
        }
        if seed < 0 { throw ValidationError("--seed must be at least 0") }
    }

    func run() throws {
        let saved = try SavedModel(reporting: model)
        let text = try saved.predictor(machine: Machine(threads: 1))
            .text(after: prompt, length: length, temperature: temperature, seed: UInt64(seed))
        guard output.json else { return try Output.write(prompt + text + "\n") }
        try Output.write(
            .object([
                ("prompt", .string(prompt)), ("text", .string(text)), ("length", .int(length)),
                ("temperature", .number(temperature)), ("seed", .int(seed)),
            ]))
    }
}
