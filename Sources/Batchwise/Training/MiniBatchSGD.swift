/// Mini-batch stochastic gradient descent on a gradient of your own.
///
/// ```swift
/// let sgd = MiniBatchSGD(batchSize: 64, epochs: 20, learningRate: .constant(0.1), seed: 42)
/// var theta = [Double](repeating: 0, count: 5)
/// let history = try sgd.minimize(&theta, examples: 10_000) { rows, theta, mean in
///     setMeanGradient(of: rows, at: theta, &mean)  // yours
///     return meanLoss(of: rows, at: theta)  // yours
/// }
/// print(history.epochLosses)
/// ```
///
/// For each batch of each epoch, g is the mean gradient over the batch, clipped where there is a ``clip``; then the
/// ``optimizer`` changes theta by g, at the rate that the ``learningRate`` has there. With ``Optimizer/sgd``, a momentum
/// m and a weight decay d:
///
///     g <- g + d theta
///     v <- m v + g                      v starts at 0
///     theta <- theta - eta v            or, with Nesterov's momentum, theta - eta (g + m v)
///
/// A batch of 1 is stochastic gradient descent in its first sense, and a batch of all the examples is gradient descent;
/// a batch larger than the data set is the whole data set. Examples are visited in ``EpochOrder``, which every epoch
/// shuffles anew.
///
/// The update sequence is Robbins and Monro's ("A stochastic approximation method", 1951), momentum Polyak's (1964),
/// and its look-ahead form that of Sutskever et al. ("On the importance of initialization and momentum", 2013).
public struct MiniBatchSGD: Sendable, Hashable {
    /// The number of examples whose mean gradient makes one update; where the batch grows, of the first ones.
    public var batchSize: Int
    /// The number of passes over the examples.
    public var epochs: Int
    /// The learning rate: a number, its scaling with the batch, a warmup, a decay.
    public var learningRate: LearningRate
    /// The rule that changes the parameters. ``Optimizer/lars(momentum:trust:weightDecay:)`` and `lamb` take them for
    /// one layer. Muon needs matrices, and a ``CustomOptimizer`` needs a ``Trainer``: neither can be used here.
    public var optimizer: Optimizer
    /// The bound on the mean gradient; nil: none.
    public var clip: Clipping?
    /// The growth of the batch at marks; nil: it does not grow. A noise rule cannot be used here.
    public var growth: BatchGrowth?
    /// The rule that ends a run before its last epoch; nil: none. It judges epochs by their training loss, or by the
    /// validation loss that the program computes.
    public var earlyStopping: EarlyStopping?
    /// The epoch whose parameters are left in theta.
    public var keptModel: KeptModel
    /// The treatment of the last batch of an epoch when it is not full. Nothing is padded here, so ``LastBatch/pad``
    /// does the same as ``LastBatch/keep``.
    public var lastBatch: LastBatch
    /// The seed of the order of the examples.
    public var seed: UInt64

    /// A method with these settings; `minimize` says which of them cannot be used.
    public init(
        batchSize: Int, epochs: Int, learningRate: LearningRate, optimizer: Optimizer = .sgd, clip: Clipping? = nil,
        growth: BatchGrowth? = nil, earlyStopping: EarlyStopping? = nil, keptModel: KeptModel = .last,
        lastBatch: LastBatch = .keep, seed: UInt64 = 0
    ) {
        self.batchSize = batchSize
        self.epochs = epochs
        self.learningRate = learningRate
        self.optimizer = optimizer
        self.clip = clip
        self.growth = growth
        self.earlyStopping = earlyStopping
        self.keptModel = keptModel
        self.lastBatch = lastBatch
        self.seed = seed
    }

    /// The same settings as a recipe has them, with a model that is never built.
    var recipe: Recipe {
        Recipe(
            model: LayerList { Dense(1) }, batch: Batch(size: batchSize, last: lastBatch, grow: growth),
            optimizer: optimizer, learningRate: learningRate, epochs: epochs, seed: seed, earlyStopping: earlyStopping,
            keptModel: keptModel, clip: clip)
    }
}

extension MiniBatchSGD: Codable {
    /// The keys of a recipe that have no meaning without a model.
    private static let modelKeys = ["data", "model", "loss", "precision", "sam", "asynchronous"]

    /// Reads the keys of a recipe but for its model. Throws `RecipeError` for a key or value that is wrong.
    public init(from decoder: any Decoder) throws {
        guard case .map(let entries) = try RecipeValue(from: decoder) else {
            throw RecipeError.value(at: "", expected: "the keys of a recipe", found: "something else")
        }
        if let entry = entries.first(where: { Self.modelKeys.contains($0.key) }) {
            throw RecipeError.unknownKey(at: "", key: entry.key, nearest: nil, known: ["batch", "optimizer", "epochs"])
        }
        let recipe = try Recipe(notation: .map(entries + [.init("model", .list([.string("relu")]))]))
        self.init(
            batchSize: recipe.batch.size, epochs: recipe.epochs, learningRate: recipe.learningRate,
            optimizer: recipe.optimizer, clip: recipe.clip, growth: recipe.batch.grow,
            earlyStopping: recipe.earlyStopping, keptModel: recipe.keptModel, lastBatch: recipe.batch.last,
            seed: recipe.seed)
    }

    /// Writes the keys of a recipe but for its model. Throws `RecipeError` for an optimizer of the program's own.
    public func encode(to encoder: any Encoder) throws {
        guard case .map(let entries) = try recipe.notation() else { return }
        try RecipeValue.map(entries.filter { !Self.modelKeys.contains($0.key) }).encode(to: encoder)
    }
}
