// Epochs that are added to a run, and their place in the recipe.

extension Recipe {
    /// The recipe of the same run with more epochs, which notes how many it had. Where the decay of the learning rate spans
    /// the run, it falls once more over the added epochs.
    ///
    /// - Throws: `RecipeError` where the run is to be shorter, and where its updates depend on its length in other ways.
    package func lengthened(to epochs: Int) throws(RecipeError) -> Recipe {
        guard epochs != self.epochs else { return self }
        guard epochs > self.epochs, epochs <= 1_000_000 else {
            throw .value(
                at: "epochs", expected: "more than the \(self.epochs) that the run has, and at most 1000000",
                found: "\(epochs)")
        }
        var longer = self
        longer.lengthened.append(self.epochs)
        longer.epochs = epochs
        try longer.checkLengthening()
        return longer
    }

    /// The recipes that the run had before it was lengthened, the last one first.
    var shorter: [Recipe] {
        lengthened.indices.reversed().map { index in
            var recipe = self
            recipe.epochs = lengthened[index]
            recipe.lengthened.removeSubrange(index...)
            return recipe
        }
    }

    /// A line about the added epochs.
    package var lengtheningNotice: String? {
        guard let before = lengthened.last else { return nil }
        let change = "the run is lengthened from \(before) to \(epochs) epochs: "
        guard learningRate.decay.spansRun else {
            return change + "its learning rate does not depend on its length, and goes on"
        }
        return change + "the learning rate (\(learningRate.decay.name)) falls once more from its peak, over epochs "
            + "\(before + 1) to \(epochs); a run of \(epochs) epochs from the start would be another"
    }

    /// Refuses lengths that make no sense, and runs whose updates depend on their length.
    func checkLengthening() throws(RecipeError) {
        guard let last = lengthened.last else { return }
        guard lengthened.count <= 1000 else {
            throw .value(at: "lengthened", expected: "at most 1000 numbers", found: "\(lengthened.count)")
        }
        guard lengthened[0] >= 1, last < epochs, zip(lengthened, lengthened.dropFirst()).allSatisfy({ $0 < $1 }) else {
            throw .value(
                at: "lengthened", expected: "ascending numbers of epochs below epochs, \(epochs)",
                found: "\(lengthened)")
        }
        let reason: String? =
            if replicas != nil {
                "its replicas are averaged where it ends"
            } else if asynchronous != nil {
                "its processes meet where it ends"
            } else if learningRate.decay.spansRun, batch.grow != nil || learningRate.scaling == .adaScale {
                "its learning rate (\(learningRate.decay.name)) falls to the end on the clock of batches that grow"
            } else {
                nil
            }
        guard let reason else { return }
        throw .conflict("this run cannot be lengthened, for \(reason): begin another one with its model, by --from")
    }
}
