import Batchwise
import BatchwiseData
import BatchwiseRuns
import Foundation

/// The source that a command learns from, as the beginning of a recipe: `digits`, a data file, a folder of images or a
/// recipe file.
struct Source {
    /// A short name for run directories.
    let name: String
    /// The recipe, as far as the source determines it. Paths are as seen from the working folder.
    let recipe: RecipeValue

    init(_ text: String) throws {
        if text == DataSource.digits {
            name = text
            recipe = Self.recipe(forDataIn: DataSource.digits)
            return
        }
        let files = try FilePattern.files(text)
        if files != [text] {
            name = SourceFile.stem(of: text)
            recipe = Self.recipe(forDataIn: text)
            return
        }
        if let kind = PathKind(text, opening: false), !kind.isData { throw kind.isNoSource(text) }
        let file = try SourceFile(
            text,
            kinds:
                "digits, a data file (CSV, Parquet, LIBSVM, IDX, NPY, NPZ or SQLite), a folder of images or a recipe (.yaml)"
        )
        name = file.stem
        recipe = try file.recipe() ?? Self.recipe(forDataIn: text)
    }

    /// The recipe for this source with these settings, and the column to learn if one is named.
    func recipe(settings: [Setting], target: String?) throws -> Recipe {
        let recipe = try Recipe(notation: notation(settings: settings, target: target))
        guard recipe.data != nil else {
            throw RecipeError.missing(at: "data", expected: "digits, or a file of examples")
        }
        return recipe
    }

    /// The recipe for this source as it was said, with these settings.
    func notation(settings: [Setting], target: String?) throws -> RecipeValue {
        let target = target.map { Setting(path: ["data", "target"], value: .string($0)) }
        return try recipe.applying((target.map { [$0] } ?? []) + settings)
    }

    private static func recipe(forDataIn path: String) -> RecipeValue {
        .map([.init("data", .map([.init("train", .string(path))]))])
    }
}

extension Recipe {
    /// Reads the data of a recipe that has some, and chooses what the recipe leaves open.
    func withData(memory: Int? = nil) throws -> (recipe: Recipe, data: LoadedData) {
        let display = LoadingDisplay()
        defer { display.clear() }
        return try withData(memory: memory) { display.draw($0) }
    }
}
