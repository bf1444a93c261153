extension Recipe {
    /// Refuses settings that make no sense, wherever the recipe comes from. What kernels compute with is held against its
    /// limits as the Float that they see.
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
        try require((1...1_000_000).contains(epochs), "epochs", "a whole number from 1 to 1000000", epochs)

        let rate = learningRate
        try require(rate.base > 0 && rate.base.isFinite, "learning-rate.base", "a number above 0", rate.base)
        try require(rate.atBatch ?? 1 >= 1, "learning-rate.at-batch", "a whole number of at least 1", rate.atBatch ?? 0)

        try optimizer.check()
        try clip?.check()
        for (index, group) in groups.enumerated() { try group.check(at: "groups.\(index)") }
        try average?.check()
        switch loss {
        case .softmaxCrossEntropy(let smoothing):
            try require(
                (0..<1).contains(smoothing), "loss.softmax-cross-entropy.label-smoothing", "a number from 0 to below 1",
                smoothing)
        case .huber(let delta):
            try require(delta > 0 && delta.isFinite, "loss.huber.delta", "a number above 0", delta)
        case .binaryCrossEntropy, .meanSquaredError, nil: break
        }
    }
}
