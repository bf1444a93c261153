import ArgumentParser
import BatchwiseRuns

/// `--checkpoint-every` and `--keep-checkpoints`.
struct CheckpointOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How often a checkpoint is written: \"500 updates\", \"10000 examples\", \"1 epochs\", \"60 seconds\" or "
                + "\"10 minutes\"; "
                + "without it after 10 seconds at the end of an epoch, and after 60 within one.",
            valueName: "interval"))
    var checkpointEvery: CheckpointSchedule?

    @Option(help: ArgumentHelp("The newest checkpoints that are kept.", valueName: "number"))
    var keepCheckpoints = 3

    func validate() throws {
        guard (1...1_000_000).contains(keepCheckpoints) else {
            throw ValidationError("--keep-checkpoints must be from 1 to 1000000")
        }
    }
}

extension CheckpointSchedule: FormedArgument {
    static let form =
        "\"500 updates\", \"10000 examples\", \"2 epochs\", \"90 seconds\" or \"10 minutes\", with a number above 0"

    /// Reads an interval such as `500 updates`; nil where the text is none.
    public init?(argument: String) {
        OptionForm.refused = Self.form
        self.init(argument.trimming(" "))
        OptionForm.refused = nil
    }

    init?(form text: String) { self.init(text) }
}
