/// The result of an audit: runs of the same batches in many cuts, and controls that must come to other bits.
public struct AuditCertificate: Sendable, Hashable, Codable {
    /// SHA-256 of the recipe as YAML, without data paths; nil for layers that a recipe cannot write.
    public var recipe: String?
    /// The layers of the model, in one line.
    public var model: String
    /// The number of examples in an epoch.
    public var examples: Int
    /// The number of parameters of the model, without running statistics.
    public var parameters: Int
    /// The number of examples in a full batch.
    public var batch: Int
    /// The number of examples in the last batch of an epoch.
    public var lastBatch: Int
    /// The number of the first update that was run, counted from 1 over the whole recipe.
    public var firstUpdate: Int
    /// The number of updates that were run.
    public var updates: Int
    /// The first half of the SHA-256 of the program that ran.
    public var build: String
    /// The instruction set that the program's kernels used, such as `AVX-512`.
    public var instructionSet: String
    /// Lines for a person: those of the plan, and what has become of the micro-batch that was asked for.
    public var notices: [String] = []
    /// The runs, each in another cut; the first is the reference.
    public var rows: [Row] = []
    /// The control computations, each of which must differ from the reference.
    public var controls: [Control] = []

    /// One run of the batches in one cut.
    public struct Row: Sendable, Hashable, Codable {
        /// A description of the cut, for people.
        public var name: String
        /// The number of workers that the plan chose for this run.
        public var workers: Int
        /// The examples of one micro-batch.
        public var microBatch: Int
        /// The micro-batches that one worker ran for one update.
        public var accumulationSteps: Int
        /// The number of updates that were run.
        public var updates: Int
        /// The difference from the first row; nil where every bit of parameters, running statistics, optimizer vectors
        /// and losses is the same.
        public var difference: Difference?
    }

    /// A computation that other programs do where they cut a batch, and that must not come to the same bits.
    public struct Control: Sendable, Hashable, Codable {
        /// A description of the control, for people.
        public var name: String
        /// The reason why the control's result differs.
        public var explanation: String
        /// The difference from the reference; nil where every bit is the same, so that the audit proves nothing.
        public var difference: Difference?
        /// Whether the method of the control adds no difference of its own: run with exact weights, it gave the same
        /// bits.
        public var isCalibrated: Bool
    }

    /// The largest difference between two runs.
    public struct Difference: Sendable, Hashable, Codable {
        /// The place of the largest difference in units in the last place: the name of a parameter, of a running
        /// statistic or of a vector of the optimizer; a loss where all of these are the same.
        public var place: String
        /// The number of steps from one number to the other through all numbers of their type.
        public var unitsInTheLastPlace: UInt64
        /// How many numbers differ.
        public var count: Int
        /// How many numbers were compared.
        public var total: Int
        /// The length of the difference of the parameters, divided by the distance that training moved them. Running
        /// statistics are left out.
        public var relative: Double
    }

    /// The conclusion of an audit.
    public enum Verdict: String, Sendable, Hashable, Codable {
        /// Every row has the same bits, and every control differs.
        case sameBits = "same-bits"
        /// Some row has different bits.
        case differs
        /// A control did not differ, so the audit could not have found a difference.
        case invalid
    }

    /// The conclusion: `differs` where any row does, else `invalid` where a control fails, else `sameBits`.
    public var verdict: Verdict {
        if rows.contains(where: { $0.difference != nil }) { return .differs }
        return controls.allSatisfy { $0.difference != nil && $0.isCalibrated } ? .sameBits : .invalid
    }
}
