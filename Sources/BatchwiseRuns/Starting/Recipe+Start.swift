import Batchwise
import BatchwiseData

// A recipe that begins with a saved model: its data, layers and place are completed from that model.

extension Recipe {
    /// Reads the data as the saved model reads them, where they have what it needs, and completes the recipe: with the
    /// file and its checksum, the layers where the recipe names none, and the treatment of features.
    func loadingData(
        from start: StartingModel, memory: Int?, _ progress: (Double) -> Void
    ) throws -> (recipe: Recipe, data: LoadedData) {
        let saved = try SavedStart(start)
        var recipe = self
        try recipe.complete(from: saved)
        var notices = saved.notices
        guard let preprocessing = saved.preprocessing else {
            guard start.preprocessing != .kept else {
                throw RecipeError.conflict("from.preprocessing: kept needs a model that was saved with preprocessing")
            }
            recipe.startingModel?.preprocessing = .fitted
            return (recipe, try recipe.loadData(memory: memory, progress).adding(notices))
        }
        notices += recipe.completeData(from: preprocessing)
        let kept = KeptPreprocessing(preprocessing, features: start.preprocessing != .fitted)
        let data = try recipe.loadData(memory: memory, kept: kept, progress)
        if data.keepsFeatures {
            notices.append(
                "features are read as the saved model reads them (from.preprocessing: fitted fits them to these data)")
        } else if kept.features {
            let reason = data.fittedAnew ?? "the data are of another kind or shape than those of the saved model"
            guard start.preprocessing == nil else {
                throw RecipeError.conflict("from.preprocessing: kept is not possible: \(reason)")
            }
            notices.append("features are fitted to these data: \(reason)")
        }
        recipe.startingModel?.preprocessing = data.keepsFeatures ? .kept : .fitted
        return (recipe, data.adding(notices))
    }

    /// Fills in the file and its checksum, and the layers where the recipe names none.
    mutating func complete(from saved: SavedStart) throws(RecipeError) {
        startingModel?.path = saved.file
        startingModel?.sha256 = saved.parameters.sha256
        guard model.isEmptyList else { return }
        guard let model = saved.parameters.model else {
            throw .missing(
                at: "model", expected: "the layers of \(saved.file), which another program wrote without a recipe")
        }
        self.model = model.recipe.model
    }

    /// Reads the data of a run that goes on from a checkpoint, as its model reads them: the saved model that it began with
    /// is not needed any more.
    func loadingData(
        goingOnFrom checkpoint: Checkpoint, memory: Int?, _ progress: (Double) -> Void
    ) throws -> (recipe: Recipe, data: LoadedData) {
        let kept = try checkpoint.model.preprocessing.map {
            KeptPreprocessing($0, features: startingModel?.preprocessing == .kept)
        }
        return chosen(for: try loadData(memory: memory, kept: kept, progress))
    }

    /// Takes the target of a table, and the window of a text, from the saved model where the recipe names none; returns a
    /// notice.
    private mutating func completeData(from preprocessing: Preprocessing) -> [String] {
        guard let source = data else { return [] }
        switch (preprocessing.features, source.kind) {
        case (.characters, .automatic):
            data?.kind = .text(window: preprocessing.featureShape[0])
            return []
        case (.table(let encoder), .automatic), (.table(let encoder), .table), (.table(let encoder), .database):
            guard source.columns.targets.isEmpty else { return [] }
            let names = encoder.targets.map { encoder.hasHeader ? $0.name : String($0.number) }
            data?.columns.targets = names
            return ["target \(names.joined(separator: ", ")), as in the saved model (--target names another)"]
        default: return []
        }
    }
}

extension Layer {
    /// Whether a recipe has named no layers.
    fileprivate var isEmptyList: Bool { (self as? LayerList)?.layers.isEmpty == true }
}
