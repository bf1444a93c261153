import Foundations

/// Chooses workers and micro-batch for a recipe on a machine, before any memory is taken.
struct Planner {
    let graph: Graph
    /// The part of compiling that is the same for every micro-batch.
    let compiler: Compiler
    let batch: Batch
    let rules: UpdateRules
    let machine: Machine
    /// Examples of the largest batch: the data set may hold fewer than a batch.
    let rows: Int
    /// Bytes that loading takes of what training may use.
    let loadingBytes: Int
    /// Whether features and targets are in memory as layers read them.
    let knowsExamples: Bool

    init(
        graph: Graph, batch: Batch, rules: UpdateRules, machine: Machine, examples: Int, loadingBytes: Int = 0,
        knowsExamples: Bool = true
    ) {
        self.graph = graph
        compiler = Compiler(graph)
        self.batch = batch
        self.rules = rules
        self.machine = machine
        rows = min(batch.size, examples)
        self.loadingBytes = loadingBytes
        self.knowsExamples = knowsExamples
    }

    /// An arena of this many bytes stays in the second-level cache for the most part. Where weights need more than the
    /// arena, going over them and their gradients in more rounds costs more than what leaves the cache:
    /// 1024-2048-2048-10 at 512 examples takes 1.5 times as long in rounds of 48 as of 256.
    var arenaTarget: Int { max(1 << 21, 8 * graph.parameters.reduce(0) { $0 + $1.count }) }

    /// Decides everything. Throws where the plan cannot fit.
    func prepare() throws(PlanError) -> ExecutionPlan {
        let partition = try partition()
        let threads = machine.threads ?? usefulWorkers(of: machine.cores)
        guard (1...256).contains(threads) else { throw .threads(requested: threads) }
        let workers = threads * machine.ranks
        var plan = try fitting(partition, workers: workers)
        if rows < batch.size {
            plan.notices.insert(
                "a batch of \(batch.size) is more than the \(rows) examples: every update takes all of them", at: 0)
        }
        return try noting(repeatedPasses: plan)
    }

    /// The fewest examples that are normalised among themselves, in whole grains.
    func wholeParts() throws(PlanError) -> Int { graph.isCoupled ? rows : min(step(try partition()), rows) }

    func partition() throws(PlanError) -> SumOrder {
        let grain = batch.resolvedGrain(ghosts: ghosts)
        for ghost in ghosts where ghost % grain != 0 {
            throw .mismatch(
                "a ghost batch of \(ghost) is not a whole number of grains of \(grain): "
                    + "use a multiple, or another batch.grain")
        }
        let partition = SumOrder(grain: grain, lanes: batch.resolvedLanes)
        guard grain % graph.examplesInOne == 0 || partition.laneCount(rows: batch.size) == 1 else {
            throw .mismatch(
                "bfloat16 takes examples two by two, and a grain of \(grain) is odd: use an even batch.grain")
        }
        return SumOrder(grain: grain, lanes: partition.laneCount(rows: batch.size))
    }

    // MARK: Micro-batch

    /// The ghost batches that a batch is cut into; one that holds the whole batch cuts nothing.
    var ghosts: [Int] { graph.ghostBatches.filter { $0 < batch.size } }

    private func tenths(_ number: Double) -> String { String((number * 10).rounded() / 10) }

    /// A number of examples that both `a` and `b` divide; the whole batch where that is more.
    private func common(_ a: Int, _ b: Int) -> Int {
        let (product, overflow) = (a / greatestCommonDivisor(a, b)).multipliedReportingOverflow(by: b)
        return overflow ? batch.size : min(product, batch.size)
    }

    /// The examples of a unit that must stay on one worker: whole ghost batches.
    func unit(_ partition: SumOrder) -> Int {
        if graph.ghostBatches.contains(where: { $0 >= batch.size }) { return batch.size }
        // sums over the whole batch are made of grains
        let one = graph.isCoupled ? common(partition.grain, graph.examplesInOne) : graph.examplesInOne
        return ghosts.reduce(one, common)
    }

    /// Adds a notice about the cost of normalising over a whole batch that does not fit in one round.
    private func noting(repeatedPasses plan: ExecutionPlan) throws(PlanError) -> ExecutionPlan {
        guard graph.isCoupled, plan.rounds > 1 else { return plan }
        let workers = plan.division.workers
        let part = triangle(plan.partition).rounded((rows + workers - 1) / workers)
        let whole = try execution(plan.partition, workers, part)
        var plan = plan
        plan.notices.append(
            "batch-norm over the whole batch runs its micro-batches again up to each of "
                + "\(plan.program.couplings.count) sums: \(tenths(plan.program.arithmeticFactor)) times the arithmetic of one "
                + "round, which would take \(byteText(whole.bytes)) of memory instead of \(byteText(plan.bytes))")
        return plan
    }

    /// The number of examples that a micro-batch is a multiple of: whole grains and whole ghost batches.
    func step(_ partition: SumOrder) -> Int { common(partition.grain, unit(partition)) }

    // MARK: Workers

    /// One worker where meeting others would cost more than they save, else one a core.
    ///
    /// The microseconds are rough, measured on two cores of a Zen 5: a wrong guess near the border costs little.
    private func usefulWorkers(of cores: Int) -> Int {
        let (products, multiplications) = graph.productsOfAnExample()
        let arithmetic = 6 * Double(rows) * multiplications / 230_000
        let parameters = graph.parameters.reduce(0.0) { $0 + Double($1.count) } * 20 / 200_000
        let features = Double(graph.nodes.first { $0.operation == .input }?.shape.elements ?? 0)
        let loading = Double(rows) * (0.008 + 4 * features / 20_000)
        let saved = (max(arithmetic, parameters) + loading) * (1 - 1 / Double(cores))
        return saved > 1 + 1.2 * Double(products) ? min(cores, 256) : 1
    }
}

extension Graph {
    /// The ghost batches of the model's batch normalisation, each once.
    var ghostBatches: [Int] {
        var ghosts: [Int] = []
        for case .ghost(let size, _, _, _) in statistics.map(\.normalisation) where !ghosts.contains(size) {
            ghosts.append(size)
        }
        return ghosts
    }

    /// The number of consecutive examples that no cut may part: pairs, where a step of a gradient's chain takes two.
    var examplesInOne: Int { precision == .bfloat16 ? 2 : 1 }

    /// How many products with weights the model has, and the multiplications of one example's forward pass in them.
    fileprivate func productsOfAnExample() -> (count: Int, multiplications: Double) {
        var (count, sum) = (0, 0.0)
        for node in gradients.flatMap(\.reductions) {
            let multiplications = multiplications(of: nodes[node])
            sum += multiplications
            count += multiplications > 0 ? 1 : 0
        }
        return (count, sum)
    }
}
