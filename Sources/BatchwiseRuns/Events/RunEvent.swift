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
    /// An epoch has ended.
    case epoch(Epoch)
    /// A model was compared with examples that were not trained on.
    case evaluation(Evaluated)
    /// A checkpoint was written.
    case checkpoint(Saved)
    /// What a person should know.
    case notice(Notice)
    /// The run has ended, or was interrupted.
    case end(End)

    /// The version of the format. It grows when a line means something else than before; new keys and kinds do not count.
    public static let version = 1

    /// Updates of the run before the event.
    public var update: Int {
        switch self {
        case .start: 0
        case .resume(let event): event.update
        case .update(let event): event.update
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
        /// Tells builds apart: how it was compiled, the bytes of the program, and when it was made.
        public var build: String
        /// The instructions that the kernels use. The same bits hold for one build on one instruction set.
        public var instructionSet: String
        /// The processor's own name; empty where the system does not tell.
        public var processor: String
        /// Processors that may be used.
        public var cores: Int
        /// Worker threads.
        public var threads: Int
        /// What `plan --json` prints.
        public var plan: RecipeValue
    }

    public struct Start: Sendable, Hashable {
        public var time: String
        /// Of the format.
        public var version: Int
        public var host: Host
        /// SHA-256 of the recipe as YAML, without data paths.
        public var recipe: String
        /// The names of the classes, where there are some, and no more than 1,000.
        public var classes: [String]?
        public var notices: [String]
    }

    public struct Resume: Sendable, Hashable {
        public var time: String
        /// The updates before the checkpoint that the run goes on from.
        public var update: Int
        public var host: Host
        public var notices: [String]
    }

    public struct Update: Sendable, Hashable {
        public var time: String
        /// Counts from 1 over the whole run.
        public var update: Int
        public var epoch: Int
        /// Examples of this update, and of all updates so far.
        public var batch: Int
        public var examples: Int
        /// The weighted mean loss of the batch, before the update.
        public var loss: Double?
        /// The weighted share of right predictions; nil for regression.
        public var accuracy: Double?
        public var learningRate: Double
        /// The norm of the batch's mean gradient, where it is known.
        public var gradientNorm: Double?
        /// |change of w| / |w|, where it is measured.
        public var updateRatio: Double?
        /// Training time since the run began.
        public var seconds: Double

        /// Whether the log has a line for an update: all up to 128, then 64 in every doubling of their number. It depends on
        /// nothing else, so that a run that was interrupted logs the same updates.
        public static func isLogged(_ update: Int) -> Bool {
            guard update > 128 else { return update > 0 }
            let stride = 1 << (Int.bitWidth - 1 - update.leadingZeroBitCount - 6)
            return update & (stride - 1) == 0
        }
    }

    public struct Epoch: Sendable, Hashable {
        public var time: String
        public var epoch: Int
        public var updates: Int
        public var examples: Int
        /// Means over the examples of the epoch, by weight.
        public var trainLoss: Double?
        /// nil for regression.
        public var trainAccuracy: Double?
        public var validation: Evaluation?
        /// nil where the epoch was validated instead.
        public var test: Evaluation?
        public var isClassification: Bool
        /// Of the last update.
        public var learningRate: Double
        /// Examples of a full batch at its end.
        public var batch: Int
        /// Training time of the epoch.
        public var seconds: Double
        /// The part of it in which updates waited for examples.
        public var stall: Double?
        public var examplesPerSecond: Double?
        /// Means over the updates that measured them.
        public var gradientNorm: Double?
        public var updateRatio: Double?
    }

    public struct Evaluated: Sendable, Hashable {
        public enum Part: String, Sendable, Hashable, Codable { case validation, test }

        public var time: String
        public var update: Int
        public var epoch: Int
        /// Which examples.
        public var part: Part
        public var result: Evaluation
    }

    public struct Saved: Sendable, Hashable {
        public var time: String
        public var update: Int
        /// The file, as seen from the run's directory.
        public var file: String
    }

    public struct Notice: Sendable, Hashable {
        public var time: String
        public var update: Int
        public var text: String
    }

    public struct End: Sendable, Hashable {
        public enum Status: String, Sendable, Hashable, Codable {
            /// All epochs are trained, or the recipe's early stopping ended the run.
            case finished, stopped
            /// Somebody asked for a stop; the run can go on.
            case interrupted
            /// `reason` says why.
            case failed
        }

        public var time: String
        public var update: Int
        public var status: Status
        public var reason: String?
    }
}
