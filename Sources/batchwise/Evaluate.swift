import ArgumentParser
import Batchwise
import BatchwiseData
import BatchwiseRuns
import Foundations

/// `batchwise evaluate`
struct Evaluate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compare a model's predictions with labelled data.",
        discussion: """
            Examples:
              batchwise evaluate runs/houses-20260101T120000Z new-houses.csv
              batchwise evaluate model.safetensors t10k-images-idx3-ubyte.gz --json
              batchwise evaluate model.safetensors digits
            """)

    @Argument(help: "A model file, or the directory of a run.")
    var model: String

    @Argument(
        help:
            "Labelled rows: CSV or SQLite with the target's column, LIBSVM, IDX, NPY or NPZ with labels, a folder of class folders of images, or digits."
    )
    var data: String

    @Option(help: ArgumentHelp("The labels of an IDX or NPY file.", valueName: "file"))
    var labels: String?

    @OptionGroup var threads: ThreadOptions

    @OptionGroup var setting: SettingOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let settings = try setting.settings()
        let saved = try SavedModel(reporting: model)
        let (rows, skippedRows) = try saved.load(data, labels: labels, settings: settings, needsTarget: true)
        let result = try saved.model.evaluate(rows, machine: threads.machine)
        if output.json {
            try Output.write(
                .object([
                    ("examples", .int(result.examples)), ("loss", .number(result.loss)),
                    result.accuracy.map { ("accuracy", .number($0)) } ?? ("rmse", JSON(result.rmse)),
                    ("skipped_lines", .int(skippedRows.count)),
                ]))
        } else {
            try Output.write("\(counted(result.examples, "example")): \(result.text())\n")
        }
    }
}
