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
            Writes a row for each new row, in their order, under the header "prediction":
            the name of a class, or a value in the target's own unit. Columns that --id
            names stand before it, and the files of images do. Of a line that
            data.bad-lines: skip leaves out, the prediction is NA, so that rows stay in
            step.

            Examples:
              batchwise predict runs/houses-20260101T120000Z new-houses.csv > prices.csv
              batchwise predict runs/houses new-houses.csv --id address --output p.jsonl
              batchwise predict model.safetensors photos/new
                  (rows in the order of the paths)
              batchwise predict model.safetensors t10k-images-idx3-ubyte.gz \\
                --probabilities --output digits.npy
              tail -f rows.csv | batchwise predict runs/houses - --format jsonl
                  (- reads standard input: CSV with the header of training, or JSON lines;
                  each part of it is answered when it has come)
            """)

    @Argument(help: "A model file, or the directory of a run.")
    var model: String

    @Argument(
        help:
            "New rows: CSV or SQLite (the target's column may be missing), LIBSVM, IDX, NPY or NPZ, an image or a folder of them, digits, or - for standard input."
    )
    var data: String

    @Option(
        help: ArgumentHelp(
            "Write to this .csv, .jsonl or .npy file. In NPY a class is its number, or its place where names are no numbers.",
            valueName: "file"))
    var output: String?

    @Option(help: ArgumentHelp("The form of standard output: csv or jsonl, an object a line.", valueName: "form"))
    var format = PredictionFormat.csv

    @Option(
        name: .customLong("id"),
        help: ArgumentHelp(
            "Put this column of the new rows before the predictions, as it is written. May be given several times.",
            valueName: "column"))
    var ids: [String] = []

    @Flag(help: "Add the probability of every class; an NPY file then holds these alone.")
    var probabilities = false

    @OptionGroup var force: ForceOptions
    @OptionGroup var threads: ThreadOptions

    @OptionGroup var setting: SettingOptions
    @OptionGroup var form: OutputOptions

    func validate() throws {
        if let output, PredictionFormat(file: output) == nil {
            throw ValidationError("--output \(output): the name must end in .csv, .jsonl or .npy")
        }
        guard format != .npy else { throw ValidationError("--format npy: an array goes to a file: --output p.npy") }
        if form.json, format != .csv { throw ValidationError("--json writes one object: leave out --format") }
        if Set(ids).count < ids.count { throw ValidationError("--id names a column twice") }
        if ids.contains("prediction") {
            throw ValidationError("--id prediction: the predictions have this name; rename the column")
        }
        if !ids.isEmpty, output.flatMap(PredictionFormat.init(file:)) == .npy {
            throw ValidationError("--id: an array holds numbers alone; write .csv or .jsonl")
        }
    }

    func run() throws {
        let settings = try setting.settings()
        let file = try output.map { try OutputFile($0, force: force, inputs: inputs(settings)) }
        let saved = try SavedModel(reporting: model, beside: data)
        if probabilities, saved.preprocessing.classNames.isEmpty {
            throw Failure(.usage, "--probabilities: this model predicts numbers, and only classes have probabilities")
        }
        let predictor = try saved.predictor(machine: threads.machine)
        let writer = PredictionWriter(
            file: file, form: form.json ? nil : format, probabilities: probabilities)
        let rows = try saved.newRows(settings: settings, ids: ids)
        if data == "-" {
            writer.begin(predictor)
            try rows.readInput { part in
                try writer.add(try part.rows.map { try predictor.predictions(for: $0) }, part)
            }
        } else {
            let part = try rows.read(data)
            rows.hint(atIDsIn: data, ids)
            writer.begin(predictor)
            try writer.add(try part.rows.map { try predictor.predictions(for: $0) }, part)
        }
        try writer.end()
    }

    /// The files that are read: the model, and the new rows with the files and folders that settings name.
    private func inputs(_ settings: [Setting]) -> InputFiles {
        var inputs = InputFiles()
        inputs.add(model: model)
        if data != DataSource.digits, data != "-" { inputs.add(data) }
        for setting in settings {
            if case .string(let path) = setting.value, ["labels", "images-folder"].contains(setting.path.last) {
                inputs.add(path)
            }
        }
        return inputs
    }
}
