import CKernels

/// An arena and the examples that are in it: all of a round where workers share instructions by columns, else those of one
/// worker. The parameters are shared.
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

    /// Runs every instruction on all the examples in the arena.
    func run(_ pass: bw_pass) {
        var pass = of(pass)
        bw_run(&pass)
    }

    /// `pass` on this arena and all its examples, by one worker.
    private func of(_ pass: bw_pass) -> bw_pass {
        var pass = pass
        pass.instructions = UnsafePointer(program.instructions.baseAddress)
        pass.count = program.instructions.count
        pass.arena = arena
        pass.examples = UnsafePointer(examples)
        pass.rows = rows
        (pass.first, pass.last) = (0, rows)
        pass.team = nil
        return pass
    }

    /// Runs again what has been run, and gives the first layer whose numbers are not finite.
    func firstNonFiniteLayer(_ pass: bw_pass) -> String? {
        var pass = of(pass)
        pass.count = 1
        for (index, instruction) in program.instructions.enumerated() {
            pass.instructions = UnsafePointer(program.instructions.baseAddress! + index)
            bw_run(&pass)
            if !isFinite(program.outputs[index]) { return program.paths[index] }
            if let losses = program.losses, instruction.v == losses.offset, !isFinite(losses) {
                return program.paths[index]
            }
        }
        return nil
    }

    private func isFinite(_ tensor: Program.Tensor) -> Bool {
        bw_largest_magnitude(arena + tensor.offset, rows * tensor.width).isFinite
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
            let columns = slice.columns
            var shape = bw_product_shape(
                m: rows, n: columns, k: count * lead, segments: 1, am: 1, ak: inputs, as: 0, bk: outputs, bs: 0,
                cm: columns)
            bw_product(
                &shape, arena + x + row * lead * inputs + first,
                arena + dy + row * lead * outputs + slice.firstColumn, goOn ? UnsafePointer(gradient) : nil, columns,
                gradient)
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
