import Batchwise
import BatchwiseData
import Foundation
import Foundations

/// The directory of a cross-validation: `folds.yaml` with the number of folds and the recipe, and the run of each fold
/// in `fold-1`, `fold-2` and so on. It is locked while this value lives.
package final class FoldsDirectory {
    package let path: String
    /// The number of folds.
    package let count: Int
    /// The recipe of all folds, without the number of one and as far as it was said: the data of each decide the rest.
    package let recipe: RecipeValue
    private let lock: RunLock

    package static let fileName = "folds.yaml"

    /// Whether the directory is that of a cross-validation.
    package static func isAt(_ path: String) -> Bool { access("\(path)/\(fileName)", F_OK) == 0 }

    /// Begins a cross-validation in a new directory.
    package init(beginning place: RunDirectory, _ recipe: RecipeValue, folds count: Int) throws {
        path = place.path
        self.count = count
        self.recipe = recipe
        lock = try RunLock(place.path)
        try place.clear()
        let whole = RecipeValue.map([
            .init("folds", .int(count)), .init("recipe", recipe.withAbsolutePaths()),
        ])
        try AtomicFile.write(Array(try whole.yaml().utf8), to: "\(path)/\(Self.fileName)")
    }

    /// Opens the directory of a cross-validation that was stopped or killed.
    package init(existing path: String) throws {
        self.path = path
        lock = try RunLock(path)
        let file = "\(path)/\(Self.fileName)"
        do {
            let whole = try RecipeValue(yaml: try RunDirectory.text(of: file))
            guard case .int(let count)? = whole["folds"], (2...1000).contains(count), let recipe = whole["recipe"]
            else { throw RunError.damaged(file, reason: "it does not say how many folds there are of which recipe") }
            self.count = count
            self.recipe = recipe.withPaths(from: path + "/")
            _ = try Recipe(notation: self.recipe)
        } catch let error as RecipeError { throw RunError.recipe(file, error) }
        AtomicFile.removeLeftovers(in: path)
    }

    /// The directory of a fold, from 1.
    package func fold(_ number: Int) -> String { "\(path)/fold-\(number)" }

    /// Whether the directory of a fold holds anything that a run has written.
    package func hasBegun(_ number: Int) -> Bool {
        let names = try? FileManager.default.contentsOfDirectory(atPath: fold(number))
        return names?.allSatisfy(AtomicFile.isLeftover) == false
    }
}
