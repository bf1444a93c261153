import Batchwise

/// How a run is trained and kept. None of it changes a bit of the result, and all may be given anew to a run that goes on.
public struct RunOptions: Sendable, Hashable {
    /// What the machine does.
    public var machine: Machine
    /// How often a checkpoint is written.
    public var checkpoints: CheckpointSchedule
    /// The newest checkpoints that are kept, 1 or more.
    public var keptCheckpoints: Int
    /// Bytes of features that are held in memory; larger arrays are read as they are needed. Nil is what the machine allows.
    public var dataMemory: Int?
    /// Whether the norm of the gradient and the length of updates are measured, which takes time and memory.
    public var measuresNorms: Bool

    public init(
        machine: Machine = Machine(), checkpoints: CheckpointSchedule = .usual, keptCheckpoints: Int = 3,
        dataMemory: Int? = nil, measuresNorms: Bool = false
    ) {
        self.machine = machine
        self.checkpoints = checkpoints
        self.keptCheckpoints = max(1, keptCheckpoints)
        self.dataMemory = dataMemory
        self.measuresNorms = measuresNorms
    }
}
