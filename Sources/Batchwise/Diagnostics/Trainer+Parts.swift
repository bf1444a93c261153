extension Trainer {
    /// Makes the next update's gradient the mean of the mean gradients of its parts of `size` examples: the gradient of
    /// programs in which every micro-batch takes its own mean and all micro-batches count alike.
    ///
    /// Of k parts, each example of part p counts n w / (k W_p) times as much as it should, where W_p is the weight of
    /// the part, n the number of examples of the batch and w the mean weight of the training set. With `isExact` every example counts once, by the same way of counting.
    mutating func weighParts(of size: Int, isExact: Bool) throws(TrainingError) {
        // the noise by which a batch may grow is measured without these weights
        source.parts.factors = nil
        if !trainsApart { _ = try readyEngine() }
        let positions = schedule.batches.rows(ofBatch: progress.batch, inEpoch: progress.epoch)
        guard !isExact else {
            source.parts.factors = Array(repeating: 1, count: positions.count)
            return
        }
        let order = orders.order(ofEpoch: progress.epoch)
        let weights = positions.map { source.weight(order[$0]) }
        let whole = source.divisor(ofExamples: weights.count)
        let firsts = stride(from: 0, to: weights.count, by: size)
        let count = Double(Array(firsts).count)
        var factors: [Double] = []
        for first in firsts {
            let part = weights[first..<min(first + size, weights.count)]
            let weight = part.reduce(0, +)
            factors += part.map { _ in weight > 0 ? whole / (count * weight) : 1 }
        }
        source.parts.factors = factors
    }
}
