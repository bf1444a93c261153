/// Everything that an engine needs to know before it takes memory: program, slices, and how large each buffer will be.
struct ExecutionPlan {
    let layout: ParameterLayout
    let program: Program
    let partition: BatchPartition
    let share: WorkShare
    let optimizer: Optimizer
    let gradientSlices: GradientSlices
    /// Micro-batches that a worker runs for the largest batch.
    let rounds: Int
    /// Floats of a scratch for one slice.
    let scratchFloats: Int
    var notices: [String]

    init(
        graph: Graph, partition: BatchPartition, share: WorkShare, optimizer: Optimizer, rows: Int, notices: [String]
    ) throws(PlanError) {
        let floats = Double(graph.floatsPerExample()) * Double(share.microBatch + 16)
        guard floats < Double(1 << 40) else { throw .outOfMemory(bytes: 4 << 40) }
        self.partition = partition
        self.optimizer = optimizer
        self.notices = notices
        layout = ParameterLayout(graph)
        program = graph.compiled(
            microBatch: share.microBatch, workers: share.workers, unit: share.unit, batch: rows)
        var share = share
        if program.isShared { share.unit = graph.examplesInOne }
        self.share = share
        gradientSlices = GradientSlices(program, layout, workers: share.workers, rows: rows)
        rounds = share.rounds(rows: rows)
        scratchFloats = (gradientSlices.slices.reduce(0) { max($0, $1.count) } + 15) / 16 * 16
    }

    /// Where a batch takes one round, gradients need a scratch for one slice a worker; else a vector of their own. Both for
    /// every level of the lanes' tree.
    var isAccumulating: Bool { rounds > 1 }
    var gradientFloats: Int { partition.levels * (isAccumulating ? layout.count : share.workers * scratchFloats) }
    var stateFloats: Int { optimizer.stateNames.count * layout.count }
    var arenas: Int { program.isShared ? 1 : share.workers }
    var activationFloats: Int { arenas * program.arenaFloats }
    /// Everything but data and loading.
    var bytes: Int {
        4 * (layout.count + program.mirrorFloats + gradientFloats + stateFloats + activationFloats) + workspaceBytes
    }

    /// The same for people. Layers and loading are for the caller to add.
    func summary(_ recipe: Recipe, data: Dataset, schedule: BatchSchedule, rate: LearningRate.Resolved) -> Plan {
        return Plan(
            batch: recipe.batch.size, grain: partition.grain, lanes: partition.lanes, microBatch: share.microBatch,
            block: recipe.batch.block, accumulationSteps: rounds, workers: share.workers, learningRate: rate.peak,
            updatesPerEpoch: schedule.batchesPerEpoch,
            parameters: layout.parameters.reduce(0) { $0 + ($1.isStatistic ? 0 : $1.count) },
            bytes: .init(
                parameters: 4 * (layout.count + program.mirrorFloats), gradients: 4 * gradientFloats,
                optimizer: 4 * stateFloats, activations: 4 * activationFloats, workspace: workspaceBytes,
                data: data.byteCount),
            notices: notices)
    }
}
