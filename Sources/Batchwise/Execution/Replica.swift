import CKernels

/// One worker's copy of what it needs to run a program: an arena, and which examples are in it. The parameters are shared.
final class Replica {
    let program: Program
    private let memory: Memory
    let arena: UnsafeMutablePointer<Float>
    /// The data set's numbers of the examples in the arena.
    let examples: UnsafeMutablePointer<UInt64>
    /// How many examples are in the arena, and the place of the first in the batch.
    var rows = 0
    var firstRow = 0

    init(_ program: Program) throws(PlanError) {
        self.program = program
        memory = try Memory(floats: program.arenaFloats)
        arena = memory.base
        examples = .allocate(capacity: program.capacity)
        examples.initialize(repeating: 0, count: program.capacity)
    }

    deinit { examples.deallocate() }

    /// Where the parameters are, and the key of this epoch's dropout.
    struct Context {
        var parameters: UnsafePointer<Float>
        var mirrors: UnsafePointer<Float>
        var dropoutKey: UInt64
    }

    /// Runs every instruction on the examples in the arena.
    func run(_ context: Context) {
        for instruction in program.instructions { run(instruction, context) }
    }

    /// Runs again what `run` ran, and gives the first layer whose numbers are not finite.
    func firstNonFiniteLayer(_ context: Context) -> String? {
        for (index, instruction) in program.instructions.enumerated() {
            run(instruction, context)
            let output = program.outputs[index]
            if !isFinite(output) { return program.paths[index] }
            if case .loss = instruction, let losses = program.losses, !isFinite(losses) { return program.paths[index] }
        }
        return nil
    }

    private func isFinite(_ tensor: Program.Tensor) -> Bool {
        bw_largest_magnitude(arena + tensor.offset, rows * tensor.width).isFinite
    }

    private func run(_ instruction: Instruction, _ context: Context) {
        let rows = rows
        let arena = arena
        let parameters = context.parameters
        switch instruction {
        case .dense(let x, let weight, let bias, let y, let lead, let inputs, let outputs):
            var shape = bw_product_shape(
                m: rows * lead, n: outputs, k: inputs, segments: 1, am: inputs, ak: 1, as: 0, bk: outputs, bs: 0,
                cm: outputs)
            bw_product(&shape, arena + x, parameters + weight, bias.map { parameters + $0 }, 0, arena + y)
        case .denseInputGradient(let dy, let mirror, let dx, let lead, let inputs, let outputs):
            var shape = bw_product_shape(
                m: rows * lead, n: inputs, k: outputs, segments: 1, am: outputs, ak: 1, as: 0, bk: inputs, bs: 0,
                cm: inputs)
            bw_product(&shape, arena + dy, context.mirrors + mirror, nil, 0, arena + dx)
        case .convolution(var shape, let x, let weight, let bias, let y, let mirrored):
            let weights = mirrored ? context.mirrors + weight : parameters + weight
            bw_convolution(&shape, rows, arena + x, weights, bias.map { parameters + $0 }, arena + y)
        case .pad(var shape, let x, let y):
            bw_pad(&shape, rows, arena + x, arena + y)
        case .unary(let kind, let constant, let x, let y, let width):
            bw_unary(kind, constant, arena + x, arena + y, rows * width)
        case .unaryGradient(let kind, let constant, let reference, let dy, let dx, let width):
            bw_unary_gradient(kind, constant, arena + reference, arena + dy, arena + dx, rows * width)
        case .binary(let kind, let a, let b, let y, let width):
            bw_binary(kind, arena + a, arena + b, arena + y, rows * width)
        case .binaryVector(let kind, let a, let parameter, let y, let lead, let width):
            bw_binary_vector(kind, arena + a, parameters + parameter, arena + y, rows * lead, width)
        case .binaryScalar(let kind, let a, let b, let y, let lead, let width):
            bw_binary_scalar(kind, arena + a, arena + b, arena + y, rows * lead, width)
        case .dropout(let rate, let stream, let x, let y, let width):
            let key = CounterRandom.mix((context.dropoutKey ^ UInt64(stream)) &+ CounterRandom.increment)
            bw_dropout(key, rate, examples, arena + x, arena + y, rows, width)
        case .sumLast(let x, let y, let lead, let width):
            bw_sum_last(arena + x, arena + y, rows * lead, width)
        case .spreadLast(let x, let y, let lead, let width):
            bw_spread_last(arena + x, arena + y, rows * lead, width)
        case .maxPool(var shape, let x, let y):
            bw_max_pool(&shape, rows, arena + x, arena + y)
        case .maxPoolGradient(var shape, let x, let dy, let dx):
            bw_max_pool_gradient(&shape, rows, arena + x, arena + dy, arena + dx)
        case .averagePool(var shape, let x, let y):
            bw_average_pool(&shape, rows, arena + x, arena + y)
        case .averagePoolGradient(var shape, let dy, let dx):
            bw_average_pool_gradient(&shape, rows, arena + dy, arena + dx)
        case .moments(.group(let lead, let positions, let channels, let groups, let epsilon), let x, let y):
            bw_group_moments(arena + x, arena + y, rows * lead, positions, channels, groups, epsilon)
        case .moments(.ghost(let size, let positions, let channels, let epsilon), let x, let y):
            bw_ghost_moments(arena + x, arena + y, rows, positions, channels, size, epsilon)
        case .normalise(.group(let lead, let positions, let channels, let groups, _), let x, let moments, let y):
            bw_group_normalise(arena + x, arena + moments, arena + y, rows * lead, positions, channels, groups)
        case .normalise(.ghost(let size, let positions, let channels, _), let x, let moments, let y):
            bw_ghost_normalise(arena + x, arena + moments, arena + y, rows, positions, channels, size)
        case .normaliseGradient(
            .group(let lead, let positions, let channels, let groups, _), let y, let m, let dy, let dx):
            bw_group_normalise_gradient(
                arena + y, arena + m, arena + dy, arena + dx, rows * lead, positions, channels, groups)
        case .normaliseGradient(.ghost(let size, let positions, let channels, _), let y, let m, let dy, let dx):
            bw_ghost_normalise_gradient(arena + y, arena + m, arena + dy, arena + dx, rows, positions, channels, size)
        case .runningNormalise(let epsilon, let x, let mean, let variance, let y, let lead, let channels):
            bw_running_normalise(
                arena + x, mean.map { parameters + $0 }, parameters + variance, arena + y, rows * lead, channels,
                epsilon)
        case .embedding(let ids, let table, let y, let length, let width):
            bw_embedding(arena + ids, parameters + table, arena + y, rows * length, width)
        case .loss(let loss, let prediction, let target, let share, let losses, let gradient, let width):
            let slope = gradient.map { arena + $0 }
            switch loss {
            case .softmaxCrossEntropy(let smoothing):
                bw_softmax_cross_entropy(
                    arena + prediction, arena + target, arena + share, smoothing, arena + losses, slope, rows, width)
            case .binaryCrossEntropy:
                bw_binary_cross_entropy(
                    arena + prediction, arena + target, arena + share, arena + losses, slope, rows, width)
            case .meanSquaredError(let half):
                bw_mean_squared_error(
                    arena + prediction, arena + target, arena + share, half ? 0.5 : 1, arena + losses, slope, rows,
                    width)
            case .huber(let delta):
                bw_huber(
                    arena + prediction, arena + target, arena + share, delta, arena + losses, slope, rows, width)
            }
        }
    }

    /// Adds the part of a slice's gradient that comes from `count` examples of this arena, from `row` on. `goOn`
    /// continues the chains that are in `gradient`.
    func reduce(
        _ reduction: Reduction, _ slice: GradientSlice, row: Int, count: Int, goOn: Bool,
        into gradient: UnsafeMutablePointer<Float>
    ) {
        let first = slice.firstRow
        let rows = slice.rows
        switch reduction {
        case .dense(let x, let dy, let lead, let inputs, let outputs):
            var shape = bw_product_shape(
                m: rows, n: outputs, k: count * lead, segments: 1, am: 1, ak: inputs, as: 0, bk: outputs, bs: 0,
                cm: outputs)
            bw_product(
                &shape, arena + x + row * lead * inputs + first, arena + dy + row * lead * outputs,
                goOn ? UnsafePointer(gradient) : nil, outputs, gradient)
        case .convolution(var shape, let x, let dy):
            let inputs = shape.in_height * shape.in_width * shape.in_channels
            let outputs = shape.out_height * shape.out_width * shape.out_channels
            bw_convolution_weight_gradient(
                &shape, count, arena + x + row * inputs, arena + dy + row * outputs, first, rows, goOn ? 1 : 0, gradient
            )
        case .embedding(let ids, let dy, let length, let width):
            bw_embedding_gradient(
                arena + ids + row * length, arena + dy + row * length * width, count * length, width, first, rows,
                goOn ? 1 : 0, gradient)
        case .sumRows(let dy, let lead, let width):
            bw_sum_rows(
                arena + dy + row * lead * width + slice.start, count * lead, width, slice.count, goOn ? 1 : 0, gradient)
        }
    }
}
