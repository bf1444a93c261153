import CKernels

/// The memory that the updates of one plan work in: arenas, sums of gradients, lists that workers read.
///
/// The workspace has one owner. Where the batch changes, it is freed before the next one is allocated, so that both
/// need not fit into memory together. It holds nothing that was trained.
struct Workspace: ~Copyable {
    /// One arena with all examples of a round where workers share instructions by columns, else one arena a worker.
    let arenas: [Arena]
    private let gradientMemory: Memory
    /// Partial sums of the lanes' tree. Where a batch takes one round, a scratch for one slice a worker is enough; else
    /// there is one vector of gradients for every level.
    let sums: UnsafeMutablePointer<Float>
    /// The floats of a scratch for one slice.
    let scratchFloats: Int

    /// The parameters cut into slices, and which of them each worker owns.
    let slices: UnsafeMutableBufferPointer<bw_slice>
    let owned: UnsafeMutableBufferPointer<Range<Int>>
    /// The slices whose sums processes hand over, and the room for those sums; nil where there are none.
    let handed: HandedSums?
    /// The place in the batch where each lane begins, and as a last entry where the last lane ends.
    let laneStarts: UnsafeMutableBufferPointer<Int>
    /// The examples that are in each arena.
    let blocks: UnsafeMutableBufferPointer<bw_block>
    /// The examples that each worker reads now and next.
    let windows: UnsafeMutableBufferPointer<ExampleWindow>
    /// The execution that each worker is in the middle of, where a batch stops at a coupling: see `Engine.couple`.
    let executions: UnsafeMutableBufferPointer<bw_execution>

    /// For each worker the largest magnitudes in the tensors that gradients are computed from, `program.guards` of them, and
    /// in the features that were loaded.
    private let magnitudes: UnsafeMutableBufferPointer<Float>
    private let magnitudesOfWorker: Int
    /// Whether the gradients that a worker has looked at are finite.
    let verdicts: UnsafeMutableBufferPointer<Bool>
    /// Eight sums of losses, and eight of right predictions: see `bw_sum_losses`.
    let lossSums: UnsafeMutableBufferPointer<Double>
    /// The sums of grains, the moments, and the statistics in Double, for normalisation over the whole batch.
    let couplingSums: UnsafeMutableBufferPointer<Double>
    let moments: UnsafeMutableBufferPointer<Float>
    let couplingStatistics: UnsafeMutableBufferPointer<Double>
    /// Norms and directions of the gradient of all parameters, where updates wait for it.
    let whole: WholeGradient?
    /// Squared norms of the gradients of examples and lanes, where quantities need them.
    let parts: PartNorms?

    /// Allocates the memory; processes that train together share the arenas. Where that fails, everything allocated so
    /// far is freed.
    init(_ plan: ExecutionPlan, sharedBy communicator: (any Communicator)? = nil) throws(PlanError) {
        let workers = plan.division.workers
        let memory = try Memory(floats: plan.gradientFloats)
        var arenas: [Arena] = []
        for _ in 0..<plan.arenas { arenas.append(try Arena(plan.program, sharedBy: communicator)) }
        let parts = try plan.partCuts.map { cuts throws(PlanError) in try PartNorms(plan, cuts) }
        let gradientSlices = plan.slices(plan.cuts, workers: workers)
        let handed = try HandedSums(plan, gradientSlices)
        self.arenas = arenas
        self.parts = parts
        sums = memory.base
        scratchFloats = plan.scratchFloats
        gradientMemory = consume memory
        slices = .copy(of: gradientSlices.slices)
        owned = .copy(of: gradientSlices.owned)
        self.handed = handed
        laneStarts = .repeating(0, plan.partition.lanes + 1)
        blocks = .copy(of: arenas.map { bw_block(arena: $0.base, examples: $0.examples, first: 0, rows: 0) })
        let windowLength = plan.windowLength
        windows = .copy(of: (0..<workers).map { _ in ExampleWindow(capacity: windowLength) })
        executions = .repeating(bw_execution(), workers)
        magnitudesOfWorker = plan.program.guards + 1
        magnitudes = .repeating(0, workers * magnitudesOfWorker)
        verdicts = .repeating(true, workers)
        lossSums = .repeating(0, 16)
        couplingSums = .repeating(0, plan.couplingSums)
        moments = .repeating(0, plan.program.momentFloats)
        couplingStatistics = .repeating(0, plan.program.momentFloats)
        whole = plan.rules.needsWholeGradient ? WholeGradient(plan, memory: sums) : nil
    }

    /// The largest magnitudes that a worker has found.
    func magnitudes(of worker: Int) -> UnsafeMutablePointer<Float> {
        magnitudes.baseAddress! + worker * magnitudesOfWorker
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
    /// Allocates memory that does not move, for lists that workers read at every update; the caller frees it.
    fileprivate static func copy(of elements: [Element]) -> Self {
        let buffer = Self.allocate(capacity: elements.count)
        _ = buffer.initialize(from: elements)
        return buffer
    }

    /// Allocates such memory with equal elements.
    fileprivate static func repeating(_ element: Element, _ count: Int) -> Self {
        copy(of: Array(repeating: element, count: count))
    }
}
