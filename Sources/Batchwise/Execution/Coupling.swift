import CKernels

/// A place in a program where numbers of the whole batch are needed: all its examples must have come this far before
/// any goes on.
struct Coupling {
    let normalisation: Normalisation
    /// Whether the sums are those of the backward pass.
    let isGradient: Bool
    /// The node of the moments, and where they are among those of the model: see `bw_coupling`.
    let node: Int
    let offset: Int
    /// The instructions before it, its own sums the last of them.
    private(set) var end = 0
    /// The part of a pass's multiplications that stand before it.
    let share: Double

    /// Channels in whole vectors, as sums and moments hold them.
    var stride: Int { (channels + 15) / 16 * 16 }
    var channels: Int { if case .batch(_, let channels, _) = normalisation { channels } else { 0 } }
    var positions: Int { if case .batch(let positions, _, _) = normalisation { positions } else { 0 } }
    var epsilon: Float { if case .batch(_, _, let epsilon) = normalisation { epsilon } else { 0 } }

    init(_ normalisation: Normalisation, isGradient: Bool, node: Int, offset: Int, share: Double) {
        self.normalisation = normalisation
        self.isGradient = isGradient
        self.node = node
        self.offset = offset
        self.share = share
    }

    func after(instruction end: Int) -> Self {
        var copy = self
        copy.end = end
        return copy
    }
}

extension Program {
    /// Floats of the moments of all couplings.
    var momentFloats: Int { couplings.reduce(0) { max($0, $1.offset + 4 * $1.stride) } }
    /// Doubles of the sums of a grain; couplings take turns.
    var sumsPerGrain: Int { couplings.reduce(0) { max($0, 2 * $1.stride) } }
    /// How many times the multiplications of one pass a batch of several micro-batches takes: each runs again up to every
    /// coupling.
    var passes: Double { couplings.reduce(1) { $0 + $1.share } }
}

extension Graph {
    /// Whether examples of a batch depend on all others.
    var isCoupled: Bool {
        nodes.contains { if case .moments(.batch) = $0.operation { true } else { false } }
    }
}

extension Compiler {
    /// What has to be summed over the batch before a node runs: the instruction, and what it is for.
    func sums(for index: Int, number: Int, _ capacity: Int) -> (Instruction, Coupling)? {
        let node = graph.nodes[index]
        let kind: Normalisation
        let (x, z, moments): (Int, Int, Int)
        switch node.operation {
        case .moments(let normalisation):
            kind = normalisation
            (x, z, moments) = (node.inputs[0], node.inputs[0], index)
        case .normaliseGradient(let normalisation):
            kind = normalisation
            (x, z, moments) = (node.inputs[2], node.inputs[0], node.inputs[1])
        default: return nil
        }
        guard case .batch = kind else { return nil }
        let sums = Instruction(
            BW_DO_BATCH_SUMS, x: tensor(x, capacity).offset, y: nil, z: tensor(z, capacity).offset, coupling: number
        ).of(kind)
        return (
            sums,
            Coupling(
                kind, isGradient: moments != index, node: moments, offset: momentOffset(of: moments),
                share: graph.shareOfMultiplications(before: index))
        )
    }

    /// The instruction of a node of normalisation over the whole batch, when its sums are known; moments need none.
    func coupledInstruction(for index: Int, _ capacity: Int) -> Instruction? {
        let node = graph.nodes[index]
        func at(_ position: Int) -> Int { tensor(node.inputs[position], capacity).offset }
        let y = tensor(index, capacity).offset
        switch node.operation {
        case .normalise(let kind):
            return Instruction(BW_DO_BATCH_NORMALISE, x: at(0), y: y, moments: momentOffset(of: node.inputs[1])).of(kind)
        case .normaliseGradient(let kind):
            return Instruction(
                BW_DO_BATCH_NORMALISE_GRADIENT, x: at(2), y: y, v: at(0), moments: momentOffset(of: node.inputs[1])
            ).of(kind)
        default: return nil
        }
    }

    /// Where the moments of a node lie among those of the model.
    private func momentOffset(of moments: Int) -> Int {
        var offset = 0
        for node in graph.nodes[..<moments] {
            if case .moments(.batch(_, let channels, _)) = node.operation { offset += 4 * ((channels + 15) / 16 * 16) }
        }
        return offset
    }
}

extension Graph {
    /// The part of the multiplications of a pass and its gradients that stand in products before a node.
    fileprivate func shareOfMultiplications(before index: Int) -> Double {
        var (before, all) = (0.0, 0.0)
        for (place, node) in nodes.enumerated() {
            let count: Double
            switch node.operation {
            case .dense, .denseInputGradient, .denseWeightGradient:
                let x = shape(node.inputs[0])
                let weights = node.operation == .denseWeightGradient ? node.shape : shape(node.inputs[1])
                count = Double(x.elements / x.width) * Double(weights.elements)
            case .convolution(let convolution), .convolutionInputGradient(let convolution):
                count =
                    Double(convolution.outHeight * convolution.outWidth) * Double(shape(node.inputs[1]).elements)
            case .convolutionWeightGradient(let convolution):
                count = Double(convolution.outHeight * convolution.outWidth) * Double(node.shape.elements)
            default: continue
            }
            all += count
            if place < index, !node.operation.isReduction { before += count }
        }
        return all > 0 ? before / all : 0
    }
}
