/// What an audit found: the same batches in many cuts, and controls that must not come to the same.
public struct AuditCertificate: Sendable, Hashable, Codable {
    /// SHA-256 of the recipe as YAML, without data paths; nil for layers that a recipe cannot write.
    public var recipe: String?
    /// The layers, in a line.
    public var model: String
    /// Examples of an epoch, numbers that the model has, examples of a batch and of the last one of an epoch.
    public var examples: Int
    public var parameters: Int
    public var batch: Int
    public var lastBatch: Int
    /// The updates that were run, counted from 1 over the whole recipe.
    public var firstUpdate: Int
    public var updates: Int
    /// Of the program that ran: the first half of its SHA-256, and the instructions that its kernels use.
    public var build: String
    public var instructionSet: String
    public var rows: [Row] = []
    public var controls: [Control] = []

    /// A way to run the batches.
    public struct Row: Sendable, Hashable, Codable {
        /// What was done.
        public var name: String
        /// What the plan made of it.
        public var workers: Int
        public var microBatch: Int
        public var accumulationSteps: Int
        public var updates: Int
        /// From the first row; nil where every bit is the same, of parameters, running statistics, optimizer and losses.
        public var difference: Difference?
    }

    /// Another computation, which must not come to the same bits.
    public struct Control: Sendable, Hashable, Codable {
        public var name: String
        /// Why it differs.
        public var explanation: String
        /// What was found; nil where every bit is the same.
        public var difference: Difference?
        /// Whether the way of finding it adds nothing itself: with exact weights it gave the same bits.
        public var isCalibrated: Bool
    }

    /// The largest difference between two runs.
    public struct Difference: Sendable, Hashable, Codable {
        /// Where the difference in units in the last place is largest: a parameter, a running statistic or a vector of the
        /// optimizer; a loss where all of them are the same.
        public var place: String
        /// Numbers of that type that lie between the two, the second counted.
        public var unitsInTheLastPlace: UInt64
        /// Numbers that differ, of how many.
        public var count: Int
        public var total: Int
        /// The length of the difference of the parameters over the length of the way that training moved them; running
        /// statistics are left out.
        public var relative: Double
    }

    /// What it comes to.
    public enum Verdict: String, Sendable, Hashable, Codable {
        /// Every row has the same bits, and every control differs.
        case sameBits = "same-bits"
        /// Some row has other bits.
        case differs
        /// A control did not differ: the audit could not have told.
        case invalid
    }

    public var verdict: Verdict {
        if rows.contains(where: { $0.difference != nil }) { return .differs }
        return controls.allSatisfy { $0.difference != nil && $0.isCalibrated } ? .sameBits : .invalid
    }
}
