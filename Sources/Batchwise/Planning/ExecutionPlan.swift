import Foundations

/// Everything that an engine needs to know before it takes memory: program, slices, and how large each buffer will be.
struct ExecutionPlan {
    let layout: ParameterLayout
    let program: Program
    let partition: SumOrder
    let division: WorkDivision
    let rules: UpdateRules
    /// The cuts of the gradients into slices, which workers own.
    let cuts: [GradientCut]
    /// The cuts for one worker, for sums whose order must not depend on the machine; nil where quantities need none.
    let partCuts: [GradientCut]?
    let matrices: MuonMatrices
    /// The way in which processes come to the gradient of each layer.
    let joining: JoiningPlan
    /// Micro-batches that a worker runs for the largest batch.
    let rounds: Int
    /// Floats of a scratch for one slice.
    let scratchFloats: Int
    /// The reason for the size of the micro-batch, in a sentence.
    var reason = ""
    var notices: [String] = []
    /// Examples of the largest batch.
    let rows: Int

    init(
        _ compiler: Compiler, partition: SumOrder, division: WorkDivision, rules: UpdateRules, rows: Int,
        machines: Int = 1, knowsExamples: Bool = true
    ) throws(PlanError) {
        let floats = Double(compiler.plan.size) * Double(division.microBatch + 16)
        guard floats < Double(1 << 40) else { throw .outOfMemory(bytes: 4 << 40) }
        self.partition = partition
        self.rows = rows
        self.rules = rules
        layout = compiler.layout
        program = try compiler.program(
            microBatch: division.microBatch, workers: division.workers, unit: division.unit, batch: rows,
            isAlone: division.own.count == division.workers)
        var division = division
        if program.isShared { division.unit = compiler.graph.examplesInOne }
        self.division = division
        let (program, layout) = (program, layout)
        func cut(workers: Int) -> [GradientCut] {
            program.gradients.map { GradientCut($0, layout, workers: workers, batch: rows) }
        }
        cuts = cut(workers: division.workers)
        partCuts = rules.measured.needsParts ? cut(workers: 1) : nil
        matrices = MuonMatrices(layout, rules, program)
        rounds = division.rounds(rows: rows)
        scratchFloats = cuts.scratchFloats
        var traffic = compiler.traffic(knowsExamples: knowsExamples)
        (traffic.order, traffic.unit) = (partition, division.unit)
        traffic.needsAllRows = rules.measured.needsParts
        joining = JoiningPlan(traffic, program, layout, division, rows: rows, machines: machines)
    }

    /// Says why the micro-batch is as chosen, and what has become of one that was asked for.
    mutating func take(_ choice: MicroBatchChoice) {
        reason = choice.reason
        if let notice = choice.notice { notices.append(notice) }
    }

    /// Whether processes of one machine may work on the same parameters: where each process writes no others than its own
    /// slices. With SAM, running statistics, an optimizer of the program's own, and the short cut for batches of one,
    /// each process changes all, and needs parameters of its own.
    var mayShareParameters: Bool {
        rules.sam == nil && rules.custom == nil && program.statistics.isEmpty && rows > 1
    }

    /// The list of slices for these cuts. It is long for a large model, so an engine makes it once, and a plan never.
    func slices(_ cuts: [GradientCut], workers: Int) -> GradientSlices {
        GradientSlices(
            cuts, program, layout, rules, workers: workers,
            isHanded: workers == division.workers ? joining.isHanded : [])
    }

    /// Whether a batch takes several rounds. Then each level of the lanes' tree has a vector for the whole gradient;
    /// otherwise a scratch for one slice a worker is enough for it.
    var isAccumulating: Bool { rounds > 1 }
    var sumFloats: Int { partition.levels * (isAccumulating ? layout.count : division.workers * scratchFloats) }
    /// The floats of vectors over all parameters: the whole gradient where an update waits for it, unless the sums hold
    /// it already, and vectors that SAM and quantities need: see `WholeGradient`.
    var wholeFloats: Int {
        let vectors = [
            rules.needsWholeGradient && !isAccumulating, rules.keepsGradient, rules.needsParametersBefore,
            rules.measured.contains(.parameters),
        ]
        return vectors.count { $0 } * layout.count + matrices.floats
    }
    /// Bytes of the norms of single examples' and lanes' gradients, where quantities need them.
    var partNormBytes: Int { partCuts.map { PartNorms.byteCount(self, $0) } ?? 0 }
    var gradientFloats: Int { sumFloats + wholeFloats }
    /// Floats of the sums that are handed over: those that come, and those that go on.
    var handedFloats: Int { 2 * partition.levels * joining.traffic.handedBytes(joining.handed) / 4 }
    var averageFloats: Int { rules.average == nil ? 0 : layout.count }
    /// Floats of the older versions of the parameters: see `ParameterVersions`.
    var versionFloats: Int { ParameterVersions.floats(of: self) }
    var stateFloats: Int { rules.optimizer.stateNames.count * layout.count + averageFloats + versionFloats }
    var arenas: Int { program.isShared ? 1 : division.workers }
    var activationFloats: Int { arenas * program.arenaFloats }
    /// Doubles of the sums of a batch's grains, where a layer normalises over the whole batch.
    var couplingSums: Int { program.sumsPerGrain * ((rows + partition.grain - 1) / partition.grain) }
    private var couplingFloats: Int { 2 * couplingSums + 3 * program.momentFloats }
    /// All bytes but those of data and loading.
    var bytes: Int {
        4
            * (layout.count + program.mirrorFloats + gradientFloats + handedFloats + stateFloats + activationFloats
                + couplingFloats)
            + workspaceBytes + partNormBytes
    }

    /// Bytes of the copies that a checkpoint or an evaluation holds for a moment: parameters and optimizer's vectors as
    /// arrays and as bytes, and the places that a parameter's numbers have in a file.
    var copyBytes: Int { 4 * (2 * (layout.count + stateFloats) + 2 * layout.count) }

    /// The plan for people. The caller adds layers and loading.
    func summary(_ recipe: Recipe, data: Dataset, schedule: BatchSchedule, rate: LearningRate.Resolved) -> Plan {
        return Plan(
            batch: recipe.batch.size, grain: partition.grain, lanes: partition.lanes, microBatch: division.microBatch,
            block: recipe.batch.block, accumulationSteps: rounds, workers: division.workers, learningRate: rate.peak,
            updatesPerEpoch: schedule.batchesPerEpoch,
            parameters: layout.parameters.reduce(0) { $0 + ($1.isStatistic ? 0 : $1.count) },
            bytes: .init(
                parameters: 4 * (layout.count + program.mirrorFloats),
                gradients: 4 * (gradientFloats + handedFloats) + partNormBytes,
                optimizer: 4 * stateFloats, activations: 4 * (activationFloats + couplingFloats),
                workspace: workspaceBytes, data: data.byteCount),
            reason: reason, notices: notices)
    }
}
