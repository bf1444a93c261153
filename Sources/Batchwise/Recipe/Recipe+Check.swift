extension Recipe {
    /// Refuses settings that make no sense, wherever the recipe comes from. Numbers that kernels use are checked
    /// against their limits as the Floats that kernels see.
    func check() throws(RecipeError) {
        func require(_ holds: Bool, _ path: String, _ expected: String, _ found: Any) throws(RecipeError) {
            if !holds { throw .value(at: path, expected: expected, found: "\(found)") }
        }
        let most = 1 << 30
        try require((1...most).contains(batch.size), "batch.size", "a whole number from 1 to \(most)", batch.size)
        if let grain = batch.grain {
            try require((1...most).contains(grain), "batch.grain", "a whole number from 1 to \(most)", grain)
        }
        if let lanes = batch.lanes {
            try require((1...4096).contains(lanes), "batch.lanes", "a whole number from 1 to 4096", lanes)
        }
        if let block = batch.block {
            try require((1...most).contains(block), "batch.block", "a whole number from 1 to \(most)", block)
            try require(batch.sampling == nil, "batch.block", "no batch.sampling beside it", block)
        }
        if let examples = batch.sampling?.examples {
            try require((1...1 << 40).contains(examples), "batch.sampling.examples", "a whole number above 0", examples)
        }
        try batch.grow?.check(self)
        try require((1...1_000_000).contains(epochs), "epochs", "a whole number from 1 to 1000000", epochs)
        try checkLengthening()
        if let stopping = earlyStopping {
            try require(
                (1...1_000_000).contains(stopping.patience), "early-stopping.patience",
                "a whole number of epochs from 1", stopping.patience)
            try require(
                stopping.minDelta >= 0 && stopping.minDelta.isFinite, "early-stopping.min-delta",
                "a number of at least 0", stopping.minDelta)
        }

        try learningRate.check()
        try learningRate.checkAdaScale(batch)
        if learningRate.decay.momentum != nil && optimizer.momentum == nil {
            throw .value(
                at: "learning-rate.decay.\(learningRate.decay.name).momentum",
                expected: "none, or an optimizer with a momentum (or beta1) to drive", found: "an optimizer without")
        }

        if case .plateau(let plateau) = learningRate.decay, let isForClasses = plateau.metric?.isForClasses, let loss {
            try require(
                loss.isClassification == isForClasses, "learning-rate.decay.plateau.metric",
                EpochMetric.names(forClasses: loss.isClassification)
                    + (isForClasses ? ", as the metric needs classes" : ", as the metric needs amounts"),
                plateau.metric?.rawValue ?? "")
        }

        try optimizer.check()
        try sam?.check()
        try asynchronous?.check(self)
        try clip?.check()
        for (index, group) in groups.enumerated() { try group.check(at: "groups.\(index)") }
        try average?.check()
        try replicas?.check(self)
        switch loss {
        case .softmaxCrossEntropy(let smoothing):
            try require(
                (0..<1).contains(smoothing), "loss.softmax-cross-entropy.label-smoothing", "a number from 0 to below 1",
                smoothing)
        case .huber(let delta):
            try require(delta > 0 && delta.isFinite, "loss.huber.delta", "a number above 0", delta)
        case .binaryCrossEntropy, .meanSquaredError, .ofProgram, nil: break
        }
    }
}
