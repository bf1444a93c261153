import Batchwise

extension Recipe {
    /// The recipe with the settings that depend on loaded data filled in. Plain text gets the preset `text`, and the
    /// window that it was read with.
    package func completed(for data: LoadedData) throws(RecipeError) -> Recipe {
        var recipe = self
        if case .characters = data.preprocessing.features {
            if let list = model as? LayerList, list.layers.isEmpty {
                recipe.model = try LayerList(notation: .string("text"))
            }
            if recipe.data?.kind == .automatic { recipe.data?.kind = .text(window: data.preprocessing.featureShape[0]) }
        }
        return try recipe.completed(for: data.train)
    }
}
