import CKernels

extension Graph {
    /// The floats that one example needs in an arena, which tells how many examples fit.
    package func floatsPerExample() -> Int { Compiler(self).plan.size }

    /// Turns the graph into instructions for micro-batches of up to `microBatch` examples a worker, each worker's in an
    /// arena of its own or all in one. Ghost batches hold whole multiples of `unit` examples.
    func compiled(microBatch: Int, workers: Int = 1, unit: Int = 1, batch: Int = .max) -> Program {
        let rows = min(microBatch * workers, batch)
        let isShared =
            workers > 1 && !isCoupled
            && ((rows + unit - 1) / unit < workers || sharesColumns(rows: rows, workers: workers))
        return Compiler(self).program(
            capacity: isShared ? rows : microBatch, workers: isShared ? workers : 1)
    }

    /// Whether some dense layer is better shared by columns.
    private func sharesColumns(rows: Int, workers: Int) -> Bool {
        nodes.contains {
            switch $0.operation {
            case .dense, .denseInputGradient: $0.isSharedByColumns(rows: rows, workers: workers)
            default: false
            }
        }
    }
}

extension Graph.Node {
    /// Whether workers with one arena share an operation by columns, channels or lines, and not by rows.
    fileprivate func isSharedByColumns(rows: Int, workers: Int) -> Bool {
        guard workers > 1 else { return false }
        switch operation {
        case .dense, .denseInputGradient:
            // By rows, each worker reads all the weights, most of which others have just changed; by columns, all the
            // rows of the input. The smaller of the two should travel between cores.
            let lead = shape.elements / shape.width
            return shape.width >= 16 * workers && rows * lead <= shape.width
        case .moments(.ghost), .normalise(.ghost), .normaliseGradient(.ghost): return true
        case .convolution, .convolutionInputGradient, .pad, .maxPool, .averagePool, .averagePoolGradient, .unary,
            .unaryGradient:
            return rows == 1
        case .maxPoolGradient(let pool):
            return rows == 1 && pool.strideHeight >= pool.windowHeight
        default: return false
        }
    }

    /// Whether the parts that workers have of the result are columns of its last axis.
    var hasColumns: Bool {
        switch operation {
        case .dense, .denseInputGradient, .moments, .normalise, .normaliseGradient: true
        default: false
        }
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
                // what is gathered is there before the first instruction
                let first = graph.nodes[root].operation.isGathered ? 0 : step
                tensors.append(.init(floats: graph.shape(root).elements, first: first, last: lastUse[node]))
            }
        }
        self.places = places
        plan = MemoryPlan(tensors)
        self.tensors = tensors
        mirrors = Array(repeating: nil, count: graph.parameters.count)

        for node in graph.nodes {
            switch node.operation {
            case .convolutionInputGradient:
                guard case .parameter(let weight) = graph.nodes[node.inputs[1]].operation, mirrors[weight] == nil else {
                    continue
                }
                mirrors[weight] = mirrorFloats
                mirrorFloats += (graph.parameters[weight].count + 15) / 16 * 16
            default: continue
            }
        }
    }

    /// Where a tensor begins, for `capacity` examples: on a cache line. What kernels read past its end is the next tensor.
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

    /// `workers` is how many run on one arena.
    func program(capacity: Int, workers: Int) -> Program {
        var listing = Listing()
        let guarded = guardedNodes()
        var couplings: [Coupling] = []
        for node in order {
            if let (sums, coupling) = sums(for: node, number: couplings.count, capacity) {
                listing.append(
                    sums, graph.nodes[node].path, .init(offset: 0, width: 0), isByColumns: false,
                    reads: graph.nodes[node].inputs.compactMap { region($0) }, writes: nil)
                couplings.append(coupling.after(instruction: listing.instructions.count))
            }
            guard let instruction = instruction(for: node, capacity) else { continue }
            let output = tensor(node, capacity)
            let isByColumns = graph.nodes[node].isSharedByColumns(rows: capacity, workers: workers)
            let inputs = graph.nodes[node].inputs.compactMap { region($0) }
            listing.append(
                instruction, graph.nodes[node].path, output, isByColumns: isByColumns, reads: inputs,
                writes: region(node))
            if guarded.contains(node) { listing.appendGuard(graph.nodes[node], output) }
        }
        func place(_ operation: Operation) -> Program.Tensor? {
            order.first { graph.nodes[$0].operation == operation }.map { tensor($0, capacity) }
        }
        let gradients = graph.gradients.map { gradient in
            let isTurned = graph.weightStorage(gradient.parameter) == .turned
            let reductions = UnsafeMutableBufferPointer<bw_reduction>.allocate(capacity: gradient.reductions.count)
            _ = reductions.initialize(from: gradient.reductions.map { reduction($0, isTurned: isTurned, capacity) })
            return Program.ParameterGradient(parameter: gradient.parameter, reductions: reductions)
        }
        let reduced = graph.gradients.flatMap(\.reductions).flatMap { graph.nodes[$0].inputs }
        return Program(
            capacity: capacity, isShared: workers > 1, arenaFloats: plan.size * ((capacity + 15) / 16 * 16) + 64,
            instructions: listing.instructions, paths: listing.paths, outputs: listing.outputs,
            input: place(.input), target: place(.target), share: place(.share),
            losses: graph.loss.map { tensor($0, capacity) }, prediction: tensor(graph.prediction, capacity),
            gradients: gradients, statistics: graph.statistics,
            moments: graph.statistics.map { tensor($0.moments, capacity) }, couplings: couplings,
            guards: listing.guards,
            widestTensor: reduced.reduce(1) { max($0, graph.shape($1).elements) }, mirrors: mirrors,
            mirrorFloats: mirrorFloats)
    }

    /// The nodes whose numbers reductions read; the input's are known to be finite before training begins.
    private func guardedNodes() -> Set<Int> {
        var nodes: Set<Int> = []
        for reduction in graph.gradients.flatMap(\.reductions) {
            for var node in graph.nodes[reduction].inputs {
                while [.reshape, .pairRows].contains(graph.nodes[node].operation) { node = graph.nodes[node].inputs[0] }
                let operation = graph.nodes[node].operation
                if !operation.isGathered && operation != .sparseInput { nodes.insert(node) }
            }
        }
        return nodes
    }

    func parameter(_ node: Int) -> Int {
        guard case .parameter(let index) = graph.nodes[node].operation else { return 0 }
        return layout.offsets[index]
    }
    func mirror(_ node: Int) -> Int {
        guard case .parameter(let index) = graph.nodes[node].operation else { return 0 }
        return mirrors[index] ?? 0
    }

    private func reduction(_ index: Int, isTurned: Bool, _ capacity: Int) -> bw_reduction {
        let node = graph.nodes[index]
        func at(_ position: Int) -> Int { tensor(node.inputs[position], capacity).offset }
        func shape(_ position: Int) -> Shape { graph.shape(node.inputs[position]) }
        var reduction = bw_reduction()
        reduction.x = at(0)
        reduction.dy = at(node.inputs.count - 1)
        reduction.example_rows = 1
        switch node.operation {
        case .denseWeightGradient:
            reduction.kind = BW_REDUCE_DENSE
            reduction.is_bfloat16 = graph.nodes[node.inputs[0]].operation == .pairRows ? 1 : 0
            reduction.example_rows = shape(0).elements / shape(0).width
            (reduction.inputs, reduction.outputs) = (shape(0).width, shape(1).width)
            if graph.nodes[node.inputs[0]].operation == .sparseInput {
                reduction.kind = BW_REDUCE_SPARSE
                reduction.is_turned = isTurned ? 1 : 0
            } else if isTurned {
                swap(&reduction.x, &reduction.dy)
                swap(&reduction.inputs, &reduction.outputs)
            }
        case .convolutionWeightGradient(let convolution):
            reduction.kind = BW_REDUCE_CONVOLUTION
            (reduction.inputs, reduction.outputs) = (shape(0).elements, shape(1).elements)
            reduction.convolution = convolution.kernel
        case .embeddingGradient:
            reduction.kind = BW_REDUCE_EMBEDDING
            reduction.example_rows = shape(0).elements
            (reduction.inputs, reduction.outputs) = (1, shape(1).width)
        default:  // sumRows, by `Operation.isReduction`
            reduction.kind = BW_REDUCE_SUM_ROWS
            reduction.example_rows = shape(0).elements / node.shape.elements
            reduction.outputs = node.shape.elements
        }
        return reduction
    }
}
