import CKernels

extension Graph {
    /// The floats that one example needs in an arena, which tells how many examples fit.
    package func floatsPerExample() -> Int { Compiler(self).plan.size }

    /// Turns the graph into instructions for micro-batches of up to `capacity` examples.
    func compiled(capacity: Int) -> Program { Compiler(self).program(capacity: capacity) }
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
    let plan: MemoryPlan
    private(set) var mirrors: [Int?]
    private(set) var mirrorFloats = 0

    init(_ graph: Graph) {
        self.graph = graph
        layout = ParameterLayout(graph.parameters)
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
        mirrors = Array(repeating: nil, count: graph.parameters.count)

        for node in graph.nodes {
            switch node.operation {
            case .denseInputGradient, .convolutionInputGradient:
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

    func program(capacity: Int) -> Program {
        var instructions: [Instruction] = []
        var paths: [String] = []
        var outputs: [Program.Tensor] = []
        for node in order {
            guard let instruction = instruction(for: node, capacity) else { continue }
            instructions.append(instruction)
            paths.append(graph.nodes[node].path)
            outputs.append(tensor(node, capacity))
        }
        func place(_ operation: Operation) -> Program.Tensor? {
            order.first { graph.nodes[$0].operation == operation }.map { tensor($0, capacity) }
        }
        var guarded: [Program.Tensor] = []
        let gradients = graph.gradients.map { gradient in
            Program.ParameterGradient(
                parameter: gradient.parameter,
                reductions: gradient.reductions.map { node in
                    for input in graph.nodes[node].inputs {
                        let tensor = tensor(input, capacity)
                        if !guarded.contains(tensor) { guarded.append(tensor) }
                    }
                    return reduction(node, capacity)
                })
        }
        return Program(
            capacity: capacity, arenaFloats: plan.size * ((capacity + 15) / 16 * 16) + 64, instructions: instructions,
            paths: paths, outputs: outputs, input: place(.input) ?? .init(offset: 0, width: 0), target: place(.target),
            share: place(.share), losses: graph.loss.map { tensor($0, capacity) },
            prediction: tensor(graph.prediction, capacity), gradients: gradients, statistics: graph.statistics,
            moments: graph.statistics.map { tensor($0.moments, capacity) }, guarded: guarded, mirrors: mirrors,
            mirrorFloats: mirrorFloats)
    }

    private func parameter(_ node: Int) -> Int {
        guard case .parameter(let index) = graph.nodes[node].operation else { return 0 }
        return layout.offsets[index]
    }
    private func mirror(_ node: Int) -> Int {
        guard case .parameter(let index) = graph.nodes[node].operation else { return 0 }
        return mirrors[index] ?? 0
    }

    private func reduction(_ index: Int, _ capacity: Int) -> Reduction {
        let node = graph.nodes[index]
        func at(_ position: Int) -> Int { tensor(node.inputs[position], capacity).offset }
        func shape(_ position: Int) -> Shape { graph.shape(node.inputs[position]) }
        switch node.operation {
        case .denseWeightGradient:
            return .dense(
                x: at(0), dy: at(1), lead: shape(0).elements / shape(0).width, inputs: shape(0).width,
                outputs: shape(1).width)
        case .convolutionWeightGradient(let convolution):
            return .convolution(convolution.kernel, x: at(0), dy: at(1))
        case .embeddingGradient:
            return .embedding(ids: at(0), dy: at(1), length: shape(0).elements, width: shape(1).width)
        default:  // sumRows, by `Operation.isReduction`
            return .sumRows(dy: at(0), lead: shape(0).elements / node.shape.elements, width: node.shape.elements)
        }
    }

    private func instruction(for index: Int, _ capacity: Int) -> Instruction? {
        let node = graph.nodes[index]
        let y = tensor(index, capacity).offset
        let size = node.shape.elements
        let width = node.shape.width
        func at(_ position: Int) -> Int { tensor(node.inputs[position], capacity).offset }
        func shape(_ position: Int) -> Shape { graph.shape(node.inputs[position]) }
        func optional(_ position: Int) -> Int? {
            node.inputs.count > position ? parameter(node.inputs[position]) : nil
        }
        switch node.operation {
        case .input, .target, .share, .parameter, .reshape, .denseWeightGradient, .convolutionWeightGradient,
            .embeddingGradient, .sumRows:
            return nil
        case .dense:
            return .dense(
                x: at(0), weight: parameter(node.inputs[1]), bias: optional(2), y: y, lead: size / width,
                inputs: shape(0).width, outputs: width)
        case .denseInputGradient:
            return .denseInputGradient(
                dy: at(0), mirror: mirror(node.inputs[1]), dx: y, lead: size / width, inputs: width,
                outputs: shape(0).width)
        case .convolution(let convolution):
            return .convolution(
                convolution.kernel, x: at(0), weight: parameter(node.inputs[1]), bias: optional(2), y: y,
                mirrored: false)
        case .convolutionInputGradient(let convolution):
            return .convolution(
                convolution.kernel, x: at(0), weight: mirror(node.inputs[1]), bias: nil, y: y, mirrored: true)
        case .pad(let pad): return .pad(pad.kernel, x: at(0), y: y)
        case .unary(let unary):
            return .unary(unary.kernel.kind, constant: unary.kernel.constant, x: at(0), y: y, width: size)
        case .unaryGradient(let unary):
            return .unaryGradient(
                unary.kernel.kind, constant: unary.kernel.constant, reference: at(0), dy: at(1), dx: y, width: size)
        case .binary(let binary):
            let other = shape(1)
            if !other.hasBatch {
                return .binaryVector(
                    binary.kernel, a: at(0), parameter: parameter(node.inputs[1]), y: y,
                    lead: size / max(other.elements, 1), width: other.elements)
            }
            if other.elements != size {
                return .binaryScalar(binary.kernel, a: at(0), b: at(1), y: y, lead: size / width, width: width)
            }
            return .binary(binary.kernel, a: at(0), b: at(1), y: y, width: size)
        case .dropout(let rate, let stream): return .dropout(rate: rate, stream: stream, x: at(0), y: y, width: size)
        case .sumLast: return .sumLast(x: at(0), y: y, lead: size, width: shape(0).width)
        case .spreadLast: return .spreadLast(x: at(0), y: y, lead: size / width, width: width)
        case .maxPool(let pool): return .maxPool(pool.kernel, x: at(0), y: y)
        case .maxPoolGradient(let pool): return .maxPoolGradient(pool.kernel, x: at(0), dy: at(1), dx: y)
        case .averagePool(let pool): return .averagePool(pool.kernel, x: at(0), y: y)
        case .averagePoolGradient(let pool): return .averagePoolGradient(pool.kernel, dy: at(0), dx: y)
        case .moments(let kind): return .moments(kind, x: at(0), y: y)
        case .normalise(let kind): return .normalise(kind, x: at(0), moments: at(1), y: y)
        case .normaliseGradient(let kind):
            return .normaliseGradient(kind, normal: at(0), moments: at(1), dy: at(2), dx: y)
        case .runningNormalise(let epsilon):
            return .runningNormalise(
                epsilon: epsilon, x: at(0), mean: parameter(node.inputs[1]), variance: parameter(node.inputs[2]), y: y,
                lead: size / width, channels: width)
        case .runningNormaliseGradient(let epsilon):
            return .runningNormalise(
                epsilon: epsilon, x: at(0), mean: nil, variance: parameter(node.inputs[1]), y: y, lead: size / width,
                channels: width)
        case .embedding:
            return .embedding(
                ids: at(0), table: parameter(node.inputs[1]), y: y, length: size / width, width: width)
        case .loss(let loss):
            // with gradients, the gradient's instruction computes both
            guard graph.gradients.isEmpty else { return nil }
            return .loss(
                loss, prediction: at(0), target: at(1), share: 0, losses: y, gradient: nil, width: shape(0).elements)
        case .lossGradient(let loss):
            return .loss(
                loss, prediction: at(0), target: at(1), share: at(2),
                losses: graph.loss.map { tensor($0, capacity).offset } ?? 0, gradient: y, width: size)
        }
    }
}
