/// AdaScale's numbers of one run: the base batch, and the source of the gradient's noise.
struct AdaScaleRule {
    /// The examples of the base batch, whose schedule the run follows.
    let base: Int
    /// S: a full batch over the base batch.
    let scale: Double
    /// The small batches whose gradients are compared at every update.
    let noise: GradientNoise

    /// The most epochs that a run takes which has so many at its base batch: with a gain of 1 at every update.
    func mostEpochs(_ epochs: Int) -> Int {
        min(max(Int((Double(epochs) * scale).rounded(.up)), epochs), max(epochs, 1_000_000))
    }

    /// The notice of a plan.
    func notice(_ recipe: Recipe) -> String {
        let most = mostEpochs(recipe.epochs)
        let optimizer =
            ["sgd", "lars"].contains(recipe.optimizer.name)
            ? "" : "; the gain is derived for SGD, and may be too large for \(recipe.optimizer.name)"
        let largest = Int(exactly: scale).map(String.init) ?? "\(Float(scale))"
        return
            "AdaScale multiplies the rate of each update by its gain, from 1 to \(largest), and counts it as so many "
            + "updates of batches of \(base): the run ends with the epoch in which all of these are made, between epochs "
            + "\(recipe.epochs) and \(most) (Johnson 2020)\(optimizer)"
    }
}

extension Recipe {
    /// AdaScale's numbers for a graph and so many examples; nil where the recipe does not ask for it. Throws where the
    /// gradient's noise cannot be had.
    func adaScaleRule(_ graph: Graph, examples: Int) throws(PlanError) -> AdaScaleRule? {
        guard learningRate.scaling == .adaScale, let atBatch = learningRate.atBatch else { return nil }
        let size = min(batch.size, examples)
        let base = min(atBatch, size)
        return AdaScaleRule(
            base: base, scale: Double(size) / Double(max(base, 1)),
            noise: GradientNoise(try graph.sourceOfNoise(in: batch)))
    }
}

extension Graph {
    /// Single examples; lanes where examples have no gradients of their own.
    fileprivate func sourceOfNoise(in batch: Batch) throws(PlanError) -> GradientNoise.Source {
        let coupled = nodes.first { if case .moments(.batch) = $0.operation { true } else { false } }
        if let coupled {
            throw .mismatch(
                "learning-rate.scaling: adascale compares gradients of parts of a batch, and layer \(coupled.path) "
                    + "normalises the whole batch together, so that no part has a gradient of its own: use group-norm, "
                    + "layer-norm, or batch-norm over ghost batches")
        }
        guard !ghostBatches.isEmpty || layerOfPairedExamples != nil else { return .examples }
        let ghosts = ghostBatches.filter { $0 < batch.size }
        let order = SumOrder(grain: batch.resolvedGrain(ghosts: ghosts), lanes: batch.resolvedLanes)
        guard order.laneCount(rows: batch.size) > 1, ghosts.count == ghostBatches.count else {
            throw .mismatch(
                "learning-rate.scaling: adascale compares gradients of lanes where single examples have none, and a "
                    + "batch of \(batch.size) has one lane or one ghost batch: use group-norm or layer-norm, or smaller "
                    + "ghost batches and a batch.lanes of at least 2")
        }
        return .lanes
    }
}
