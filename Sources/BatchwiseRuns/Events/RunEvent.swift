import Batchwise

/// One line of a run's log: what happened, when, and after which update.
///
/// docs/run-directory.md describes the lines. A reader passes over kinds that it does not know.
public enum RunEvent: Sendable, Hashable {
    /// The run begins.
    case start(Start)
    /// The run goes on from a checkpoint: events of later updates before this line do not count any more.
    case resume(Resume)
    /// An update; not all are logged, see ``Update/isLogged(_:)``.
    case update(Update)
    /// The size of a batch that grows by the gradient's noise was decided on.
    case growth(Growth)
    /// An epoch has ended.
    case epoch(Epoch)
    /// A model was compared with validation or test examples.
    case evaluation(Evaluated)
    /// A checkpoint was written.
    case checkpoint(Saved)
    /// A notice for a person.
    case notice(Notice)
    /// The run has ended, or was interrupted.
    case end(End)

    /// The version of the format. It grows when the meaning of a line changes; new keys and kinds do not count.
    public static let version = 1

    /// The number of updates of the run before the event; of `growth`, the first update that the decision is for.
    public var update: Int {
        switch self {
        case .start: 0
        case .resume(let event): event.update
        case .update(let event): event.update
        case .growth(let event): event.decision.update
        case .epoch(let event): event.updates
        case .evaluation(let event): event.update
        case .checkpoint(let event): event.update
        case .notice(let event): event.update
        case .end(let event): event.update
        }
    }

    /// The machine and program that train.
    public struct Host: Sendable, Hashable {
        /// The version of Batchwise.
        public var batchwise: String
        /// A text that tells builds apart: how the program was compiled, its bytes, and the time when it was made.
        public var build: String
        /// The instructions that the kernels use. The promise of the same bits holds for one build on one instruction
        /// set.
        public var instructionSet: String
        /// The processor's own name; empty where the system does not tell.
        public var processor: String
        /// The number of processors that may be used.
        public var cores: Int
        /// The number of worker threads.
        public var threads: Int
        /// The plan of this machine, with the keys of a run's `plan.json`.
        public var plan: RecipeValue
    }

    /// The first line of a run.
    public struct Start: Sendable, Hashable {
        /// The time of the event in UTC (RFC 3339).
        public var time: String
        /// The version of the format: `RunEvent.version` of the program that wrote the log.
        public var version: Int
        /// The machine and program that begin the run.
        public var host: Host
        /// SHA-256 of the recipe as YAML, without data paths.
        public var recipe: String
        /// The names of the classes; nil for regression, and for more than 1,000 classes.
        public var classes: [String]?
        /// The notices of data and plan.
        public var notices: [String]
    }

    /// A line that says from which checkpoint the run goes on.
    public struct Resume: Sendable, Hashable {
        /// The time of the event in UTC (RFC 3339).
        public var time: String
        /// The number of updates before the checkpoint.
        public var update: Int
        /// The machine and program that go on with the run.
        public var host: Host
        /// The notices of data, plan and checkpoints.
        public var notices: [String]
    }

    /// The line of one update.
    public struct Update: Sendable, Hashable {
        /// The time of the event in UTC (RFC 3339).
        public var time: String
        /// The number of the update, counted from 1 over the whole run.
        public var update: Int
        /// The number of the epoch, counted from 1.
        public var epoch: Int
        /// The number of examples of this update.
        public var batch: Int
        /// The number of examples of all updates so far.
        public var examples: Int
        /// The weighted mean loss of the batch, before the update; nil where it is not finite.
        public var loss: Double?
        /// The weighted share of right predictions, from 0 to 1; nil for regression.
        public var accuracy: Double?
        /// The learning rate of the update.
        public var learningRate: Double
        /// The norm of the batch's mean gradient; nil where it was not measured.
        public var gradientNorm: Double?
        /// The relative length of the update, |change of w| / |w|; nil where it was not measured.
        public var updateRatio: Double?
        /// AdaScale's gain; nil without AdaScale.
        public var gain: Double?
        /// The updates of the base batch that the updates so far are worth; nil without AdaScale.
        public var baseUpdates: Double?
        /// The training time since the run began, in seconds.
        public var seconds: Double

        /// Whether the log has a line for an update: all up to 128, then 64 in every doubling of their number. The
        /// answer depends on nothing else, so that a run that was interrupted logs the same updates.
        public static func isLogged(_ update: Int) -> Bool {
            guard update > 128 else { return update > 0 }
            let stride = 1 << (Int.bitWidth - 1 - update.leadingZeroBitCount - 6)
            return update & (stride - 1) == 0
        }
    }

    /// The line of a decision about the size of the batch.
    public struct Growth: Sendable, Hashable {
        /// The time of the event in UTC (RFC 3339).
        public var time: String
        /// The decision, with the numbers from which it was made.
        public var decision: GrowthDecision
    }

    /// The line at the end of an epoch. In a line that was read from a log, the evaluations have no number of examples
    /// and no class counts: these stand in the `Evaluated` lines.
    public struct Epoch: Sendable, Hashable {
        /// The time of the event in UTC (RFC 3339).
        public var time: String
        /// The number of the epoch, counted from 1.
        public var epoch: Int
        /// The number of updates of the run so far.
        public var updates: Int
        /// The number of examples of all updates of the run so far.
        public var examples: Int
        /// The weighted mean loss over the examples of the epoch; nil where it is not finite.
        public var trainLoss: Double?
        /// The weighted share of right predictions over the examples of the epoch, from 0 to 1; nil for regression.
        public var trainAccuracy: Double?
        /// The evaluation on the validation examples; nil where there are none.
        public var validation: Evaluation?
        /// The evaluation on the test examples; nil where there are none, and where the epoch was judged by validation
        /// examples instead.
        public var test: Evaluation?
        /// Whether the targets are classes.
        public var isClassification: Bool
        /// The learning rate of the last update.
        public var learningRate: Double
        /// The number of examples of a full batch at the end of the epoch.
        public var batch: Int
        /// The training time of the epoch, in seconds.
        public var seconds: Double
        /// The part of the training time in which updates waited for examples, from 0 to 1; nil where it is not known.
        public var stall: Double?
        /// The number of examples trained on in a second of training time; nil where it is not known.
        public var examplesPerSecond: Double?
        /// The mean gradient norm of the updates that measured it; nil where none did.
        public var gradientNorm: Double?
        /// The mean relative length of the updates that measured it; nil where none did.
        public var updateRatio: Double?
        /// The gradient noise scale over the updates that measured it; nil where none did.
        public var noise: NoiseScale.Estimate?
        /// AdaScale's gain of the last update; nil without AdaScale.
        public var gain: Double?
        /// The updates of the base batch that the updates so far are worth; nil without AdaScale.
        public var baseUpdates: Double?
    }

    /// The line of an evaluation.
    public struct Evaluated: Sendable, Hashable {
        /// A part of the data.
        public enum Part: String, Sendable, Hashable, Codable { case train, validation, test }

        /// The time of the event in UTC (RFC 3339).
        public var time: String
        /// The number of updates of the run so far.
        public var update: Int
        /// The epoch whose model was evaluated, counted from 1.
        public var epoch: Int
        /// The part of the data that the model was compared with.
        public var part: Part
        /// The result, without class counts for more than 1,000 classes.
        public var result: Evaluation
        /// The number of examples of all updates so far; nil in a line of a version that did not write it.
        public var trained: Int?
        /// The training time since the run began, in seconds; nil in a line of a version that did not write it.
        public var seconds: Double?
    }

    /// The line of a checkpoint.
    public struct Saved: Sendable, Hashable {
        /// The time of the event in UTC (RFC 3339).
        public var time: String
        /// The number of updates before the checkpoint.
        public var update: Int
        /// The path of the file, as seen from the run's directory.
        public var file: String
    }

    /// The line of a notice.
    public struct Notice: Sendable, Hashable {
        /// The time of the event in UTC (RFC 3339).
        public var time: String
        /// The number of updates of the run so far.
        public var update: Int
        /// The sentence for a person.
        public var text: String
    }

    /// The line that ends a run, or a part of one.
    public struct End: Sendable, Hashable {
        /// The ways in which training ends.
        public enum Status: String, Sendable, Hashable, Codable {
            /// All epochs are trained (`finished`), or the recipe's early stopping ended the run (`stopped`).
            case finished, stopped
            /// Somebody asked for a stop; the run can go on.
            case interrupted
            /// An update was refused, for the reason in `reason`.
            case failed
        }

        /// The time of the event in UTC (RFC 3339).
        public var time: String
        /// The number of updates of the run so far.
        public var update: Int
        /// The way in which training ended.
        public var status: Status
        /// The error of a run that failed; nil for other ends.
        public var reason: String?
    }
}
