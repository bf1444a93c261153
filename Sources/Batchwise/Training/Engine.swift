import CKernels

/// Everything that training keeps in memory: parameters, optimizer state, arenas.
///
/// `Update.swift` says what happens in an update; this file says with what.
final class Engine {
    let layout: ParameterLayout
    let program: Program
    var source: BatchSource
    let partition: BatchPartition
    let share: WorkShare
    let optimizer: Optimizer
    let rules: UpdateRules
    /// Where updates wait for the gradient of all parameters.
    let whole: WholeGradient?
    let seed: UInt64
    let team: WorkerTeam
    private(set) var arenas: [Arena]

    /// What is trained, which an engine for larger batches goes on with.
    private let trained: TrainedMemory
    private var gradientMemory: Memory?
    let parameters: UnsafeMutablePointer<Float>
    let mirrors: UnsafeMutablePointer<Float>
    /// The optimizer's vectors, one after the other.
    let states: [UnsafeMutablePointer<Float>]
    /// The parameters' average, where the recipe has one, and how many updates are in it.
    let average: UnsafeMutablePointer<Float>?
    var averaged = 0

    /// The parameters cut into slices, and which of them each worker owns.
    let slices: UnsafeMutableBufferPointer<bw_slice>
    let owned: UnsafeMutableBufferPointer<Range<Int>>
    /// Partial sums of the lanes' tree. Where a batch takes one round, a scratch for one slice a worker is enough; else
    /// there is one vector of gradients for every level.
    let gradients: UnsafeMutablePointer<Float>
    let scratchFloats: Int
    /// Whether sums are those of all parameters, which rounds go on with.
    let isAccumulating: Bool
    /// Floats from one level of the tree to the next.
    let levelStride: Int
    /// Where each lane begins in the batch, and where the last one ends.
    let laneStarts: UnsafeMutableBufferPointer<Int>
    /// Which examples are in each arena.
    let blocks: UnsafeMutableBufferPointer<bw_block>
    /// The examples that each worker reads now and next.
    let windows: UnsafeMutableBufferPointer<ExampleWindow>

    /// What one update works on; set before the team starts.
    let current: UnsafeMutablePointer<CurrentUpdate>
    /// What the workers found: largest magnitudes of what gradients are made of, and a verdict on the gradients.
    let magnitudes: UnsafeMutablePointer<Float>
    let verdicts: UnsafeMutablePointer<Bool>
    /// Eight sums of losses, and eight of right predictions: see `bw_sum_losses`.
    let lossSums: UnsafeMutablePointer<Double>
    /// Of normalisation over the whole batch: sums of grains, the moments, and the same in Double for running statistics.
    let couplingSums: UnsafeMutablePointer<Double>
    let moments: UnsafeMutablePointer<Float>
    let couplingStatistics: UnsafeMutablePointer<Double>
    /// Sums of the running statistics of one update: for each, means and variances.
    var statisticSums: [[Double]]
    var statisticWeights: [Double]

    struct CurrentUpdate {
        var order = EpochOrder(count: 0, seed: 0, epoch: 0)
        /// Positions in the epoch's order.
        var positions = 0..<0
        /// The sum of the batch's weights.
        var weight = 0.0
        /// How kernels change the parameters, and of what examples they sum the gradient.
        var step = bw_update()
        var batch = bw_round()
        var dropoutKey: UInt64 = 0
        /// The features of the batch, where they are not in memory as they are.
        var loaded: LoadedRows?
        /// What the parameters count in their average: 0 leaves it as it is.
        var averageShare: Float = 0
        /// Whether parameters have been changed.
        var isApplied = true
        /// Where the gradient goes that is only looked at; nil where parameters are updated.
        var aside: UnsafeMutablePointer<Float>?

        /// The examples of a round.
        func round(_ rows: Range<Int>, _ sparse: UnsafePointer<bw_rows>?) -> bw_round {
            var round = batch
            round.sparse = sparse
            (round.from, round.to) = (rows.lowerBound, rows.upperBound)
            return round
        }
    }

    /// Parameters and the optimizer's state from `engine`, where there was one before: it cannot be used any more.
    init(_ plan: ExecutionPlan, source: BatchSource, seed: UInt64, after engine: Engine? = nil) throws(PlanError) {
        self.source = source
        self.seed = seed
        partition = plan.partition
        share = plan.share
        optimizer = plan.rules.optimizer
        rules = plan.rules
        layout = plan.layout
        program = plan.program
        current = .allocate(capacity: 1)
        current.initialize(to: CurrentUpdate())
        engine?.freeWorkingMemory()
        trained = if let engine { engine.trained } else { try TrainedMemory(plan) }
        parameters = trained.parameters.base
        mirrors = trained.mirrors.base
        let stateBase = trained.states.base
        let length = layout.count
        states = optimizer.stateNames.indices.map { stateBase + $0 * length }
        average = rules.average.map { _ in stateBase + plan.rules.optimizer.stateNames.count * length }
        averaged = engine?.averaged ?? 0
        let gradientMemory = try Memory(floats: plan.gradientFloats)
        gradients = gradientMemory.base
        self.gradientMemory = consume gradientMemory
        scratchFloats = plan.scratchFloats
        isAccumulating = plan.isAccumulating
        levelStride = plan.isAccumulating ? layout.count : plan.scratchFloats
        var arenas: [Arena] = []
        for _ in 0..<plan.arenas { arenas.append(try Arena(program)) }
        self.arenas = arenas
        slices = .copy(of: plan.gradientSlices.slices)
        owned = .copy(of: plan.gradientSlices.owned)
        laneStarts = .copy(of: Array(repeating: 0, count: partition.lanes + 1))
        blocks = .copy(of: arenas.map { bw_block(arena: $0.base, examples: $0.examples, first: 0, rows: 0) })
        let windowLength = plan.windowLength
        windows = .copy(of: (0..<share.workers).map { _ in ExampleWindow(capacity: windowLength) })
        team = if let engine, engine.team.count == share.workers { engine.team } else { try WorkerTeam(share.workers) }
        magnitudes = .allocate(capacity: share.workers * max(program.guards, 1))
        magnitudes.initialize(repeating: 0, count: share.workers * max(program.guards, 1))
        lossSums = .allocate(capacity: 16)
        lossSums.initialize(repeating: 0, count: 16)
        verdicts = .allocate(capacity: share.workers)
        verdicts.initialize(repeating: true, count: share.workers)
        couplingSums = .allocate(capacity: plan.couplingSums)
        couplingSums.initialize(repeating: 0, count: plan.couplingSums)
        moments = .allocate(capacity: program.momentFloats)
        moments.initialize(repeating: 0, count: program.momentFloats)
        couplingStatistics = .allocate(capacity: program.momentFloats)
        couplingStatistics.initialize(repeating: 0, count: program.momentFloats)
        statisticSums = program.moments.map { Array(repeating: 0, count: $0.width) }
        statisticWeights = Array(repeating: 0, count: program.moments.count)

        current.pointee.step.parameters = parameters
        current.pointee.step.mirrors = mirrors
        current.pointee.step.states.0 = states.first
        current.pointee.step.states.1 = states.count > 1 ? states[1] : nil
        current.pointee.step.states.2 = states.count > 2 ? states[2] : nil
        current.pointee.batch.blocks = UnsafePointer(blocks.baseAddress)
        current.pointee.batch.block_count = blocks.count
        current.pointee.batch.lane_starts = UnsafePointer(laneStarts.baseAddress)
        whole = rules.needsWholeGradient ? WholeGradient(plan, memory: gradients) : nil
    }

    deinit {
        magnitudes.deallocate()
        verdicts.deallocate()
        lossSums.deallocate()
        couplingSums.deallocate()
        moments.deallocate()
        couplingStatistics.deallocate()
        current.deinitialize(count: 1)
        current.deallocate()
        slices.deallocate()
        owned.deallocate()
        laneStarts.deallocate()
        blocks.deallocate()
        for window in windows { window.deallocate() }
        windows.deallocate()
    }

    /// Arenas and sums of gradients, so that they and those of the next engine need not be there together.
    private func freeWorkingMemory() {
        arenas = []
        gradientMemory = nil
    }

    /// Writes new values, each in the order of its shape, and the flipped copies that backward passes read.
    func setParameters(_ values: [[Float]]) {
        for (index, value) in values.enumerated() { layout.write(value, index, to: parameters) }
        flipMirrors()
    }

    private func flipMirrors() {
        for slice in slices where slice.mirror != BW_NONE {
            withUnsafePointer(to: slice) { bw_flip($0, parameters, mirrors) }
        }
    }

    /// Begins the parameters: see `Parameter.initialValue`. No more memory is needed than they have.
    func initialiseParameters(seed: UInt64) {
        for (index, parameter) in layout.parameters.enumerated() {
            let random = CounterRandom(seed: seed, purpose: .initialisation, layer: index)
            layout.write(index, to: parameters) { parameter.initialValue(random, at: $0) }
        }
        flipMirrors()
    }

    /// The parameters, each in the order of its shape.
    func parameterValues() -> [[Float]] {
        layout.parameters.indices.map { layout.read($0, from: parameters) }
    }
}

/// Parameters, their flipped copies and the optimizer's state: what lasts when a batch of another size begins.
private final class TrainedMemory {
    let parameters: Memory
    let mirrors: Memory
    let states: Memory

    init(_ plan: ExecutionPlan) throws(PlanError) {
        parameters = try Memory(floats: plan.layout.count)
        mirrors = try Memory(floats: plan.program.mirrorFloats)
        states = try Memory(floats: plan.stateFloats)
    }
}

extension UnsafeMutableBufferPointer {
    /// Memory of its own, at a place that stays, for what workers read at every update; the caller frees it.
    fileprivate static func copy(of elements: [Element]) -> Self {
        let buffer = Self.allocate(capacity: elements.count)
        _ = buffer.initialize(from: elements)
        return buffer
    }
}
