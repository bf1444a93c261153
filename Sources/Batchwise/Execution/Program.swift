import CKernels

/// A graph made ready to run on micro-batches of up to `capacity` examples: flat instructions over one arena.
final class Program {
    let capacity: Int
    /// Whether all workers run on one arena, which some instructions share by columns; else each has an arena of its
    /// own.
    let isShared: Bool
    /// The floats of one arena.
    let arenaFloats: Int
    let instructions: UnsafeMutableBufferPointer<Instruction>
    /// The layer that each instruction belongs to, and the tensor it writes: for messages.
    let paths: [String]
    let outputs: [Tensor]
    /// The memory that each instruction writes, in floats an example.
    let written: [[Range<Int>]]

    /// The tensor of the features; nil where layers read sparse rows as they are.
    let input: Tensor?
    let target: Tensor?
    let exampleWeight: Tensor?
    let losses: Tensor?
    let prediction: Tensor

    let gradients: [ParameterGradient]
    let statistics: [Graph.Statistic]
    /// The moments of each statistic.
    let moments: [Tensor]
    /// The places where numbers of the whole batch are needed, in the order of the instructions.
    let couplings: [Coupling]
    /// The number of largest magnitudes that the guard against overflow takes: one for every tensor, other than the
    /// input, that reductions read.
    let guards: Int
    /// Offsets of the flipped copies of convolutions' weights, by parameter; nil for those that have none.
    let mirrors: [Int?]
    let mirrorFloats: Int

    /// The floats of an example in the widest tensor that reductions read. An example adds fewer terms than this to a
    /// gradient.
    let widestTensor: Int
    /// The most places in which the model uses one parameter.
    let mostReductions: Int

    /// A place in the arena: `width` floats for every example.
    struct Tensor: Hashable {
        var offset: Int
        var width: Int
    }

    /// A parameter and the reductions whose sum is its gradient. The reductions do not move in memory.
    struct ParameterGradient {
        var parameter: Int
        var reductions: UnsafeMutableBufferPointer<bw_reduction>
    }

    init(
        capacity: Int, isShared: Bool, arenaFloats: Int, instructions: [Instruction], paths: [String],
        outputs: [Tensor], written: [[Range<Int>]],
        input: Tensor?, target: Tensor?, exampleWeight: Tensor?, losses: Tensor?, prediction: Tensor,
        gradients: [ParameterGradient], statistics: [Graph.Statistic], moments: [Tensor],
        couplings: [Coupling],
        guards: Int,
        widestTensor: Int, mirrors: [Int?], mirrorFloats: Int
    ) {
        self.capacity = capacity
        self.isShared = isShared
        self.arenaFloats = arenaFloats
        self.instructions = .allocate(capacity: instructions.count)
        _ = self.instructions.initialize(from: instructions)
        self.paths = paths
        self.outputs = outputs
        self.written = written
        self.input = input
        self.target = target
        self.exampleWeight = exampleWeight
        self.losses = losses
        self.prediction = prediction
        self.gradients = gradients
        self.statistics = statistics
        self.moments = moments
        self.couplings = couplings
        self.guards = guards
        self.mirrors = mirrors
        self.mirrorFloats = mirrorFloats
        self.widestTensor = widestTensor
        mostReductions = gradients.reduce(1) { max($0, $1.reductions.count) }
    }

    deinit {
        instructions.deinitialize()
        instructions.deallocate()
        for gradient in gradients { gradient.reductions.deallocate() }
    }
}
