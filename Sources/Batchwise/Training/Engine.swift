import CKernels

/// Everything that training keeps in memory: parameters, optimizer state, arenas.
///
/// `Update.swift` says what happens in an update; this file says with what.
final class Engine {
    let layout: ParameterLayout
    let program: Program
    let source: BatchSource
    let partition: BatchPartition
    let share: WorkShare
    let optimizer: Optimizer
    let rules: UpdateRules
    /// Where updates wait for the gradient of all parameters.
    let whole: WholeGradient?
    let seed: UInt64
    let team: WorkerTeam
    let arenas: [Arena]

    private let parameterMemory: Memory
    private let mirrorMemory: Memory
    private let stateMemory: Memory
    private let gradientMemory: Memory
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
    /// Sums of the running statistics of one update: for each, means and variances.
    var statisticSums: [[Double]]
    var statisticWeights: [Double]

    struct CurrentUpdate {
        var order = EpochOrder(count: 0, seed: 0, epoch: 0)
        /// Positions in the epoch's order.
        var positions = 0..<0
        /// The sum of the batch's weights.
        var weight = 0.0
        /// What kernels are told of it.
        var step = bw_update()
        var dropoutKey: UInt64 = 0
        /// The features of the batch, where they are not in memory as they are.
        var loaded: LoadedRows?
        /// What the parameters count in their average: 0 leaves it as it is.
        var averageShare: Float = 0
        /// Whether parameters have been changed.
        var isApplied = true
    }

    init(_ plan: ExecutionPlan, source: BatchSource, seed: UInt64) throws(PlanError) {
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
        parameterMemory = try Memory(floats: layout.count)
        parameters = parameterMemory.base
        mirrorMemory = try Memory(floats: program.mirrorFloats)
        mirrors = mirrorMemory.base
        stateMemory = try Memory(floats: plan.stateFloats)
        let stateBase = stateMemory.base
        let length = layout.count
        states = optimizer.stateNames.indices.map { stateBase + $0 * length }
        average = rules.average.map { _ in stateBase + plan.rules.optimizer.stateNames.count * length }
        gradientMemory = try Memory(floats: plan.gradientFloats)
        gradients = gradientMemory.base
        scratchFloats = plan.scratchFloats
        var arenas: [Arena] = []
        for _ in 0..<plan.arenas { arenas.append(try Arena(program)) }
        self.arenas = arenas
        slices = .copy(of: plan.gradientSlices.slices)
        owned = .copy(of: plan.gradientSlices.owned)
        laneStarts = .copy(of: Array(repeating: 0, count: partition.lanes + 1))
        blocks = .copy(of: arenas.map { bw_block(arena: $0.base, examples: $0.examples, first: 0, rows: 0) })
        let windowLength = program.capacity
        windows = .copy(of: (0..<share.workers).map { _ in ExampleWindow(capacity: windowLength) })
        team = try WorkerTeam(share.workers)
        magnitudes = .allocate(capacity: share.workers * max(program.guards, 1))
        magnitudes.initialize(repeating: 0, count: share.workers * max(program.guards, 1))
        lossSums = .allocate(capacity: 16)
        lossSums.initialize(repeating: 0, count: 16)
        verdicts = .allocate(capacity: share.workers)
        verdicts.initialize(repeating: true, count: share.workers)
        statisticSums = program.moments.map { Array(repeating: 0, count: $0.width) }
        statisticWeights = Array(repeating: 0, count: program.moments.count)

        current.pointee.step.parameters = parameters
        current.pointee.step.mirrors = mirrors
        current.pointee.step.states.0 = states.first
        current.pointee.step.states.1 = states.count > 1 ? states[1] : nil
        current.pointee.step.states.2 = states.count > 2 ? states[2] : nil
        current.pointee.step.blocks = UnsafePointer(blocks.baseAddress)
        current.pointee.step.block_count = blocks.count
        current.pointee.step.lane_starts = UnsafePointer(laneStarts.baseAddress)
        current.pointee.step.sums = gradients
        current.pointee.step.is_accumulating = plan.isAccumulating ? 1 : 0
        current.pointee.step.level_stride = plan.isAccumulating ? layout.count : scratchFloats
        whole = rules.needsWholeGradient ? WholeGradient(plan, memory: gradients) : nil
        current.pointee.step.gradients = whole?.gradient
    }

    deinit {
        magnitudes.deallocate()
        verdicts.deallocate()
        lossSums.deallocate()
        current.deinitialize(count: 1)
        current.deallocate()
        slices.deallocate()
        owned.deallocate()
        laneStarts.deallocate()
        blocks.deallocate()
        for window in windows { window.deallocate() }
        windows.deallocate()
    }

    /// Writes new values, each in the order of its shape, and the flipped copies that backward passes read.
    func setParameters(_ values: [[Float]]) {
        for (index, value) in values.enumerated() { layout.write(value, index, to: parameters) }
        for slice in slices where slice.mirror != BW_NONE {
            withUnsafePointer(to: slice) { bw_flip($0, parameters, mirrors) }
        }
    }

    /// The parameters, each in the order of its shape.
    func parameterValues() -> [[Float]] {
        layout.parameters.indices.map { layout.read($0, from: parameters) }
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
