import CKernels

/// A graph made ready to run on micro-batches of up to `capacity` examples: flat instructions over one arena.
final class Program {
    let capacity: Int
    /// Whether all workers run on one arena, which some instructions share by columns; else each has an arena of its own.
    let isShared: Bool
    /// Floats of one worker's arena.
    let arenaFloats: Int
    let instructions: UnsafeMutableBufferPointer<Instruction>
    /// The layer that each instruction belongs to, and the tensor it writes: for messages.
    let paths: [String]
    let outputs: [Tensor]

    /// Nil where layers read sparse rows as they are.
    let input: Tensor?
    let target: Tensor?
    let exampleWeight: Tensor?
    let losses: Tensor?
    let prediction: Tensor

    let gradients: [ParameterGradient]
    let statistics: [Graph.Statistic]
    /// The moments of each statistic.
    let moments: [Tensor]
    /// Everything that is read of an example after its backward pass: by reductions, losses and running statistics.
    let joined: [Tensor]
    /// Where numbers of the whole batch are needed, in the order of the instructions.
    let couplings: [Coupling]
    /// Largest magnitudes that the guard against overflow takes: of every tensor that reductions read but the input.
    let guards: Int
    /// Offsets of the flipped copies of convolutions' weights, by parameter; nil for those that have none.
    let mirrors: [Int?]
    let mirrorFloats: Int

    /// Floats of an example in the widest tensor that reductions read: more than the terms that an example adds to a gradient.
    let widestTensor: Int
    /// The most places in which the model uses one parameter.
    let mostReductions: Int

    /// A place in the arena: `width` floats for every example.
    struct Tensor: Hashable {
        var offset: Int
        var width: Int
    }

    /// The reductions, at places that stay, whose sum is the gradient of a parameter.
    struct ParameterGradient {
        var parameter: Int
        var reductions: UnsafeMutableBufferPointer<bw_reduction>
    }

    init(
        capacity: Int, isShared: Bool, arenaFloats: Int, instructions: [Instruction], paths: [String],
        outputs: [Tensor],
        input: Tensor?, target: Tensor?, exampleWeight: Tensor?, losses: Tensor?, prediction: Tensor,
        gradients: [ParameterGradient], statistics: [Graph.Statistic], moments: [Tensor], joined: [Tensor],
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
        self.input = input
        self.target = target
        self.exampleWeight = exampleWeight
        self.losses = losses
        self.prediction = prediction
        self.gradients = gradients
        self.statistics = statistics
        self.moments = moments
        self.joined = joined
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
