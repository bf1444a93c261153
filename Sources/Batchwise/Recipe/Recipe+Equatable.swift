extension Recipe: Equatable {
    /// Whether two recipes compute the same: all settings are equal, and the models are made of equal layers.
    ///
    /// The library's layers, and those of the program's own that recipes can name, are equal where a recipe file would
    /// hold the same; other layers of the program's own where they have one type and are equal, or, where that type is
    /// not `Equatable`, where their stored values print the same. Losses and optimizers of the program's own are
    /// compared by their `==`. A composite layer equals the list of its body.
    public static func == (one: Recipe, other: Recipe) -> Bool {
        one.data == other.data && LayerList.areEqual(LayerList(of: one.model), LayerList(of: other.model))
            && one.loss == other.loss && one.batch == other.batch && one.augmentation == other.augmentation
            && one.optimizer == other.optimizer && one.learningRate == other.learningRate
            && one.epochs == other.epochs && one.lengthened == other.lengthened && one.seed == other.seed
            && one.precision == other.precision
            && one.earlyStopping == other.earlyStopping && one.keptModel == other.keptModel && one.clip == other.clip
            && one.groups == other.groups && one.average == other.average && one.sam == other.sam
            && one.replicas == other.replicas && one.asynchronous == other.asynchronous
            && one.startingModel == other.startingModel && one.open == other.open
    }
}
