import ArgumentParser
import Batchwise
import BatchwiseData
import BatchwiseRuns
import Foundations

/// `batchwise predict`
struct Predict: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Predict the target of new rows.",
        discussion: """
            Writes CSV with the header "prediction": a row is the name of a class, or a
            value in the target's own unit. Of a line that data.bad-lines: skip leaves out,
            the prediction is NA, so that rows stay in step.

            Examples:
              batchwise predict runs/houses-20260101T120000Z new-houses.csv > prices.csv
              batchwise predict model.safetensors photos/new
                  (rows in the order of the paths)
              batchwise predict model.safetensors t10k-images-idx3-ubyte.gz \\
                --probabilities --output digits.npy
            """)

    @Argument(help: "A model file, or the directory of a run.")
    var model: String

    @Argument(
        help:
            "New rows: CSV or SQLite (the target's column may be missing), LIBSVM, IDX, NPY or NPZ, an image or a folder of them, or digits."
    )
    var data: String

    @Option(
        help: ArgumentHelp(
            "Write to this .csv or .npy file. In NPY a class is its number, or its place where names are no numbers.",
            valueName: "file"))
    var output: String?

    @Flag(help: "Add the probability of every class; an NPY file then holds these alone.")
    var probabilities = false

    @OptionGroup var force: ForceOptions
    @OptionGroup var threads: ThreadOptions

    @OptionGroup var setting: SettingOptions
    @OptionGroup var form: OutputOptions

    func validate() throws {
        if let output, !output.hasSuffix(".csv"), !output.hasSuffix(".npy") {
            throw ValidationError("--output \(output): the name must end in .csv or .npy")
        }
    }

    func run() throws {
        let settings = try setting.settings()
        let file = try output.map { try OutputFile($0, force: force, inputs: inputs(settings)) }
        let saved = try SavedModel(reporting: model)
        let (rows, gaps) = try saved.load(data, labels: nil, settings: settings, needsTarget: false)
        let predictions = try saved.predictor(machine: threads.machine).predictions(for: rows)
        if probabilities, predictions.classes.isEmpty {
            throw Failure(.usage, "--probabilities: this model predicts numbers, and only classes have probabilities")
        }
        if let file {
            try file.write(
                file.path.hasSuffix(".npy")
                    ? try predictions.npy(probabilities: probabilities, gaps: gaps)
                    : predictions.csv(probabilities: probabilities, gaps: gaps))
        }
        if form.json {
            try Output.write(predictions.json(probabilities: probabilities, gaps: gaps))
        } else if output == nil {
            try Output.write(predictions.csv(probabilities: probabilities, gaps: gaps))
        }
    }

    /// The files that are read: the model, and the new rows with the files and folders that settings name.
    private func inputs(_ settings: [Setting]) -> InputFiles {
        var inputs = InputFiles()
        inputs.add(model: model)
        if data != DataSource.digits { inputs.add(data) }
        for setting in settings {
            if case .string(let path) = setting.value, ["labels", "images-folder"].contains(setting.path.last) {
                inputs.add(path)
            }
        }
        return inputs
    }
}
