import CKernels

extension Graph {
    /// The floats that one example needs in an arena, which tells how many examples fit.
    package func floatsPerExample() -> Int { Compiler(self).plan.size }

    /// Turns the graph into instructions for micro-batches of up to `microBatch` examples a worker, each worker's in an
    /// arena of its own or all in one. Ghost batches hold whole multiples of `unit` examples.
    func compiled(microBatch: Int, workers: Int = 1, unit: Int = 1, batch: Int = .max) -> Program {
        let rows = min(microBatch * workers, batch)
        let isShared =
            workers > 1 && ((rows + unit - 1) / unit < workers || sharesColumns(rows: rows, workers: workers))
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
    fileprivate var hasColumns: Bool {
        switch operation {
        case .dense, .denseInputGradient, .moments, .normalise, .normaliseGradient: true
        default: false
        }
    }
}

/// Chooses memory for every node, then writes one instruction for each.
private struct Compiler {
    let graph: Graph
    let layout: ParameterLayout
    /// The nodes that run, in order.
    private let order: [Int]
    /// The node whose memory a node uses: its own, or its input's where it works in place.
    private let owner: [Int]
    /// The place of each owner in the memory plan.
    private let places: [Int: Int]
    private let tensors: [MemoryPlan.Tensor]
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
        for (step, node) in order.enumerated() {
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
    private func tensor(_ node: Int, _ capacity: Int) -> Program.Tensor {
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
        for node in order {
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
            let reductions = UnsafeMutableBufferPointer<bw_reduction>.allocate(capacity: gradient.reductions.count)
            _ = reductions.initialize(from: gradient.reductions.map { reduction($0, capacity) })
            return Program.ParameterGradient(parameter: gradient.parameter, reductions: reductions)
        }
        let reduced = graph.gradients.flatMap(\.reductions).flatMap { graph.nodes[$0].inputs }
        return Program(
            capacity: capacity, isShared: workers > 1, arenaFloats: plan.size * ((capacity + 15) / 16 * 16) + 64,
            instructions: listing.instructions, paths: listing.paths, outputs: listing.outputs,
            input: place(.input) ?? .init(offset: 0, width: 0), target: place(.target), share: place(.share),
            losses: graph.loss.map { tensor($0, capacity) }, prediction: tensor(graph.prediction, capacity),
            gradients: gradients, statistics: graph.statistics,
            moments: graph.statistics.map { tensor($0.moments, capacity) }, guards: listing.guards,
            widestTensor: reduced.reduce(1) { max($0, graph.shape($1).elements) }, mirrors: mirrors,
            mirrorFloats: mirrorFloats)
    }

    /// The nodes whose numbers reductions read; the input's are known to be finite before training begins.
    private func guardedNodes() -> Set<Int> {
        var nodes: Set<Int> = []
        for reduction in graph.gradients.flatMap(\.reductions) {
            for var node in graph.nodes[reduction].inputs {
                while [.reshape, .pairRows].contains(graph.nodes[node].operation) { node = graph.nodes[node].inputs[0] }
                if !graph.nodes[node].operation.isGathered { nodes.insert(node) }
            }
        }
        return nodes
    }

    private func parameter(_ node: Int) -> Int {
        guard case .parameter(let index) = graph.nodes[node].operation else { return 0 }
        return layout.offsets[index]
    }
    private func mirror(_ node: Int) -> Int {
        guard case .parameter(let index) = graph.nodes[node].operation else { return 0 }
        return mirrors[index] ?? 0
    }

    private func reduction(_ index: Int, _ capacity: Int) -> bw_reduction {
        let node = graph.nodes[index]
        func at(_ position: Int) -> Int { tensor(node.inputs[position], capacity).offset }
        func shape(_ position: Int) -> Shape { graph.shape(node.inputs[position]) }
        var reduction = bw_reduction()
        reduction.x = at(0)
        reduction.dy = at(node.inputs.count - 1)
        reduction.lead = 1
        switch node.operation {
        case .denseWeightGradient:
            reduction.kind = BW_REDUCE_DENSE
            reduction.is_bfloat16 = graph.nodes[node.inputs[0]].operation == .pairRows ? 1 : 0
            reduction.lead = shape(0).elements / shape(0).width
            (reduction.inputs, reduction.outputs) = (shape(0).width, shape(1).width)
        case .convolutionWeightGradient(let convolution):
            reduction.kind = BW_REDUCE_CONVOLUTION
            (reduction.inputs, reduction.outputs) = (shape(0).elements, shape(1).elements)
            reduction.convolution = convolution.kernel
        case .embeddingGradient:
            reduction.kind = BW_REDUCE_EMBEDDING
            reduction.lead = shape(0).elements
            (reduction.inputs, reduction.outputs) = (1, shape(1).width)
        default:  // sumRows, by `Operation.isReduction`
            reduction.kind = BW_REDUCE_SUM_ROWS
            reduction.lead = shape(0).elements / node.shape.elements
            reduction.outputs = node.shape.elements
        }
        return reduction
    }

    private func instruction(for index: Int, _ capacity: Int) -> Instruction? {
        let node = graph.nodes[index]
        let y = tensor(index, capacity).offset
        let size = node.shape.elements
        let width = node.shape.width
        let lead = size / max(width, 1)
        func at(_ position: Int) -> Int { tensor(node.inputs[position], capacity).offset }
        func shape(_ position: Int) -> Shape { graph.shape(node.inputs[position]) }
        func optional(_ position: Int) -> Int? {
            node.inputs.count > position ? parameter(node.inputs[position]) : nil
        }
        func dense(inputs: Int, outputs: Int) -> bw_dense_shape {
            guard case .parameter(let weight) = graph.nodes[node.inputs[1]].operation else { return .init() }
            return .init(inputs: inputs, outputs: outputs, panel: layout.panel(weight))
        }
        let isBFloat16: Int32 = graph.precision == .bfloat16 ? 1 : 0
        switch node.operation {
        case .input, .target, .share, .parameter, .reshape, .denseWeightGradient, .convolutionWeightGradient,
            .embeddingGradient, .sumRows:
            return nil
        case .dense:
            return Instruction(
                BW_DO_DENSE, x: at(0), y: y, w: parameter(node.inputs[1]), bias: optional(2), lead: lead, width: width
            ).of(dense(inputs: shape(0).width, outputs: width)).changed { $0.is_bfloat16 = isBFloat16 }
        case .denseInputGradient:
            return Instruction(
                BW_DO_DENSE_INPUT_GRADIENT, x: at(0), y: y, w: parameter(node.inputs[1]), lead: lead, width: width
            ).of(dense(inputs: width, outputs: shape(0).width)).changed { $0.is_bfloat16 = isBFloat16 }
        case .convolution(let convolution):
            return Instruction(
                BW_DO_CONVOLUTION, x: at(0), y: y, w: parameter(node.inputs[1]), bias: optional(2), width: size
            ).of(convolution)
        case .convolutionInputGradient(let convolution):
            return Instruction(BW_DO_CONVOLUTION, x: at(0), y: y, w: mirror(node.inputs[1]), width: size)
                .of(convolution).changed { $0.is_mirrored = 1 }
        case .pairRows: return Instruction(BW_DO_PAIR_ROWS, x: at(0), y: y, lead: lead, width: width)
        case .pad(let pad): return Instruction(BW_DO_PAD, x: at(0), y: y, width: size).of(pad)
        case .unary(let unary):
            return Instruction(
                BW_DO_UNARY, x: at(0), y: y, width: size, kind: unary.kernel.kind.rawValue,
                constant: unary.kernel.constant)
        case .unaryGradient(let unary):
            return Instruction(
                BW_DO_UNARY_GRADIENT, x: at(1), y: y, z: at(0), width: size, kind: unary.kernel.kind.rawValue,
                constant: unary.kernel.constant)
        case .binary(let binary):
            let kind = binary.kernel.rawValue
            let other = shape(1)
            if !other.hasBatch {
                return Instruction(
                    BW_DO_BINARY_VECTOR, x: at(0), y: y, w: parameter(node.inputs[1]),
                    lead: size / max(other.elements, 1), width: other.elements, kind: kind)
            }
            if other.elements != size {
                return Instruction(
                    BW_DO_BINARY_SCALAR, x: at(0), y: y, z: at(1), lead: lead, width: width, kind: kind)
            }
            return Instruction(BW_DO_BINARY, x: at(0), y: y, z: at(1), width: size, kind: kind)
        case .dropout(let rate, let stream):
            return Instruction(BW_DO_DROPOUT, x: at(0), y: y, width: size, constant: rate, stream: stream)
        case .sumLast: return Instruction(BW_DO_SUM_LAST, x: at(0), y: y, lead: size, width: shape(0).width)
        case .spreadLast: return Instruction(BW_DO_SPREAD_LAST, x: at(0), y: y, lead: lead, width: width)
        case .maxPool(let pool): return Instruction(BW_DO_MAX_POOL, x: at(0), y: y).of(pool)
        case .maxPoolGradient(let pool):
            return Instruction(BW_DO_MAX_POOL_GRADIENT, x: at(0), y: y, z: at(1)).of(pool)
        case .averagePool(let pool): return Instruction(BW_DO_AVERAGE_POOL, x: at(0), y: y).of(pool)
        case .averagePoolGradient(let pool): return Instruction(BW_DO_AVERAGE_POOL_GRADIENT, x: at(0), y: y).of(pool)
        case .moments(let kind):
            return Instruction(kind.isGhost ? BW_DO_GHOST_MOMENTS : BW_DO_GROUP_MOMENTS, x: at(0), y: y).of(kind)
        case .normalise(let kind):
            return Instruction(kind.isGhost ? BW_DO_GHOST_NORMALISE : BW_DO_GROUP_NORMALISE, x: at(0), y: y, z: at(1))
                .of(kind)
        case .normaliseGradient(let kind):
            return Instruction(
                kind.isGhost ? BW_DO_GHOST_NORMALISE_GRADIENT : BW_DO_GROUP_NORMALISE_GRADIENT, x: at(2), y: y,
                z: at(1), v: at(0)
            ).of(kind)
        case .runningNormalise(let epsilon):
            return Instruction(
                BW_DO_RUNNING_NORMALISE, x: at(0), y: y, w: parameter(node.inputs[2]), bias: parameter(node.inputs[1]),
                lead: lead, width: width, constant: epsilon)
        case .runningNormaliseGradient(let epsilon):
            return Instruction(
                BW_DO_RUNNING_NORMALISE, x: at(0), y: y, w: parameter(node.inputs[1]), lead: lead, width: width,
                constant: epsilon)
        case .embedding:
            return Instruction(
                BW_DO_EMBEDDING, x: at(0), y: y, w: parameter(node.inputs[1]), lead: lead, width: width)
        case .loss(let loss):
            // with gradients, the gradient's instruction computes both
            guard graph.gradients.isEmpty else { return nil }
            let (operation, constant) = loss.kernel
            return Instruction(
                operation, x: at(0), z: at(1), u: 0, v: y, width: shape(0).elements, constant: constant)
        case .lossGradient(let loss):
            let (operation, constant) = loss.kernel
            return Instruction(
                operation, x: at(0), y: y, z: at(1), u: at(2), v: graph.loss.map { tensor($0, capacity).offset },
                width: size, constant: constant)
        }
    }
}

/// Instructions as they are written down, with what messages say of them.
private struct Listing {
    var instructions: [Instruction] = []
    var paths: [String] = []
    var outputs: [Program.Tensor] = []
    var guards = 0
    /// The last instruction that was no guard.
    private var last: Instruction?
    /// Memory that instructions since the last meeting read or wrote, at rows of their workers.
    private var inUse: Set<Range<Int>> = []

    mutating func append(
        _ instruction: Instruction, _ path: String, _ output: Program.Tensor, isByColumns: Bool, reads: [Range<Int>],
        writes: Range<Int>?
    ) {
        // an element-wise function of what has just been computed is done while it is near
        if let fused = instructions.last?.fused(with: instruction) {
            instructions[instructions.count - 1] = fused
            last = fused
            inUse.formUnion(reads)
            return
        }
        // What is shared by columns reads what all workers wrote, and writes what all will read. Memory that is used
        // again, for rows of another length, may still be read by another worker at rows of its own.
        let keepsRows = instruction.operation != BW_DO_PAIR_ROWS
        let isTakenOver =
            writes.map { region in
                inUse.contains { $0.overlaps(region) && !(keepsRows && $0 == region) }
            } ?? false
        let meets = isByColumns || isTakenOver || (last?.by_columns.isTrue ?? false)
        if meets { inUse = [] }
        inUse.formUnion(reads + (writes.map { [$0] } ?? []))
        let next = instruction.changed {
            $0.by_columns = isByColumns ? 1 : 0
            $0.meets = meets ? 1 : 0
        }
        add(next, path, output)
        last = next
    }

    /// Looks at what the last instruction wrote.
    mutating func appendGuard(_ node: Graph.Node, _ output: Program.Tensor) {
        guard let last else { return }
        let width = max(node.shape.width, 1)
        let instruction = Instruction(
            BW_DO_GUARD, x: output.offset, w: guards, lead: node.shape.elements / width, width: width)
        add(
            instruction.changed {
                $0.by_columns = last.by_columns
                $0.meets = last.by_columns.isTrue && !node.hasColumns ? 1 : 0
            }, node.path, output)
        guards += 1
    }

    private mutating func add(_ instruction: Instruction, _ path: String, _ output: Program.Tensor) {
        instructions.append(instruction)
        paths.append(path)
        outputs.append(output)
    }
}

extension Normalisation {
    fileprivate var isGhost: Bool { if case .ghost = self { true } else { false } }
}

extension Loss {
    fileprivate var kernel: (operation: bw_operation, constant: Float) {
        switch self {
        case .softmaxCrossEntropy(let smoothing): (BW_DO_SOFTMAX_CROSS_ENTROPY, smoothing)
        case .binaryCrossEntropy: (BW_DO_BINARY_CROSS_ENTROPY, 0)
        case .meanSquaredError(let half): (BW_DO_MEAN_SQUARED_ERROR, half ? 0.5 : 1)
        case .huber(let delta): (BW_DO_HUBER, delta)
        }
    }
}
