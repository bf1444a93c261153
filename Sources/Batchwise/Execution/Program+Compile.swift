import CKernels

extension Graph {
    /// The floats that one example needs in an arena, which tells how many examples fit.
    package func floatsPerExample() -> Int { Compiler(self).plan.size }

    /// Turns the graph into instructions for micro-batches of up to `microBatch` examples a worker, each worker's in an
    /// arena of its own or, where one process is alone, all in one. Ghost batches hold whole multiples of `unit` examples.
    /// Throws `PlanError.noKernel` where only the interpreter has an operation.
    func compiled(
        microBatch: Int, workers: Int = 1, unit: Int = 1, batch: Int = .max, isAlone: Bool = true
    ) throws(PlanError) -> Program {
        try Compiler(self).program(
            microBatch: microBatch, workers: workers, unit: unit, batch: batch, isAlone: isAlone)
    }

    /// Whether workers should share some dense layer by columns.
    fileprivate func sharesColumns(rows: Int, workers: Int) -> Bool {
        nodes.contains { $0.sharing(rows: rows, workers: workers) == .columns }
    }
}

extension Graph.Node {
    /// How workers with one arena divide the node among themselves.
    fileprivate func sharing(rows: Int, workers: Int) -> Sharing {
        workers > 1 ? operation.traits.sharing(shape, rows: rows, workers: workers) : .rows
    }
}

/// Chooses memory for every node, then writes one instruction for each.
struct Compiler {
    let graph: Graph
    let layout: ParameterLayout
    /// The nodes that run, in order.
    let order: [Int]
    /// The node whose memory a node uses: its own, or its input's where it works in place.
    let owner: [Int]
    /// The place of each owner in the memory plan.
    let places: [Int: Int]
    let tensors: [MemoryPlan.Tensor]
    let plan: MemoryPlan
    /// The place of the moments at each node, and the fraction of the multiplications before it: see `Coupling`.
    let momentOffsets: [Int]
    let fractions: [Double]
    private(set) var mirrors: [Int?]
    private(set) var mirrorFloats = 0

    init(_ graph: Graph) {
        self.graph = graph
        layout = ParameterLayout(graph)
        let order = graph.liveRowNodes()
        self.order = order
        let lastUse = graph.lastUses(order)
        let owner = graph.owners(order, lastUse)
        self.owner = owner

        var tensors: [MemoryPlan.Tensor] = []
        var places: [Int: Int] = [:]
        for (step, node) in order.enumerated() where graph.shape(node).hasBatch {
            let root = owner[node]
            if let place = places[root] {
                tensors[place].last = max(tensors[place].last, lastUse[node])
            } else {
                places[root] = tensors.count
                // gathered tensors are filled before the first instruction
                let first = graph.nodes[root].operation.isGathered ? 0 : step
                tensors.append(.init(floats: graph.shape(root).elements, first: first, last: lastUse[node]))
            }
        }
        self.places = places
        plan = MemoryPlan(tensors)
        self.tensors = tensors
        momentOffsets = graph.momentOffsets()
        fractions = graph.fractionsOfMultiplications()
        mirrors = Array(repeating: nil, count: graph.parameters.count)

        for node in graph.nodes where node.operation.traits.readsMirror {
            guard case .parameter(let weight) = graph.nodes[node.inputs[1]].operation, mirrors[weight] == nil else {
                continue
            }
            mirrors[weight] = mirrorFloats
            mirrorFloats += (graph.parameters[weight].count + 15) / 16 * 16
        }
    }

    /// The place where a tensor begins, for `capacity` examples: on a cache line. Kernels that read past its end read
    /// from the next tensor.
    func tensor(_ node: Int, _ capacity: Int) -> Program.Tensor {
        if graph.nodes[node].operation == .sparseInput {
            return .init(offset: Int(BW_NONE), width: graph.shape(node).elements)
        }
        let place = places[owner[node]] ?? 0
        let scale = (capacity + 15) / 16 * 16
        return .init(offset: plan.offsets[place] * scale, width: graph.shape(node).elements)
    }

    /// The memory that a node's tensor lies in, in floats an example.
    private func region(_ node: Int) -> Range<Int>? {
        guard let place = places[owner[node]] else { return nil }
        return plan.offsets[place]..<plan.offsets[place] + tensors[place].floats
    }

    /// Writes the program for micro-batches of up to `microBatch` examples a worker: see `Graph.compiled`.
    func program(
        microBatch: Int, workers: Int, unit: Int, batch: Int, isAlone: Bool
    ) throws(PlanError) -> Program {
        let rows = min(microBatch * workers, batch)
        let isShared =
            workers > 1 && isAlone && !graph.isCoupled
            && ((rows + unit - 1) / unit < workers || graph.sharesColumns(rows: rows, workers: workers))
        return try program(capacity: isShared ? rows : microBatch, workers: isShared ? workers : 1)
    }

    /// Writes the program, for `workers` workers that run on one arena.
    func program(capacity: Int, workers: Int) throws(PlanError) -> Program {
        var listing = Listing()
        let guarded = guardedNodes()
        var couplings: [Coupling] = []
        for node in order {
            if let (sums, coupling) = sums(for: node, number: couplings.count, capacity) {
                listing.append(
                    sums, graph.nodes[node].path, .init(offset: 0, width: 0), sharing: .rows,
                    reads: graph.nodes[node].inputs.compactMap { region($0) }, writes: nil)
                couplings.append(coupling.after(instruction: listing.instructions.count))
            }
            let compiled = CompiledNode(compiler: self, index: node, capacity: capacity)
            guard let instruction = try graph.nodes[node].operation.traits.instruction(compiled) else { continue }
            let output = tensor(node, capacity)
            let sharing = graph.nodes[node].sharing(rows: capacity, workers: workers)
            let inputs = graph.nodes[node].inputs.compactMap { region($0) }
            listing.append(
                instruction, graph.nodes[node].path, output, sharing: sharing, reads: inputs, writes: region(node))
            if guarded.contains(node) { listing.appendGuard(graph.nodes[node], output, sharing: sharing) }
        }
        func place(_ operation: Operation) -> Program.Tensor? {
            order.first { graph.nodes[$0].operation == operation }.map { tensor($0, capacity) }
        }
        let gradients = graph.gradients.map { gradient in
            let storage = layout.storage[gradient.parameter]
            let reductions = UnsafeMutableBufferPointer<bw_reduction>.allocate(capacity: gradient.reductions.count)
            _ = reductions.initialize(from: gradient.reductions.compactMap { reduction($0, storage, capacity) })
            return Program.ParameterGradient(parameter: gradient.parameter, reductions: reductions)
        }
        let reduced = graph.gradients.flatMap(\.reductions).flatMap { graph.nodes[$0].inputs }
        let moments = graph.statistics.map { tensor($0.moments, capacity) }
        let losses = graph.loss.map { tensor($0, capacity) }
        let prediction = tensor(graph.prediction, capacity)
        return Program(
            capacity: capacity, isShared: workers > 1, arenaFloats: plan.size * ((capacity + 15) / 16 * 16) + 64,
            instructions: listing.instructions, paths: listing.paths, outputs: listing.outputs,
            written: listing.written,
            input: place(.input), target: place(.target), exampleWeight: place(.exampleWeight),
            losses: losses, prediction: prediction,
            gradients: gradients, statistics: graph.statistics,
            moments: moments, couplings: couplings,
            guards: listing.guards,
            widestTensor: reduced.reduce(1) { max($0, graph.shape($1).elements) }, mirrors: mirrors,
            mirrorFloats: mirrorFloats)
    }

    /// The nodes whose numbers reductions read; the input's are known to be finite before training begins.
    private func guardedNodes() -> Set<Int> {
        var nodes: Set<Int> = []
        for reduction in graph.gradients.flatMap(\.reductions) {
            for var node in graph.nodes[reduction].inputs {
                while graph.nodes[node].operation.traits.keepsNumbers { node = graph.nodes[node].inputs[0] }
                let operation = graph.nodes[node].operation
                if !operation.isGathered && operation != .sparseInput { nodes.insert(node) }
            }
        }
        return nodes
    }

    /// The reduction that a node stands for; nil for nodes that are no reductions, which `Graph.gradients` never holds.
    private func reduction(_ node: Int, _ storage: WeightStorage, _ capacity: Int) -> bw_reduction? {
        let traits = graph.nodes[node].operation.traits as? any ReductionTraits
        return traits?.reduction(CompiledNode(compiler: self, index: node, capacity: capacity), storage)
    }
}
