import ArgumentParser
import Batchwise
import BatchwiseData
import BatchwiseRuns
import Foundation
import Foundations

/// `batchwise init`
struct Init: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write a recipe to start from, with every key explained.",
        discussion: """
            The data is looked at, and the recipe trains as it is:
              batchwise train recipe.yaml

            Examples:
              batchwise init houses.csv --target price
              batchwise init digits recipes/digits.yaml --set batch.size=64
            """)

    @Argument(help: "digits, a data file, a plain text or a folder of images; without it digits.")
    var source: String?

    @Argument(help: "The file to write, or its directory; without it recipe.yaml.")
    var file: String?

    @Option(help: "The column of a table to learn: its name, or its number from 1.")
    var target: String?

    @OptionGroup var force: ForceOptions
    @OptionGroup var setting: SettingOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let (source, destination) = places()
        let named = try Source(source).recipe(settings: try setting.settings(), target: target)
        let path = path(destination)
        let file = try OutputFile(path, force: force, inputs: InputFiles(named, in: source))
        var (recipe, data) = try named.withData()
        recipe = try recipe.completed(for: data)
        // A recipe that cannot be trained is not written.
        _ = try Trainer(recipe, data: data.train, validation: data.validation, machine: Machine(threads: 1))
        if case .table = data.preprocessing.features, recipe.data?.test.isEmpty == true, recipe.data?.split.test == nil,
            recipe.data?.split.fold == nil
        {
            recipe.data?.split.test = DataSource.defaultTestFraction
        }
        let text = try StartingRecipe(recipe: recipe, data: data, path: path).text()
        try file.write(Array(text.utf8))
        if output.json {
            try Output.write(
                .object([
                    ("recipe", .string(path)), ("examples", .int(data.train.count)),
                    ("test_examples", .int(data.test?.count ?? 0)),
                    ("feature_shape", .array(data.train.featureShape.map { .int($0) })),
                    ("classes", data.train.classCount.map { .int($0) } ?? .null),
                ]))
        } else {
            try Output.write("\(path) is written; train it with: batchwise train \(shellQuoted(path))\n")
        }
    }

    /// A single argument is the place to write to, where it looks like one.
    private func places() -> (source: String, file: String) {
        if let source, let file { return (source, file) }
        guard let source else { return (DataSource.digits, "recipe.yaml") }
        let isPlace =
            source.hasSuffix(".yaml") || source.hasSuffix(".yml")
            || isFolder(source) && !DataSource.isDataFolder(source)
        return isPlace ? (DataSource.digits, source) : (source, "recipe.yaml")
    }

    /// The place to write to: in a folder it is recipe.yaml.
    private func path(_ destination: String) -> String {
        isFolder(destination) ? destination + (destination.hasSuffix("/") ? "" : "/") + "recipe.yaml" : destination
    }

    private func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}
