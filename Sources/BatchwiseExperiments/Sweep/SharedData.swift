import Batchwise
import BatchwiseData
import BatchwiseRuns
import Foundation

/// The data of the cells, read once for all cells with the same source, split and seed. The last two are kept.
final class SharedData: @unchecked Sendable {
    // all of this is read and changed under the lock
    private let lock = NSLock()
    private let memory: Int?
    private var kept: [(key: Key, complete: Recipe, data: LoadedData)] = []

    private struct Key: Hashable {
        var source: RecipeValue?
        var start: StartingModel?
        var seed: UInt64
        var mayHoldOut: Bool
    }

    init(memory: Int?) { self.memory = memory }

    /// The recipe with the settings that its data decides, and the data.
    func recipe(_ recipe: Recipe) throws -> (recipe: Recipe, data: LoadedData) {
        let key = Key(
            source: recipe.data?.notation, start: recipe.startingModel, seed: recipe.seed,
            mayHoldOut: recipe.open.isSuperset(of: .length))
        lock.lock()
        defer { lock.unlock() }
        if let place = kept.firstIndex(where: { $0.key == key }) {
            kept.append(kept.remove(at: place))
        } else {
            let (complete, data) = try recipe.completedWithData(memory: memory) { _ in }
            kept = kept.suffix(1) + [(key, complete, data)]
        }
        let (_, complete, data) = kept[kept.count - 1]
        var recipe = recipe
        (recipe.data, recipe.startingModel) = (complete.data, complete.startingModel)
        return recipe.chosen(for: data)
    }
}
