import Batchwise
import BatchwiseData
import Foundation

/// What a command learns from: `digits`, a data file, a folder of images or a recipe file, as the beginning of a recipe.
struct Source {
    /// A short name for run directories.
    let name: String
    /// The recipe as far as the source says it. Paths are as seen from the working folder.
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
        let file = try SourceFile(
            text,
            kinds: "digits, a data file (CSV, LIBSVM, IDX, NPY, NPZ or SQLite), a folder of images or a recipe (.yaml)")
        name = file.stem
        recipe = try file.recipe() ?? Self.recipe(forDataIn: text)
    }

    /// The recipe for this source with these settings, and the column to learn if one is named.
    func recipe(settings: [Setting], target: String?) throws -> Recipe {
        let target = target.map { Setting(path: ["data", "target"], value: .string($0)) }
        let recipe = try Recipe(notation: try recipe.applying((target.map { [$0] } ?? []) + settings))
        guard recipe.data != nil else {
            throw RecipeError.missing(at: "data", expected: "digits, or a file of examples")
        }
        return recipe
    }

    private static func recipe(forDataIn path: String) -> RecipeValue {
        .map([.init("data", .map([.init("train", .string(path))]))])
    }
}

extension Recipe {
    /// The recipe as a saved model holds it: the names of the data files without their folders, which say more about a
    /// person's machine than about the model, and would make the same model another file elsewhere.
    func withFileNames() -> Recipe {
        func name(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }
        var recipe = self
        recipe.data = data?.mapPaths(name)
        return recipe
    }

    /// Reads the data of a recipe that has some.
    func loadData(memory: Int? = nil) throws -> LoadedData {
        guard let data else { throw RecipeError.missing(at: "data", expected: "digits, or a file of examples") }
        let display = LoadingDisplay()
        defer { display.clear() }
        return try data.load(seed: seed, memory: memory ?? DataSource.usualMemory) { display.draw($0) }
    }
}
