extension Trainer {
    /// Saves all that the rest of the run depends on to one file, atomically; ``resume(from:)`` goes on with it.
    ///
    /// ```swift
    /// try trainer.run { $0.index == 500 ? .stop : .proceed }
    /// try trainer.saveCheckpoint("half.safetensors")
    /// ```
    /// The file is a model too, and has a checksum. Throws `CheckpointError` where it cannot be written; a file that
    /// was there stays then.
    public func saveCheckpoint(_ path: String) throws {
        try checkpoint().write(to: path)
    }

    /// Goes on where a run of the same recipe and data was saved, on whatever machine, to the same bits.
    ///
    /// Throws `CheckpointError` for a file that is damaged, or of another recipe. A recipe with layers or an optimizer of
    /// the program's own is held against the names of parameters and states alone.
    public mutating func resume(from path: String) throws {
        let checkpoint = try Checkpoint(contentsOf: path, ofProgram: (try? recipe.notation()) == nil ? recipe : nil)
        guard checkpoint.isOfRecipe(recipe) else {
            throw CheckpointError.malformed(path: path, reason: "is the checkpoint of another recipe")
        }
        do {
            try restore(checkpoint)
        } catch { throw error.naming(path) }
    }
}

extension Checkpoint {
    /// Whether the run was one of this recipe, wherever its data was. Recipes that no file can hold are not told apart.
    package func isOfRecipe(_ recipe: Recipe) -> Bool {
        func withoutData(_ recipe: Recipe) -> RecipeValue? {
            var recipe = recipe
            recipe.data = nil
            return try? recipe.notation()
        }
        guard let notation = withoutData(recipe) else { return true }
        return withoutData(model.recipe) == notation
    }
}
