import Batchwise

/// The options of a run that belong to the machine: none changes a bit of the result, and each may be another when the
/// run is resumed.
public struct RunOptions: Sendable, Hashable {
    /// The threads, the micro-batch and the memory of training.
    public var machine: Machine
    /// The interval between checkpoints.
    public var checkpoints: CheckpointSchedule
    /// The number of newest checkpoints that are kept, 1 or more.
    public var keptCheckpoints: Int
    /// Bytes of features that are held in memory; larger arrays are read as they are needed. nil is
    /// `DataSource.usualMemory`.
    public var dataMemory: Int?
    /// Whether the norm of the gradient and the length of updates are measured, which takes time and memory.
    public var measuresNorms: Bool
    /// Whether the gradient noise scale is measured, which takes time and memory.
    public var measuresNoise: Bool

    /// Whether a run at the optimizer's usual rate begins again with a tenth of it where its numbers stop being finite.
    package var mayLowerRate = true
    /// Whether the speed of updates is measured before the run begins, which takes some hundredths of a second.
    package var measuresSpeed = false

    /// The options of a run; `keptCheckpoints` below 1 counts as 1.
    public init(
        machine: Machine = Machine(), checkpoints: CheckpointSchedule = .usual, keptCheckpoints: Int = 3,
        dataMemory: Int? = nil, measuresNorms: Bool = false, measuresNoise: Bool = false
    ) {
        self.machine = machine
        self.checkpoints = checkpoints
        self.keptCheckpoints = max(1, keptCheckpoints)
        self.dataMemory = dataMemory
        self.measuresNorms = measuresNorms
        self.measuresNoise = measuresNoise
    }

    /// The quantities that are measured of updates.
    func quantities(for recipe: Recipe, _ data: Dataset) throws -> [any Quantity] {
        var quantities: [any Quantity] = measuresNorms ? [GradientNorm(), UpdateRatio()] : []
        if measuresNoise { quantities.append(try GradientNoise(live: recipe, data)) }
        return quantities
    }
}
