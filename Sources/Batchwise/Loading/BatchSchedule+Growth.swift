/// A decision of a noise rule: the size of batches from the first one that begins when so many examples have been seen.
package struct BatchDecision: Sendable, Hashable, Codable {
    package var examples: Int
    package var size: Int

    /// `size` examples an update from `examples` seen on.
    package init(examples: Int, size: Int) {
        self.examples = examples
        self.size = size
    }
}

extension BatchSchedule {
    /// The schedule of batches that may grow at marks, over so many examples an epoch. A noise rule, which decides
    /// during a run, has not grown the batch yet.
    ///
    /// Throws where numbers make no sense, and where marks do not ascend, lie outside of the run, or ask for more than
    /// there is.
    public init(_ batch: Batch, examples: Int, epochs: Int) throws(RecipeError) {
        try Recipe(
            model: LayerList { Dense(1) }, batch: batch, optimizer: .sgd(momentum: 0.9),
            learningRate: .base(0.1, atBatch: 1, scaling: .linear), epochs: epochs
        ).check()
        guard examples >= 0 else {
            throw .value(at: "examples", expected: "a number of at least 0", found: "\(examples)")
        }
        try self.init(batch, examples: examples, epochs: epochs, decisions: [])
    }

    /// The schedule of a recipe's batches over so many examples an epoch: at marks as the recipe says, and as its
    /// noise rule has decided so far.
    ///
    /// Throws where marks do not ascend, lie outside of the run, or ask for more than there is.
    init(_ batch: Batch, examples: Int, epochs: Int, decisions: [BatchDecision]) throws(RecipeError) {
        self.init(examples: examples, batch: batch.size, last: batch.last)
        guard let growth = batch.grow, batchesPerEpoch > 0 else { return }
        let largest = growth.largest(from: batch.size)
        guard largest <= examples else {
            let key =
                switch growth.rule {
                case _ where growth.limit == largest: "up-to"
                case .to: "to"
                case .times, .byNoise: "times"
                }
            throw .value(
                at: "batch.grow.\(key)", expected: "batches of at most the \(examples) examples of an epoch",
                found: "\(largest)")
        }
        for (mark, size) in growth.steps(from: batch.size) {
            func fault(_ expected: String) -> RecipeError {
                .value(at: "batch.grow.at", expected: expected, found: "\(mark)")
            }
            let run = "marks within the \(epochs) \(epochs == 1 ? "epoch" : "epochs") of the run"
            guard isWithin(mark, epochs: epochs) else { throw fault(run) }
            guard grow(to: size, at: mark) else {
                throw fault("marks that ascend from the start, each after a batch of the size before it")
            }
            guard phases[phases.count - 1].epoch <= epochs else { throw fault(run) }
        }
        for decision in decisions {
            guard growth.noiseRule != nil, decision.size <= largest, decision.examples >= 0,
                isWithin(.examples(decision.examples), epochs: epochs + 1),
                grow(to: decision.size, at: .examples(decision.examples))
            else {
                throw .value(
                    at: "batch.grow", expected: "decisions that this recipe can come to",
                    found: "\(decision.size) after \(decision.examples) examples")
            }
        }
    }

    /// Whether a mark is before the end of so many epochs, as far as the batch has grown.
    private func isWithin(_ mark: TrainingLength, epochs: Int) -> Bool {
        switch mark {
        case .epochs(let count): count < Double(epochs)
        case .updates(let count): count < updates(beforeBatch: 0, ofEpoch: epochs + 1)
        case .examples(let count): count < examplesSeen(beforeBatch: 0, ofEpoch: epochs + 1)
        }
    }

    /// The place of a batch in a run, on a clock that gives each epoch as many examples as batches of the first size
    /// visit. It is the number of examples seen, except where ``LastBatch/drop`` leaves out fewer or more once the
    /// batch has grown.
    func rateClock(beforeBatch batch: Int, ofEpoch epoch: Int) -> Int {
        (epoch - 1) * examplesPerEpoch
            + min(batch == 0 ? 0 : rows(ofBatch: batch - 1, inEpoch: epoch).upperBound, examplesPerEpoch)
    }

    /// The number of marks, each `every` after the one before, that are at or before the beginning of a batch.
    func marks(every length: TrainingLength, beforeBatch batch: Int, ofEpoch epoch: Int) -> Int {
        switch length {
        case .updates(let count): return updates(beforeBatch: batch, ofEpoch: epoch) / max(count, 1)
        case .examples(let count): return examplesSeen(beforeBatch: batch, ofEpoch: epoch) / max(count, 1)
        case .epochs(let count):
            let position = batch == 0 ? 0 : rows(ofBatch: batch - 1, inEpoch: epoch).upperBound
            // a position as good as at the mark is at it: 3 * 0.1 is a little more than 0.3
            let clock = Double(epoch - 1) + Double(position) / Double(max(examples, 1))
            return Int((clock / count + 1e-9).rounded(.down))
        }
    }
}
