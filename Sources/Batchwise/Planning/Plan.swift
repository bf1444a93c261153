/// What this machine will do for a recipe: known before anything runs.
public struct Plan: Sendable, Hashable, Codable {
    /// Bytes by purpose. Data counts the examples as they are held in memory.
    public struct Bytes: Sendable, Hashable, Codable {
        public var parameters = 0
        public var gradients = 0
        public var optimizer = 0
        public var activations = 0
        public var data = 0
        public var total: Int { parameters + gradients + optimizer + activations + data }
    }

    public var batch: Int
    public var grain: Int
    public var lanes: Int
    public var microBatch: Int
    /// Micro-batches that one worker runs for one update.
    public var accumulationSteps: Int
    public var workers: Int
    /// The highest rate of the run.
    public var learningRate: Double
    public var updatesPerEpoch: Int
    public var parameters: Int
    public var bytes: Bytes
    /// What the plan changed of what was asked, in words.
    public var notices: [String] = []
}

extension Plan: CustomStringConvertible {
    public var description: String {
        """
        batch \(batch) in \(lanes) \(lanes == 1 ? "lane" : "lanes") of grains of \(grain); \
        \(workers) \(workers == 1 ? "worker" : "workers"), micro-batch \(microBatch), \
        \(accumulationSteps) accumulation \(accumulationSteps == 1 ? "step" : "steps")
        \(updatesPerEpoch) updates an epoch at a learning rate of up to \(learningRate); \(parameters) parameters
        memory: parameters \(byteText(bytes.parameters)), gradients \(byteText(bytes.gradients)), \
        optimizer \(byteText(bytes.optimizer)), activations \(byteText(bytes.activations)), data \(byteText(bytes.data))
        """
    }
}

/// The arithmetic behind a plan.
struct Planner {
    let graph: Graph
    let batch: Batch
    let optimizer: Optimizer
    let machine: Machine

    /// An arena of this many bytes stays in the second-level cache for the most part.
    private static let arenaTarget = 1 << 21

    /// The ghost batches that a batch is cut into; one that holds the whole batch cuts nothing.
    private var ghosts: [Int] {
        graph.statistics.compactMap {
            if case .ghost(let size, _, _, _) = $0.normalisation, size < batch.size { size } else { nil }
        }
    }

    private var hasWholeBatchLayer: Bool { graph.statistics.count > ghosts.count }

    /// A number of examples that both `a` and `b` divide; the whole batch where that is more.
    private func common(_ a: Int, _ b: Int) -> Int {
        let (product, overflow) = (a / greatestCommonDivisor(a, b)).multipliedReportingOverflow(by: b)
        return overflow ? batch.size : product
    }

    /// The examples of a unit that must stay on one worker.
    private var unit: Int {
        let unit = ghosts.reduce(1, common)
        return hasWholeBatchLayer || unit > batch.size ? batch.size : unit
    }

    /// One worker where meeting others would cost more than they save, else one a core.
    ///
    /// Sharing saves arithmetic; it costs about 5 microseconds of meeting an update, and parameters that travel between
    /// cores. The two rates are rough, measured on two cores of a Zen 5: a wrong guess near the border costs little.
    private func usefulWorkers(of cores: Int) -> Int {
        let operationsPerMicrosecond = 100_000.0, bytesPerMicrosecond = 15_000.0
        let arithmetic = 6 * Double(batch.size) * Double(graph.multiplicationsPerExample()) / operationsPerMicrosecond
        let parameters = Double(graph.parameters.reduce(0) { $0 + $1.count })
        let saved = arithmetic * (1 - 1 / Double(cores))
        return saved > 5 + 2 * parameters / bytesPerMicrosecond ? min(cores, batch.size) : 1
    }

    func partition() throws(PlanError) -> BatchPartition {
        let grain = batch.resolvedGrain(ghosts: ghosts)
        for ghost in ghosts where ghost % grain != 0 {
            throw .mismatch(
                "a ghost batch of \(ghost) is not a whole number of grains of \(grain): use a multiple, or another batch.grain")
        }
        let partition = BatchPartition(grain: grain, lanes: batch.resolvedLanes)
        return BatchPartition(grain: grain, lanes: partition.laneCount(rows: batch.size))
    }

    func share(_ partition: BatchPartition) throws(PlanError) -> (share: WorkShare, notices: [String]) {
        let workers = machine.threads ?? usefulWorkers(of: machine.cores)
        guard (1...256).contains(workers) else { throw .threads(requested: workers) }
        // whole grains and whole ghost batches
        let step = unit == batch.size ? unit : common(partition.grain, unit)
        let most = (batch.size + step - 1) / step * step
        var notices: [String] = []
        let wanted: Int
        if let asked = machine.microBatch {
            wanted = max((asked + step - 1) / step * step, step)
            if wanted != asked {
                notices.append("micro-batch \(asked) raised to \(wanted), a whole number of \(step == partition.grain ? "grains" : "ghost batches") of \(step)")
            }
        } else {
            let floats = max(graph.floatsPerExample(), 1)
            let fitting = min(max(Self.arenaTarget / (4 * floats), 16), 256)
            wanted = max(fitting / step * step, step)
        }
        let share = (batch.size + workers - 1) / workers
        let needed = max((share + step - 1) / step * step, step)
        return (WorkShare(workers: workers, microBatch: min(wanted, needed, most), unit: unit), notices)
    }
}

extension Graph {
    /// Multiplications of one example's forward pass that gradients have to answer for.
    fileprivate func multiplicationsPerExample() -> Int {
        gradients.flatMap(\.reductions).reduce(0) { sum, index in
            let node = nodes[index]
            switch node.operation {
            case .denseWeightGradient:
                let x = shape(node.inputs[0])
                return sum + x.elements / x.width * node.shape.elements
            case .convolutionWeightGradient(let convolution):
                return sum + convolution.outHeight * convolution.outWidth * node.shape.elements
            default: return sum
            }
        }
    }
}
