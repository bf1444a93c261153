import CKernels

/// A place in a program that needs numbers of the whole batch: all examples must reach it before any example goes
/// beyond it.
struct Coupling {
    let normalisation: Normalisation
    /// Whether the sums belong to the backward pass.
    let isGradient: Bool
    /// The node of the moments, and its place among the model's moments: see `bw_coupling`.
    let node: Int
    let offset: Int
    /// The number of instructions before the coupling, including the one that takes its sums.
    private(set) var end = 0
    /// The fraction of a pass's multiplications that come before the coupling.
    let fraction: Double

    /// The number of channels, rounded up to whole vectors as sums and moments hold them.
    var stride: Int { (channels + 15) / 16 * 16 }
    var channels: Int { if case .batch(_, let channels, _) = normalisation { channels } else { 0 } }
    var positions: Int { if case .batch(let positions, _, _) = normalisation { positions } else { 0 } }
    var epsilon: Float { if case .batch(_, _, let epsilon) = normalisation { epsilon } else { 0 } }

    init(_ normalisation: Normalisation, isGradient: Bool, node: Int, offset: Int, fraction: Double) {
        self.normalisation = normalisation
        self.isGradient = isGradient
        self.node = node
        self.offset = offset
        self.fraction = fraction
    }

    func after(instruction end: Int) -> Self {
        var copy = self
        copy.end = end
        return copy
    }
}

/// The sums of x and of x z, channel by channel over the whole batch, that an operation needs before it runs: the nodes
/// of x and z, and of the moments that they belong to.
struct BatchSums {
    let normalisation: Normalisation
    let x, z, moments: Int

    init(_ normalisation: Normalisation, of x: Int, times z: Int, moments: Int) {
        self.normalisation = normalisation
        self.x = x
        self.z = z
        self.moments = moments
    }
}

extension Program {
    /// The floats that the moments of all couplings take.
    var momentFloats: Int { couplings.reduce(0) { max($0, $1.offset + 4 * $1.stride) } }
    /// The doubles that the sums of a grain take. Couplings use the same memory in turn.
    var sumsPerGrain: Int { couplings.reduce(0) { max($0, 2 * $1.stride) } }
    /// The factor by which a batch of several micro-batches takes more multiplications than one forward and backward
    /// pass, because each micro-batch runs again up to every coupling.
    var arithmeticFactor: Double { couplings.reduce(1) { $0 + $1.fraction } }
}

extension Graph {
    /// Whether examples of a batch depend on all others.
    var isCoupled: Bool {
        nodes.contains { if case .moments(.batch) = $0.operation { true } else { false } }
    }
}

extension Compiler {
    /// The instruction that sums over the batch before a node runs, and the coupling that it serves.
    func sums(for index: Int, number: Int, _ capacity: Int) -> (Instruction, Coupling)? {
        guard let sums = graph.nodes[index].operation.traits.batchSums(for: index, in: graph) else { return nil }
        let instruction = Instruction(
            BW_DO_BATCH_SUMS, x: tensor(sums.x, capacity).offset, y: nil, z: tensor(sums.z, capacity).offset,
            coupling: number
        ).of(sums.normalisation)
        return (
            instruction,
            Coupling(
                sums.normalisation, isGradient: sums.moments != index, node: sums.moments,
                offset: momentOffsets[sums.moments], fraction: fractions[index])
        )
    }
}

extension Graph {
    /// The place, among the model's moments of the whole batch, of the moments at each node.
    func momentOffsets() -> [Int] {
        var offset = 0
        return nodes.map { node in
            defer {
                if case .moments(.batch(_, let channels, _)) = node.operation {
                    offset += 4 * ((channels + 15) / 16 * 16)
                }
            }
            return offset
        }
    }

    /// Multiply-adds of products with weights for one example: forward, backward and gradients.
    var multiplicationsPerExample: Double { nodes.reduce(0) { $0 + multiplications(of: $1) } }

    /// The fraction of the multiplications of a pass and its gradients that stand in products before each node.
    func fractionsOfMultiplications() -> [Double] {
        let counts = nodes.map { multiplications(of: $0) }
        let all = counts.reduce(0, +)
        var before = 0.0
        return zip(nodes, counts).map { node, count in
            defer { if !node.operation.isReduction { before += count } }
            return all > 0 ? before / all : 0
        }
    }
}
