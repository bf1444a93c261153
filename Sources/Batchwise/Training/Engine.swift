import CKernels

/// The machinery of updates: a program, workers, and the memory that they work in.
///
/// `Update.swift` says what happens in an update; this file says with what. An engine works on a ``TrainedState`` that
/// outlives it; where the batch grows, the trainer drops the engine, and its memory with it, before it makes the next.
final class Engine {
    let layout: ParameterLayout
    let program: Program
    let source: BatchSource
    let partition: SumOrder
    let division: WorkDivision
    let optimizer: Optimizer
    let rules: UpdateRules
    let joining: JoiningPlan
    let seed: UInt64
    /// What is trained.
    private(set) var trained: TrainedState.Pointers
    /// What updates work in.
    let workspace: Workspace
    /// Whether sums are those of all parameters, which rounds go on with.
    let isAccumulating: Bool
    /// Floats from one level of the lanes' tree to the next.
    let levelStride: Int
    let team: WorkerTeam
    /// Joins the numbers that processes compute in parts.
    let communicator: any Communicator
    /// Whether this process trains alone.
    let isAlone: Bool
    /// How many threads are active in the next update.
    var pace: Pace
    /// Nanoseconds of waiting before the last update.
    var stalledBefore: UInt64 = 0

    /// What one update works on; set before the team starts.
    let current: UnsafeMutablePointer<CurrentUpdate>
    /// Sums of the running statistics of one update: for each, means and variances.
    var statisticSums: [[Double]]
    var statisticWeights: [Double]

    struct CurrentUpdate {
        var order = EpochOrder(count: 0, seed: 0, epoch: 0)
        /// Positions in the epoch's order.
        var positions = 0..<0
        /// The sum of the batch's weights.
        var weight = 0.0
        /// The divisor of the batch's gradient: see `BatchSource.divisor`.
        var divisor = 1.0
        /// How many threads do the work of all workers.
        var active = 1
        /// How kernels change the parameters, and of which examples they sum the gradient.
        var step = bw_update()
        var batch = bw_round()
        /// The arguments of an optimizer of the program's own.
        var settings = StepSettings()
        var dropoutKey: UInt64 = 0
        /// The parameters that passes read, and flipped copies of convolutions' weights: see `Engine+Delay.swift`.
        var read: ParameterVersions.Version
        /// The number of updates before this one.
        var version = 0
        /// The places of the batch whose examples are left out: see `Engine+Backup.swift`.
        var leftOut: [Range<Int>] = []
        /// The features of the batch, where they are not in memory as they are, and the place of its first example
        /// among them.
        var loaded: LoadedRows?
        var loadedPlace = 0
        /// The weight of the new parameters in their average: 0 leaves it as it is.
        var averageWeight: Float = 0
        /// The numbers that quantities are computed from.
        var needs: UpdateNeeds = []
        /// Whether parameters have been changed.
        var isApplied = true
        /// The factor of the direction in which SAM has left the parameters; nil where it has not.
        var ascent: Float?
        /// If set, the gradient is stored here and the update is skipped.
        var gradientTarget: UnsafeMutablePointer<Float>?

        /// Steps change this state.
        mutating func take(_ trained: TrainedState.Pointers) {
            step.parameters = trained.parameters
            step.mirrors = trained.mirrors
            step.states.0 = trained.states.first
            step.states.1 = trained.states.count > 1 ? trained.states[1] : nil
            step.states.2 = trained.states.count > 2 ? trained.states[2] : nil
        }

        /// The examples of a round.
        func round(_ rows: Range<Int>, _ sparse: UnsafePointer<bw_rows>?) -> bw_round {
            var round = batch
            round.sparse = sparse
            (round.from, round.to) = (rows.lowerBound, rows.upperBound)
            return round
        }
    }

    /// Takes the memory of a plan, to work on parameters that stay where they are; `team` is used where it has the plan's
    /// number of threads, and `communicator` where several processes train together.
    init(
        _ plan: ExecutionPlan, on trained: TrainedState.Pointers, source: BatchSource, seed: UInt64,
        team: WorkerTeam? = nil, communicator: (any Communicator)? = nil
    ) throws(PlanError) {
        self.source = source
        self.seed = seed
        self.trained = trained
        partition = plan.partition
        division = plan.division
        optimizer = plan.rules.optimizer
        rules = plan.rules
        layout = plan.layout
        program = plan.program
        joining = plan.joining
        workspace = try Workspace(plan, sharedBy: communicator)
        isAccumulating = plan.isAccumulating
        levelStride = plan.isAccumulating ? plan.layout.count : plan.scratchFloats
        let threads = plan.division.own.count
        self.team = if let team, team.count == threads { team } else { try WorkerTeam(threads) }
        self.communicator = communicator ?? self.team
        isAlone = self.communicator.size == 1
        pace = Pace(workers: threads, cores: Machine.availableCores)
        statisticSums = program.moments.map { Array(repeating: 0, count: $0.width) }
        statisticWeights = Array(repeating: 0, count: program.moments.count)
        var first = CurrentUpdate(read: .init(parameters: trained.parameters, mirrors: trained.mirrors))
        first.take(trained)
        first.batch.blocks = UnsafePointer(workspace.blocks.baseAddress)
        first.batch.block_count = workspace.blocks.count
        first.batch.lane_starts = UnsafePointer(workspace.laneStarts.baseAddress)
        current = .allocate(capacity: 1)
        current.initialize(to: first)
    }

    deinit {
        current.deinitialize(count: 1)
        current.deallocate()
    }

    /// Works on another state from now on: that of another replica.
    func work(on trained: TrainedState.Pointers) {
        self.trained = trained
        current.pointee.take(trained)
    }

    /// Copies the weights of convolutions, flipped as backward passes read them, after parameters have been written.
    func flipMirrors() {
        for slice in workspace.slices where slice.mirror != BW_NONE {
            withUnsafePointer(to: slice) { bw_flip($0, trained.parameters, trained.mirrors) }
        }
        flipMirrorsOfVersions()
    }
}
