// The model that a trainer gives.

extension Trainer {
    /// The model as it is now: the average of its parameters where the recipe has one and updates are in it.
    public func model() -> Model { model(of: valuesOfModel, updates: progress.updates) }

    /// The model that the recipe asks for: with `keep: best` the model of the best epoch so far, otherwise the current
    /// one.
    public func keptModel() -> Model {
        guard let bestValues, let best = keptEpoch else { return model() }
        return model(of: bestValues, updates: best.updates)
    }

    var valuesOfModel: [[Float]] { averageValues ?? trained.parameterValues }

    /// The average of the parameters; nil while no update is in it.
    var averageValues: [[Float]]? { progress.averaged == nil ? nil : trained.averageValues }

    func model(of values: [[Float]], updates: Int) -> Model {
        var model = Model(
            recipe: recipe, inputShape: source.data.featureShape, outputs: outputs,
            parameters: trained.layout.parameters, values: values, updates: updates)
        model.targetMoments = source.data.targetMoments
        return model
    }
}
