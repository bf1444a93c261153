/// Plans for the batches of a run. The largest decides how much memory there must be; smaller ones keep within it.
///
/// Each size has its own workers, micro-batch and program, so that small batches run as well as they do alone, and its
/// own lanes and grains, which are the recipe's. Where replicas train apart, plans are those of a replica's share of the
/// batch.
struct BatchPlans {
    /// The plan of the largest batch.
    let largest: ExecutionPlan
    private let graph: Graph
    private let batch: Batch
    private let rules: UpdateRules
    private let machine: Machine
    private let examples: Int
    private let largestSize: Int
    /// The replicas that each batch is divided among.
    private let replicas: Int
    private let knowsExamples: Bool
    /// Bytes that measuring the noise takes beside an engine: a gradient, and a sum of gradients in Double.
    let noiseBytes: Int

    /// Plans the largest batch. Throws where it does not fit the machine, before anything is computed.
    init(
        graph: Graph, batch: Batch, replicas: Int = 1, rules: UpdateRules, machine: Machine, examples: Int,
        loadingBytes: Int, knowsExamples: Bool = true
    ) throws(PlanError) {
        self.graph = graph
        self.batch = batch
        self.rules = rules
        self.examples = examples
        self.replicas = replicas
        self.knowsExamples = knowsExamples
        largestSize = Self.localBatch(batch.largestSize, replicas)
        noiseBytes = batch.grow?.noiseRule == nil ? 0 : 12 * ParameterLayout(graph).count
        var own = machine
        if let memory = machine.memory { own.memory = memory - noiseBytes }
        self.machine = own
        var planned = batch
        planned.size = largestSize
        do throws(PlanError) {
            largest = try Planner(
                graph: graph, batch: planned, rules: rules, machine: own, examples: examples,
                loadingBytes: loadingBytes,
                knowsExamples: knowsExamples
            ).prepare()
        } catch {
            guard case .overBudget(_, let least, let reason) = error, batch.largestSize > batch.size else {
                throw error
            }
            throw .overBudget(
                limit: machine.memory, least: least + noiseBytes,
                reason: "batches grow to \(largestSize) examples, for which \(reason)")
        }
        guard let rule = batch.grow?.noiseRule else { return }
        let parts =
            graph.isCoupled ? "whole batches" : "whole \(graph.ghostBatches.isEmpty ? "grains" : "ghost batches")"
        for size in [batch.size, largestSize] {
            let chunk = try chunk(of: size)
            guard 2 * chunk <= examples else {
                throw .mismatch(
                    "batch.grow.by: \(rule.criterion.name) compares chunks of \(parts), here of \(chunk) examples, and an epoch has "
                        + "\(examples): use \(graph.ghostBatches.isEmpty ? "" : "a smaller ghost batch or ")"
                        + "a smaller batch.grow.up-to")
            }
        }
    }

    /// The examples of a batch that a replica takes, at most.
    private static func localBatch(_ size: Int, _ replicas: Int) -> Int { (size + replicas - 1) / replicas }

    /// The plan of batches of `size` examples: at most the largest.
    func plan(of batch: Int) throws(PlanError) -> ExecutionPlan {
        let size = Self.localBatch(batch, replicas)
        guard size != largestSize else { return largest }
        var machine = machine
        machine.memory = largest.bytes
        do throws(PlanError) {
            return try planner(size, machine).prepare()
        } catch {
            guard case .overBudget = error else { throw error }
            // a smaller batch in the same micro-batches cannot need more memory than the largest
            machine.memory = nil
            machine.threads = largest.division.workers
            machine.microBatch = largest.division.microBatch
            return try planner(size, machine).prepare()
        }
    }

    /// The fewest examples whose gradient is one chain on any machine: whole grains and ghost batches.
    func chunk(of size: Int) throws(PlanError) -> Int { try planner(size, machine).wholeParts() }

    /// The fewest such examples for the largest batch.
    func largestChunk() throws(PlanError) -> Int { try chunk(of: largestSize) }

    private func planner(_ size: Int, _ machine: Machine) -> Planner {
        var batch = batch
        batch.size = size
        return Planner(
            graph: graph, batch: batch, rules: rules, machine: machine, examples: examples, knowsExamples: knowsExamples
        )
    }
}
