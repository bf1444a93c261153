import CKernels

/// The memory that the updates of one plan work in: arenas, sums of gradients, lists that workers read.
///
/// It has one owner. Where the batch changes, it is freed before the next one is taken, so that both need not be there
/// together; nothing that was trained is in it.
struct Workspace: ~Copyable {
    /// All examples of a round where workers share instructions by columns, else one arena a worker.
    let arenas: [Arena]
    private let gradientMemory: Memory
    /// Partial sums of the lanes' tree. Where a batch takes one round, a scratch for one slice a worker is enough; else
    /// there is one vector of gradients for every level.
    let sums: UnsafeMutablePointer<Float>
    /// Floats of a scratch for one slice.
    let scratchFloats: Int

    /// The parameters cut into slices, and which of them each worker owns.
    let slices: UnsafeMutableBufferPointer<bw_slice>
    let owned: UnsafeMutableBufferPointer<Range<Int>>
    /// Where each lane begins in the batch, and where the last one ends.
    let laneStarts: UnsafeMutableBufferPointer<Int>
    /// Which examples are in each arena.
    let blocks: UnsafeMutableBufferPointer<bw_block>
    /// The examples that each worker reads now and next.
    let windows: UnsafeMutableBufferPointer<ExampleWindow>
    /// What each worker is executing, where a batch stops in the middle of it: see `Engine.couple`.
    let executions: UnsafeMutableBufferPointer<bw_execution>

    /// The largest magnitudes of what gradients are made of, `program.guards` for each worker.
    let magnitudes: UnsafeMutableBufferPointer<Float>
    /// Whether the gradients that a worker has looked at are finite.
    let verdicts: UnsafeMutableBufferPointer<Bool>
    /// Eight sums of losses, and eight of right predictions: see `bw_sum_losses`.
    let lossSums: UnsafeMutableBufferPointer<Double>
    /// Of normalisation over the whole batch: sums of grains, the moments, and the same in Double for running statistics.
    let couplingSums: UnsafeMutableBufferPointer<Double>
    let moments: UnsafeMutableBufferPointer<Float>
    let couplingStatistics: UnsafeMutableBufferPointer<Double>
    /// Norms and directions of the gradient of all parameters, where updates wait for it.
    let whole: WholeGradient?
    /// Squared norms of the gradients of examples and lanes, where quantities need them.
    let parts: PartNorms?

    /// Takes the memory. What was taken before a failure is freed.
    init(_ plan: ExecutionPlan) throws(PlanError) {
        let workers = plan.division.workers
        let memory = try Memory(floats: plan.gradientFloats)
        var arenas: [Arena] = []
        for _ in 0..<plan.arenas { arenas.append(try Arena(plan.program)) }
        let parts = try plan.partSlices.map { slices throws(PlanError) in try PartNorms(plan, slices) }
        self.arenas = arenas
        self.parts = parts
        sums = memory.base
        scratchFloats = plan.scratchFloats
        gradientMemory = consume memory
        slices = .copy(of: plan.gradientSlices.slices)
        owned = .copy(of: plan.gradientSlices.owned)
        laneStarts = .repeating(0, plan.partition.lanes + 1)
        blocks = .copy(of: arenas.map { bw_block(arena: $0.base, examples: $0.examples, first: 0, rows: 0) })
        let windowLength = plan.windowLength
        windows = .copy(of: (0..<workers).map { _ in ExampleWindow(capacity: windowLength) })
        executions = .repeating(bw_execution(), workers)
        magnitudes = .repeating(0, workers * max(plan.program.guards, 1))
        verdicts = .repeating(true, workers)
        lossSums = .repeating(0, 16)
        couplingSums = .repeating(0, plan.couplingSums)
        moments = .repeating(0, plan.program.momentFloats)
        couplingStatistics = .repeating(0, plan.program.momentFloats)
        whole = plan.rules.needsWholeGradient ? WholeGradient(plan, memory: sums) : nil
    }

    deinit {
        slices.deallocate()
        owned.deallocate()
        laneStarts.deallocate()
        blocks.deallocate()
        for window in windows { window.deallocate() }
        windows.deallocate()
        executions.deallocate()
        magnitudes.deallocate()
        verdicts.deallocate()
        lossSums.deallocate()
        couplingSums.deallocate()
        moments.deallocate()
        couplingStatistics.deallocate()
    }
}

extension UnsafeMutableBufferPointer {
    /// Memory of its own, at a place that stays, for what workers read at every update; the caller frees it.
    fileprivate static func copy(of elements: [Element]) -> Self {
        let buffer = Self.allocate(capacity: elements.count)
        _ = buffer.initialize(from: elements)
        return buffer
    }

    /// The same, of equal elements.
    fileprivate static func repeating(_ element: Element, _ count: Int) -> Self {
        copy(of: Array(repeating: element, count: count))
    }
}
