extension LearningRate {
    /// Refuses settings that AdaScale cannot be used with.
    func checkAdaScale(_ batch: Batch, at path: String = "learning-rate") throws(RecipeError) {
        guard scaling == .adaScale else { return }
        guard batch.grow == nil else {
            throw .value(
                at: "\(path).scaling",
                expected: "another rule beside batch.grow, for AdaScale's gain is that of one batch",
                found: "adascale")
        }
        if case .plateau = decay {
            throw .value(
                at: "\(path).decay",
                expected: "a decay by the clock, as scaling: adascale reads the schedule of the base batch",
                found: "plateau")
        }
        if let atBatch, atBatch > batch.size {
            throw .value(
                at: "\(path).at-batch", expected: "at most the batch of \(batch.size), as scaling is adascale",
                found: "\(atBatch)")
        }
    }
}
