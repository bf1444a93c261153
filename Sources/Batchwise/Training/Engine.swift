import CKernels

/// Everything that training keeps in memory: parameters, optimizer state, one replica a worker.
///
/// `Update.swift` says what happens in an update; this file says with what.
final class Engine {
    let layout: ParameterLayout
    let program: Program
    let source: BatchSource
    let partition: BatchPartition
    let share: WorkShare
    let optimizer: Optimizer
    let seed: UInt64
    let team: WorkerTeam
    let replicas: [Replica]

    private let parameterMemory: Memory
    private let mirrorMemory: Memory
    private let stateMemory: Memory
    private let gradientMemory: Memory
    let parameters: UnsafeMutablePointer<Float>
    let mirrors: UnsafeMutablePointer<Float>
    /// The optimizer's vectors, one after the other.
    let states: [UnsafeMutablePointer<Float>]

    let slices: [GradientSlice]
    let owned: [[Int]]
    /// Partial sums of the lanes' tree. Where a batch takes one round, a scratch for one slice a worker is enough; else
    /// there is one vector of gradients for every level.
    let gradients: UnsafeMutablePointer<Float>
    let isAccumulating: Bool
    let scratchFloats: Int

    /// What one update works on; set before the team starts.
    var current = CurrentUpdate()
    /// What the workers found: largest magnitudes of what gradients are made of, and a verdict on the gradients.
    let magnitudes: UnsafeMutablePointer<Float>
    let verdicts: UnsafeMutablePointer<Bool>
    /// Sums of the running statistics of one update: for each, means and variances.
    var statisticSums: [[Double]]
    var statisticWeights: [Double]

    struct CurrentUpdate {
        var order = EpochOrder(count: 0, seed: 0, epoch: 0)
        /// Positions in the epoch's order.
        var positions = 0..<0
        /// The sum of the batch's weights.
        var weight = 0.0
        var step = Optimizer.Step(.sgd, rate: 0, update: 1)
        var dropoutKey: UInt64 = 0
        var lossSum = 0.0
        var rightSum = 0.0
        /// Whether parameters have been changed.
        var isApplied = true
    }

    init(_ plan: ExecutionPlan, source: BatchSource, seed: UInt64) throws(PlanError) {
        self.source = source
        self.seed = seed
        partition = plan.partition
        share = plan.share
        optimizer = plan.optimizer
        layout = plan.layout
        program = plan.program
        (slices, owned, scratchFloats, isAccumulating) = (
            plan.slices, plan.owned, plan.scratchFloats, plan.isAccumulating
        )

        parameterMemory = try Memory(floats: layout.count)
        parameters = parameterMemory.base
        mirrorMemory = try Memory(floats: program.mirrorFloats)
        mirrors = mirrorMemory.base
        stateMemory = try Memory(floats: plan.stateFloats)
        let stateBase = stateMemory.base
        let length = layout.count
        states = optimizer.stateNames.indices.map { stateBase + $0 * length }
        gradientMemory = try Memory(floats: plan.gradientFloats)
        gradients = gradientMemory.base
        var replicas: [Replica] = []
        for _ in 0..<plan.replicas { replicas.append(try Replica(program)) }
        self.replicas = replicas
        team = try WorkerTeam(share.workers)
        magnitudes = .allocate(capacity: share.workers * max(program.guards, 1))
        magnitudes.initialize(repeating: 0, count: share.workers * max(program.guards, 1))
        verdicts = .allocate(capacity: share.workers)
        verdicts.initialize(repeating: true, count: share.workers)
        statisticSums = program.moments.map { Array(repeating: 0, count: $0.width) }
        statisticWeights = Array(repeating: 0, count: program.moments.count)
    }

    deinit {
        magnitudes.deallocate()
        verdicts.deallocate()
    }

    /// Writes new values, each in the order of its shape, and the flipped copies that backward passes read.
    func setParameters(_ values: [[Float]]) {
        for (index, value) in values.enumerated() { layout.write(value, index, to: parameters) }
        for index in program.mirrors.indices {
            mirror(parameter: index, firstRow: 0, rows: layout.parameters[index].mirrorRows)
        }
    }

    /// The parameters, each in the order of its shape.
    func parameterValues() -> [[Float]] {
        layout.parameters.indices.map { layout.read($0, from: parameters) }
    }

    /// Copies a slice that has changed to the flipped weights.
    func mirror(_ slice: GradientSlice) {
        mirror(parameter: program.gradients[slice.gradient].parameter, firstRow: slice.firstRow, rows: slice.rows)
    }

    private func mirror(parameter index: Int, firstRow: Int, rows: Int) {
        guard let mirrorOffset = program.mirrors[index] else { return }
        let parameter = layout.parameters[index]
        let source = parameters + layout.offsets[index]
        let target = mirrors + mirrorOffset
        // [groups, kH, kW, in, out] to [groups, kH flipped, kW flipped, out, in]
        let (height, width) = (parameter.shape[1], parameter.shape[2])
        let (inputs, outputs) = (parameter.shape[3], parameter.shape[4])
        var row = firstRow
        while row < firstRow + rows {
            let window = row / inputs
            let input = row % inputs
            let count = min(inputs - input, firstRow + rows - row)
            let group = window / (height * width)
            let place = window % (height * width)
            let flipped = group * height * width + (height * width - 1 - place)
            bw_transpose(
                source + row * outputs, count, outputs, outputs, target + flipped * inputs * outputs + input, inputs)
            row += count
        }
    }
}

extension Parameter {
    /// Rows of the parameter seen as a matrix of its last axis.
    fileprivate var mirrorRows: Int { count / max(shape.last ?? 1, 1) }
}
