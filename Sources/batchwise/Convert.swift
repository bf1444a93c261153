import ArgumentParser
import Batchwise
import BatchwiseData
import Foundations

/// `batchwise data convert`
struct Convert: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write data as a folder of plain arrays, which trains to the same bits and is read faster.",
        discussion: """
            The folder holds NPY files and manifest.json, which has a checksum for each. It
            may be larger than memory: training reads rows as it needs them (see
            --data-memory), and `batch: {size: 128, block: 1024}` in a recipe keeps them
            near each other on a disk.

            Examples:
              batchwise data convert train-images-idx3-ubyte.gz mnist.data
              batchwise data convert 'houses-*.csv' houses.data --ignore id --ignore street
              batchwise data convert recipe.yaml houses.data
                  the training data of a recipe, as it is read there
              batchwise train houses.data --target price
            """)

    @Argument(
        help: "A data file (CSV, Parquet, SQLite, LIBSVM, IDX, NPY, NPZ), a pattern, a folder of images, or a recipe.")
    var source: String

    @Argument(help: "The folder to write, which must not be there yet; by --force it may be one of converted data.")
    var folder: String

    @Option(help: ArgumentHelp("The labels of an IDX or NPY file.", valueName: "file"))
    var labels: String?

    @Option(help: "The table or view of a database.")
    var table: String?

    @Option(help: "A SELECT statement, instead of a table.")
    var query: String?

    @Option(help: ArgumentHelp("A column of a table to leave out; may be said again.", valueName: "column"))
    var ignore: [String] = []

    @Option(help: "Rows of a file; without it files are of about 1 GiB.")
    var shardRows: Int?

    @Flag(help: "Replace a folder of converted data that is there. A folder that is read is never replaced.")
    var force = false

    @OptionGroup var output: OutputOptions

    func validate() throws {
        if let shardRows, shardRows < 1 { throw ValidationError("--shard-rows must be at least 1") }
        if folder.isEmpty { throw ValidationError("name the folder to write") }
    }

    func run() throws {
        guard source != DataSource.digits else {
            throw Failure(.usage, "the digits are in the program already; name a file or folder to convert")
        }
        let data = try data()
        try ConvertedFolder(folder, isForced: force, inputs: inputs(data)).write { path in
            try data.convert(to: path, shardRows: shardRows) { Output.log("note: \($0)") }
        }
        let description = try DataDescription(of: folder)
        if output.json {
            try Output.write(description.json(file: folder))
        } else {
            Output.log("\(folder) is written; train it with: batchwise train \(shellQuoted(folder))")
            try Output.write(description.text(file: folder))
        }
    }

    /// The data to convert: the data of a recipe, or a file by its name.
    private func data() throws -> DataSource {
        var data = try DataSource(notation: fileNotation)
        if try FilePattern.files(source) == [source] {
            let file = try SourceFile(
                source,
                kinds: "a data file (CSV, Parquet, SQLite, LIBSVM, IDX, NPY or NPZ), a folder of images or a recipe")
            if let recipe = try file.recipe() {
                guard labels == nil, table == nil, query == nil else {
                    throw ValidationError("--labels, --table and --query are said in the recipe")
                }
                guard let said = try Recipe(notation: recipe).data else {
                    throw RecipeError.missing(at: "data", expected: "a file of examples")
                }
                data = said
            }
        }
        if !ignore.isEmpty {
            switch data.kind {
            case .automatic, .table, .database: data.columns.ignore += ignore
            case .arrays, .sparse, .images, .imageList, .text:
                throw ValidationError("--ignore leaves columns of a table out, and \(source) is none")
            }
        }
        return data
    }

    private func inputs(_ data: DataSource) -> InputFiles {
        var inputs = InputFiles()
        inputs.add(source)
        inputs.add(data)
        return inputs
    }

    /// The file as a recipe names it.
    private var fileNotation: RecipeValue {
        var entries = [RecipeValue.Entry("train", .string(source))]
        for (key, value) in [("labels", labels), ("table", table), ("query", query)] {
            if let value { entries.append(.init(key, .string(value))) }
        }
        return .map(entries)
    }
}
