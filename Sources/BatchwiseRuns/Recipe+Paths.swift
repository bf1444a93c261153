import Batchwise
import BatchwiseData
import Foundation

// The paths of a recipe's data, as seen from different folders.

extension Recipe {
    /// The recipe as a saved model holds it: the names of the data files without their folders, which say more about a
    /// person's machine than about the model, and would make the same model another file elsewhere.
    package func withFileNames() -> Recipe {
        func name(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }
        var recipe = self
        recipe.data = data?.mapPaths(name)
        if let start = startingModel { recipe.startingModel?.path = name(start.path) }
        return recipe
    }

    /// Reads the data that the recipe names, and chooses the settings that the recipe leaves open; `progress` receives
    /// the fraction that has been read.
    package func withData(
        memory: Int? = nil, _ progress: (Double) -> Void
    ) throws -> (recipe: Recipe, data: LoadedData) {
        let (recipe, data) = try completedWithData(memory: memory, progress)
        return recipe.chosen(for: data)
    }

    /// Reads the data that the recipe names, and completes the recipe from the saved model that it begins with.
    package func completedWithData(
        memory: Int? = nil, _ progress: (Double) -> Void
    ) throws -> (recipe: Recipe, data: LoadedData) {
        guard let start = startingModel else { return (self, try loadData(memory: memory, progress)) }
        return try loadingData(from: start, memory: memory, progress)
    }

    /// Reads the data that the recipe names. They depend on its data, its seed, whether its length is open, and on the
    /// preprocessing that is kept.
    func loadData(
        memory: Int? = nil, kept: KeptPreprocessing? = nil, _ progress: (Double) -> Void
    ) throws -> LoadedData {
        guard let data else { throw RecipeError.missing(at: "data", expected: "digits, or a file of examples") }
        var loading = Loading(
            seed: seed, mayHoldOut: open.isSuperset(of: .length), memory: memory ?? DataSource.usualMemory)
        loading.kept = kept
        return try data.load(loading, progress: progress)
    }

    /// The recipe with the settings that it leaves open chosen for its data, and the data with notices of that.
    package func chosen(for loaded: LoadedData) -> (recipe: Recipe, data: LoadedData) {
        var (recipe, notices) = choosing(
            examples: batch.sampling?.examples ?? loaded.train.count,
            isClassification: loaded.train.classCount != nil, isHeldOut: loaded.heldOut != nil)
        if let part = loaded.heldOut, let rule = recipe.earlyStopping {
            recipe.data?.split.validation = part
            notices.append(
                "\(loaded.validation?.count ?? 0) examples are held out for validation: the run ends where their loss is "
                    + "no better for \(rule.patience) epochs (early-stopping: none and data.split.validation: 0 train on "
                    + "all)")
        }
        return (recipe, loaded.adding(notices))
    }
}

extension RecipeValue {
    /// The recipe with the relative paths of its data beginning at `folder`, which is empty or ends with a slash.
    package func withPaths(from folder: String) -> RecipeValue {
        mappingPaths { $0.hasPrefix("/") ? $0 : folder + $0 }
    }

    /// The recipe with absolute paths, that means the same in every folder.
    package func withAbsolutePaths() -> RecipeValue {
        mappingPaths { absolutePath($0) }
    }

    package func mappingPaths(_ map: (String) -> String) -> RecipeValue {
        mappingStart(map).mappingDataPaths(map)
    }

    /// The recipe with the path of its saved model mapped.
    private func mappingStart(_ map: (String) -> String) -> RecipeValue {
        switch self["from"] {
        case .string(let path)?: setting(["from"], to: .string(map(path)))
        case .map(let entries)?:
            setting(
                ["from"],
                to: .map(
                    entries.map { entry in
                        if entry.key == "model", case .string(let path) = entry.value {
                            return .init("model", .string(map(path)))
                        }
                        return entry
                    }))
        default: self
        }
    }

    private func mappingDataPaths(_ map: (String) -> String) -> RecipeValue {
        guard let data = self["data"] else { return self }
        func mapped(_ value: RecipeValue) -> RecipeValue {
            switch value {
            case .string(let path) where path != DataSource.digits: .string(map(path))
            case .list(let paths): .list(paths.map(mapped))
            default: value
            }
        }
        guard case .map(let entries) = data else { return setting(["data"], to: mapped(data)) }
        let paths = ["train", "labels", "test", "test-labels", "images-folder"]
        return setting(
            ["data"], to: .map(entries.map { paths.contains($0.key) ? .init($0.key, mapped($0.value)) : $0 }))
    }
}

/// A path that means the same in every folder.
package func absolutePath(_ path: String) -> String {
    if path.hasPrefix("/") { return path }
    let folder = FileManager.default.currentDirectoryPath
    let rest = path.hasPrefix("./") ? String(path.dropFirst(2)) : path
    return folder.hasSuffix("/") ? folder + rest : folder + "/" + rest
}
