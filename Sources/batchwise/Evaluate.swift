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
            Without data, the rows are those that the run held out: the test part of its
            data or, where there is none, the validation part.

            Examples:
              batchwise evaluate runs/houses-20260101T120000Z
              batchwise evaluate runs/houses-20260101T120000Z new-houses.csv
              batchwise evaluate model.safetensors t10k-images-idx3-ubyte.gz --json
              batchwise evaluate model.safetensors digits
            """)

    @Argument(help: "A model file, or the directory of a run.")
    var model: String

    @Argument(
        help:
            "Labelled rows: CSV or SQLite with the target's column, LIBSVM, IDX, NPY or NPZ with labels, a folder of class folders of images, or digits; without it, the rows that the run held out."
    )
    var data: String?

    @Option(help: ArgumentHelp("The labels of an IDX or NPY file.", valueName: "file"))
    var labels: String?

    @OptionGroup var threads: ThreadOptions

    @OptionGroup var setting: SettingOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let settings = try setting.settings()
        let saved = try SavedModel(reporting: model, beside: data)
        var gaps: [Int] = []
        var rows: Dataset
        var held: HeldOutPart?
        var trainedOn: Int?
        if let data {
            (rows, gaps) = try saved.load(data, labels: labels, settings: settings, needsTarget: true)
            trainedOn = tellTrained(rows, saved)
        } else {
            guard settings.isEmpty, labels == nil else {
                throw Failure(.usage, "--set and --labels say how data are read: name the data behind the model")
            }
            let part = try HeldOutPart(of: try savedRun(saved), in: model)
            (rows, held, trainedOn) = (part.rows, part, 0)
            Output.note(part.notice)
        }
        let result = try saved.model.evaluate(rows, scores: .all, machine: threads.machine)
        let names = saved.preprocessing.targetNames
        if output.json {
            try Output.write(
                .object([
                    ("examples", .int(result.examples)), ("loss", .number(result.loss)),
                    result.accuracy.map { ("accuracy", .number($0)) } ?? ("rmse", JSON(result.rmse)),
                    ("metrics", result.scores(names: names) ?? .null),
                    ("skipped_lines", .int(gaps.count)), ("trained_on", trainedOn.map { .int($0) } ?? .null),
                    ("part", JSON(held?.name)),
                ]))
        } else {
            var lines = ["\(counted(result.examples, "example")): \(result.text())"]
            lines += result.scoreLines(names: names) + result.mistakeLines(names: names)
            try Output.write(lines.joined(separator: "\n") + "\n")
        }
    }

    private func savedRun(_ saved: SavedModel) throws -> SavedRun {
        guard SavedRun.isAt(model) else {
            throw Failure(
                .usage,
                "\(model): a model file does not say which rows were held out: name labelled rows behind it, or the "
                    + "directory of its run")
        }
        let display = LoadingDisplay()
        defer { display.clear() }
        return try SavedRun(model, model: saved.model) { display.draw($0) }
    }

    /// Says how many of these rows the model was trained on, where the data of its run can still be read.
    private func tellTrained(_ rows: Dataset, _ saved: SavedModel) -> Int? {
        guard SavedRun.isAt(model) else { return nil }
        do {
            guard let count = try savedRun(saved).trained(among: rows) else {
                Output.note("how many of these rows were trained on cannot be told: they are not in memory")
                return nil
            }
            Output.note(
                count == 0
                    ? "none of these \(counted(rows.count, "row")) is one that was trained on"
                    : "\(grouped(Double(count))) of these \(counted(rows.count, "row")) \(count == 1 ? "is" : "are") among those "
                        + "that were trained on; batchwise evaluate \(shellQuoted(model)) takes those that were not")
            return count
        } catch {
            Output.note("how many of these rows were trained on cannot be told: \(error)")
            return nil
        }
    }
}

/// The rows that a run held out of its training.
private struct HeldOutPart {
    let name: String
    let rows: Dataset
    let notice: String

    init(of run: SavedRun, in path: String) throws {
        guard let (name, rows) = run.data.test.map({ ("test", $0) }) ?? run.data.validation.map({ ("validation", $0) })
        else {
            throw Failure(.usage, "\(path): the run held no rows out: name labelled rows behind it")
        }
        self.name = name
        self.rows = rows
        let files = run.files.map { $0.split(separator: "/").last.map(String.init) ?? $0 }.joined(separator: ", ")
        notice =
            "these are the \(counted(rows.count, "\(name) row")) that the run held out of \(escaped(files, limit: 200))"
    }
}
