/// Mini-batch stochastic gradient descent on a gradient of your own.
///
/// ```swift
/// let sgd = MiniBatchSGD(batchSize: 64, epochs: 20, learningRate: 0.1, seed: 42)
/// var theta = [Double](repeating: 0, count: 5)
/// let history = try sgd.minimize(&theta, examples: 10_000) { rows, theta, mean in
///     // set `mean` to the mean gradient over `rows` at `theta`, and return the mean loss
/// }
/// print(history.epochLosses)
/// ```
///
/// For each batch of each epoch, with g the mean gradient over the batch, d the weight decay, m the momentum and eta
/// the learning rate:
///
///     g <- g + d theta
///     v <- m v + g                      v starts at 0
///     theta <- theta - eta v            or, with Nesterov's momentum, theta - eta (g + m v)
///
/// The velocity v is free of the rate, so that another rate needs no correction of it.
///
/// A batch of 1 is stochastic gradient descent in its first sense, and a batch of all the examples is gradient descent;
/// a batch larger than the data set is the whole data set. Examples are visited in ``EpochOrder``, which every epoch
/// shuffles anew.
///
/// The update sequence is Robbins and Monro's ("A stochastic approximation method", 1951), momentum Polyak's (1964),
/// and its look-ahead form that of Sutskever et al. ("On the importance of initialization and momentum", 2013).
public struct MiniBatchSGD: Sendable, Hashable, Codable {
    /// The number of examples whose mean gradient makes one update.
    public var batchSize: Int
    /// The number of passes over the examples.
    public var epochs: Int
    /// The rate eta, the same for every update.
    public var learningRate: Double
    /// The part m of the velocity that the next update keeps: at least 0 and below 1.
    public var momentum: Double
    /// Whether momentum looks ahead.
    public var nesterov: Bool
    /// The factor d of the parameters that is added to the gradient: d/2 |theta|^2 added to the loss, which the
    /// reported losses leave out.
    public var weightDecay: Double
    /// The treatment of the last batch of an epoch when it is not full. Nothing is padded here, so ``LastBatch/pad``
    /// does the same as ``LastBatch/keep``.
    public var lastBatch: LastBatch
    /// The seed of the order of the examples.
    public var seed: UInt64

    /// A method with these settings; `minimize` says which of them cannot be used.
    public init(
        batchSize: Int, epochs: Int, learningRate: Double, momentum: Double = 0, nesterov: Bool = false,
        weightDecay: Double = 0, lastBatch: LastBatch = .keep, seed: UInt64 = 0
    ) {
        self.batchSize = batchSize
        self.epochs = epochs
        self.learningRate = learningRate
        self.momentum = momentum
        self.nesterov = nesterov
        self.weightDecay = weightDecay
        self.lastBatch = lastBatch
        self.seed = seed
    }

    /// The mistake in these settings for so many examples, or nil.
    @usableFromInline
    func fault(examples: Int) -> String? {
        if examples < 1 { return "there are \(examples) examples to learn from; at least 1 is needed" }
        if batchSize < 1 { return "the batch size is \(batchSize); it must be at least 1" }
        if epochs < 1 { return "the number of epochs is \(epochs); it must be at least 1" }
        if !(learningRate > 0 && learningRate.isFinite) {
            return "the learning rate is \(learningRate); it must be a finite number above 0"
        }
        if !(momentum >= 0 && momentum < 1) { return "the momentum is \(momentum); it must be at least 0 and below 1" }
        if nesterov && momentum == 0 { return "Nesterov's form needs momentum; set it above 0, for example to 0.9" }
        if !(weightDecay >= 0 && weightDecay.isFinite) {
            return "the weight decay is \(weightDecay); it must be a finite number, 0 or above"
        }
        if lastBatch == .drop && batchSize > examples {
            return "dropping the last batch leaves none: a batch of \(batchSize) is larger than \(examples) examples; "
                + "keep the last batch or take a smaller one"
        }
        let batches = BatchSchedule(examples: examples, batch: batchSize, last: lastBatch).batchesPerEpoch
        if epochs.multipliedReportingOverflow(by: max(batches, examples)).overflow {
            return "\(epochs) epochs of \(examples) examples are more than can be counted"
        }
        return nil
    }
}
