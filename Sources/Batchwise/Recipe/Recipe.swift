/// A recipe: everything that may change the result of a run, and nothing else.
///
/// ```swift
/// let recipe = Recipe(
///     model: LayerList {
///         Dense(128)
///         ReLU()
///         Dense(.classes)
///     },
///     batch: Batch(size: 32),
///     optimizer: .sgd(momentum: 0.9),
///     learningRate: .constant(0.05),
///     epochs: 20, seed: 42)
/// ```
public struct Recipe: Sendable {
    /// The source of the data; nil where a program passes the data itself.
    public var data: DataSource?
    /// The layers of the model.
    public var model: any Layer
    /// The loss; nil chooses by the targets: softmax cross-entropy for classes, the mean squared error for values.
    public var loss: Loss?
    /// The examples of one update, and the order in which their gradients are summed.
    public var batch: Batch
    /// The random changes of training images, each time that they are seen.
    public var augmentation: Augmentation
    /// The rule by which a gradient changes the parameters.
    public var optimizer: Optimizer { didSet { close(.optimizer) } }
    /// Sharpness-aware minimisation around the optimizer; nil: none.
    public var sam: SAM?
    /// The learning rate over the run; nil in `init` stands for a rate that suits the optimizer and falls along a
    /// cosine.
    public var learningRate: LearningRate { didSet { close(.learningRate) } }
    /// The number of passes over the training set.
    public var epochs: Int { didSet { open.remove(.epochs) } }
    /// The numbers of epochs that the run had before it was lengthened, ascending; empty: it never was. A learning rate
    /// that falls to the end of the run does so before each of them.
    public var lengthened: [Int] = []
    /// The seed of every random choice: order, initialisation, dropout, augmentation and split.
    public var seed: UInt64
    /// The precision of the numbers that products of dense layers multiply.
    public var precision: Precision
    /// The condition under which the run ends before its last epoch; nil: it never does.
    public var earlyStopping: EarlyStopping? { didSet { open.remove(.stopping) } }
    /// The epoch whose parameters the run gives.
    public var keptModel: KeptModel { didSet { open.remove(.stopping) } }
    /// A bound on the gradient of a batch; nil: none.
    public var clip: Clipping? { didSet { open.remove(.clip) } }
    /// Groups of parameters that are updated differently from the others.
    public var groups: [ParameterGroup]
    /// The average of the parameters that is evaluated and saved in their place; nil: none.
    public var average: WeightAverage?
    /// Local SGD: replicas of the model that are averaged from time to time; nil: one model.
    public var replicas: Replicas?
    /// Asynchronous training, with gradients of older parameters; nil: every gradient is of the newest.
    public var asynchronous: Asynchronous?
    /// The saved model whose parameters the run begins with; nil: all begin as the seed says. ``Trainer`` takes the model
    /// itself beside the recipe.
    public var startingModel: StartingModel?
    /// The settings that nobody has given.
    package var open: OpenSettings = []

    /// A recipe. By default it has batches of 32, seed 42 and float32, and leaves the rest to the data: SGD with momentum
    /// 0.9 and a small weight decay, a rate that suits the optimizer and falls along a cosine, and at least 20 epochs, of
    /// numbers 40. Where neither the optimizer nor the rate is given, gradients of models of numbers are bounded by the
    /// norm 1.
    public init(
        data: DataSource? = nil, model: some Layer, loss: Loss? = nil, batch: Batch = Batch(size: 32),
        optimizer: Optimizer? = nil, learningRate: LearningRate? = nil, epochs: Int? = nil,
        seed: UInt64 = 42, precision: Precision = .float32, augmentation: Augmentation = Augmentation(),
        earlyStopping: EarlyStopping? = nil, keptModel: KeptModel = .last,
        clip: Clipping? = nil, groups: [ParameterGroup] = [], average: WeightAverage? = nil,
        sam: SAM? = nil, replicas: Replicas? = nil, asynchronous: Asynchronous? = nil,
        startingModel: StartingModel? = nil
    ) {
        self.data = data
        self.model = model
        self.loss = loss
        self.batch = batch
        self.optimizer = optimizer ?? Self.usualOptimizer
        self.learningRate = learningRate ?? self.optimizer.defaultLearningRate
        self.epochs = epochs ?? Self.usualEpochs.classes
        self.seed = seed
        self.precision = precision
        self.augmentation = augmentation
        self.earlyStopping = earlyStopping
        self.keptModel = keptModel
        self.clip = clip
        self.groups = groups
        self.average = average
        self.sam = sam
        self.replicas = replicas
        self.asynchronous = asynchronous
        self.startingModel = startingModel
        if optimizer == nil { open.insert(.optimizer) }
        if learningRate == nil { open.insert(.learningRate) }
        if epochs == nil { open.insert(.epochs) }
        if earlyStopping == nil, keptModel == .last { open.insert(.stopping) }
        if clip == nil, optimizer == nil, learningRate == nil { open.insert(.clip) }
    }

    /// Notes that somebody has given the optimizer or the rate, beside which there is no usual clipping.
    private mutating func close(_ setting: OpenSettings) {
        open.subtract([setting, .clip])
    }
}

extension Recipe: Codable {
    /// Reads keys and values as a recipe file holds them. Throws `RecipeError` for a key or value that is wrong.
    public init(from decoder: any Decoder) throws {
        let layers = decoder.userInfo[.layerRegistry] as? LayerRegistry
        try self.init(notation: RecipeValue(from: decoder), layers: layers ?? LayerRegistry())
    }

    /// Writes keys and values as a recipe file holds them. Throws `RecipeError` for layers, a loss or an optimizer of
    /// the program's own that no file can hold.
    public func encode(to encoder: any Encoder) throws {
        try notation().encode(to: encoder)
    }
}
