/// Local SGD: replicas of the model that train side by side, and that are averaged from time to time [Stich 2019].
///
/// The examples of every batch are divided evenly among the replicas. Each makes an update of its own from its share,
/// with an optimizer state of its own, at the rate of the whole batch. After every so many updates (H) they are averaged
/// and go on from one place:
///
///     theta <- sum_r n_r theta_r / sum_r n_r         n_r: examples that replica r has seen since the last average
///
/// Where the replicas are trained, in one process or in several, by one thread or many, changes no bit of the result.
/// Replicas that are averaged after every update of SGD are one model, and are trained as one.
public struct Replicas: Hashable, Sendable {
    /// The number of replicas.
    public var count: Int
    /// The updates that replicas make between two averages.
    public var updates: Int
    /// The length of training before, in which there is one model: post-local SGD [Lin 2020]; nil: none.
    public var start: TrainingLength?
    /// The rule by which replicas come together.
    public var rule: AveragingRule
    /// The compression of the changes that replicas exchange; nil: none.
    public var compression: ChangeCompression?
    /// The number of fragments of the model that are averaged in turn, each after every `updates` updates, so that less
    /// is exchanged at a time [Douillard 2025].
    public var fragments: Int

    /// Replicas that are averaged after every so many updates.
    public init(
        _ count: Int, updates: Int, start: TrainingLength? = nil, rule: AveragingRule = .mean,
        compression: ChangeCompression? = nil, fragments: Int = 1
    ) {
        self.count = count
        self.updates = updates
        self.start = start
        self.rule = rule
        self.compression = compression
        self.fragments = fragments
    }

    /// Whether an outer optimizer keeps a velocity.
    var hasVelocity: Bool { if case .outer(let outer) = rule { outer.momentum > 0 } else { false } }

    /// Whether outer steps do not wait for the mean.
    var isEager: Bool { if case .outer(let outer) = rule { outer.isEager } else { false } }
}

/// The rule by which replicas come together after their own updates.
public enum AveragingRule: Hashable, Sendable {
    /// Replicas go on from their mean.
    case mean
    /// An outer optimizer, SGD, takes the mean change of the replicas for its gradient [DiLoCo: Douillard 2024].
    case outer(OuterOptimizer)
    /// Replicas and a centre attract each other: EASGD [Zhang 2015]. With x_r the replicas and c the centre, all as they
    /// were before an update,
    ///
    ///     x_r <- x_r - (step of the optimizer) - a (x_r - c)
    ///     c   <- c + a sum_r (x_r - c)
    ///
    /// in the first update after every so many. The centre is the model that is evaluated and saved.
    case elastic(Float)

    var isElastic: Bool { if case .elastic = self { true } else { false } }
}

/// The outer optimizer of DiLoCo: SGD on the mean change of the replicas.
///
///     d <- theta - mean_r theta_r
///     v <- momentum v + d
///     theta <- theta - rate (nesterov ? d + momentum v : v)
///
/// With rate 1 and no momentum it is the mean.
///
/// An eager outer step does not wait for the mean: it takes the mean of the outer step before, in which a replica puts its
/// own new change in place of its own old one [Kale 2025]. With d_r(t) = n_r (theta_r - x_r) / sum n the share of replica r
/// at outer step t, of a model theta_r and a velocity of its own,
///
///     d <- d_r(t) + (sum_s d_s(t - 1) - d_r(t - 1))
///
/// The model that is evaluated and saved takes the steps of the plain rule, each when its mean is there: one outer step
/// late.
public struct OuterOptimizer: Hashable, Sendable {
    /// The rate.
    public var rate: Float
    /// The momentum.
    public var momentum: Float
    /// Whether the step looks ahead [Nesterov 1983].
    public var nesterov: Bool
    /// Whether replicas go on without waiting for the mean, which travels during their next updates.
    public var isEager: Bool

    /// An outer optimizer; by default with the numbers of DiLoCo.
    public init(rate: Float = 0.7, momentum: Float = 0.9, nesterov: Bool = true, isEager: Bool = false) {
        self.rate = rate
        self.momentum = momentum
        self.nesterov = nesterov
        self.isEager = isEager
    }
}

/// The form in which a replica hands over its change since the last average. What the form loses is kept, and added to
/// the replica's next change: error feedback [Karimireddy 2019].
public enum ChangeCompression: Hashable, Sendable {
    /// Each number is rounded to bfloat16: half the bytes.
    case bfloat16
    /// Of each parameter the numbers of largest magnitude: this fraction of them, at least one [Stich 2018].
    case largest(fraction: Double)
}

extension Recipe {
    /// The replicas that are trained apart; nil where there is one model. Plain averages after every update of SGD make
    /// one model of them: every step of SGD, its velocity included, is linear in the gradient. Batch normalisation takes
    /// the examples of the whole batch then.
    package var separateReplicas: Replicas? {
        guard let replicas else { return nil }
        guard replicas.rule == .mean, replicas.compression == nil else { return replicas }
        let isLinear = optimizer.rule is SGD && clip == nil && sam == nil
        return replicas.count == 1 || isLinear && replicas.updates == 1 ? nil : replicas
    }
}
