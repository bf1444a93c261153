/// What is computed: everything that may change the result of a run, and nothing else.
///
/// ```swift
/// let recipe = Recipe(
///     model: LayerList { Dense(128); ReLU(); Dense(.classes) },
///     batch: Batch(size: 32),
///     optimizer: .sgd(momentum: 0.9),
///     learningRate: .constant(0.05),
///     epochs: 20, seed: 42)
/// ```
public struct Recipe: Sendable {
    /// Where the data is; nil where a program hands it over.
    public var data: DataSource?
    public var model: any Layer
    /// nil chooses by the targets: softmax cross-entropy for classes, the mean squared error for values.
    public var loss: Loss?
    public var batch: Batch
    /// How images are changed each time they are seen in training.
    public var augmentation: Augmentation
    public var optimizer: Optimizer
    /// nil in `init` is a rate that goes with the optimizer, falling along a cosine.
    public var learningRate: LearningRate
    /// Passes over the training set.
    public var epochs: Int
    /// What every random choice is made from: order, initialisation, dropout, split.
    public var seed: UInt64
    /// The numbers that products multiply.
    public var precision: Precision
    /// When the run ends before its last epoch; nil never.
    public var earlyStopping: EarlyStopping?
    /// Which epoch's parameters the run gives.
    public var keptModel: KeptModel
    /// A bound on the gradient of a batch.
    public var clip: Clipping?
    /// Parameters that are updated differently from the others.
    public var groups: [ParameterGroup]
    /// An average of the parameters to evaluate and save in place of the last ones.
    public var average: WeightAverage?

    /// What is not said: batches of 32, SGD with momentum 0.9, a rate that goes with the optimizer, 20 epochs, seed 42,
    /// float32.
    public init(
        data: DataSource? = nil, model: some Layer, loss: Loss? = nil, batch: Batch = Batch(size: 32),
        optimizer: Optimizer = .sgd(momentum: 0.9), learningRate: LearningRate? = nil, epochs: Int = 20,
        seed: UInt64 = 42, precision: Precision = .float32, augmentation: Augmentation = Augmentation(),
        earlyStopping: EarlyStopping? = nil, keptModel: KeptModel = .last,
        clip: Clipping? = nil, groups: [ParameterGroup] = [], average: WeightAverage? = nil
    ) {
        self.data = data
        self.model = model
        self.loss = loss
        self.batch = batch
        self.optimizer = optimizer
        self.learningRate = learningRate ?? optimizer.defaultLearningRate
        self.epochs = epochs
        self.seed = seed
        self.precision = precision
        self.augmentation = augmentation
        self.earlyStopping = earlyStopping
        self.keptModel = keptModel
        self.clip = clip
        self.groups = groups
        self.average = average
    }
}

extension Recipe: Codable {
    /// Reads keys and values as a recipe file holds them. Throws `RecipeError` for a key or value that is wrong.
    public init(from decoder: any Decoder) throws {
        let layers = decoder.userInfo[.layerRegistry] as? LayerRegistry
        try self.init(notation: RecipeValue(from: decoder), layers: layers ?? LayerRegistry())
    }

    /// Throws for layers, a loss or an optimizer of the program's own.
    public func encode(to encoder: any Encoder) throws {
        try notation().encode(to: encoder)
    }
}
