import CKernels

/// The memory that a program runs in, and the list of the examples in it: all examples of a round where workers share
/// instructions by columns, else the examples of one worker.
final class Arena {
    let program: Program
    private let memory: Memory
    let base: UnsafeMutablePointer<Float>
    /// The data set's numbers of the examples in the arena.
    let examples: UnsafeMutablePointer<UInt64>
    /// The number of examples in the arena.
    var rows = 0

    init(_ program: Program) throws(PlanError) {
        self.program = program
        memory = try Memory(floats: program.arenaFloats)
        base = memory.base
        examples = .allocate(capacity: program.capacity)
        examples.initialize(repeating: 0, count: program.capacity)
    }

    deinit { examples.deallocate() }

    /// Runs every instruction on all the examples in the arena.
    func run(_ pass: bw_execution) {
        var pass = of(pass)
        bw_execute(&pass)
    }

    /// Gives the execution of `pass` on this arena and all its examples, by one worker.
    private func of(_ pass: bw_execution) -> bw_execution {
        var pass = pass
        pass.instructions = UnsafePointer(program.instructions.baseAddress)
        pass.count = program.instructions.count
        pass.arena = base
        pass.examples = UnsafePointer(examples)
        pass.rows = rows
        (pass.first, pass.last) = (0, rows)
        pass.team = nil
        return pass
    }

    /// Runs the instructions once more, one by one, and gives the first layer whose numbers are not finite.
    func firstNonFiniteLayer(_ pass: bw_execution) -> String? {
        var pass = of(pass)
        pass.count = 1
        for (index, instruction) in program.instructions.enumerated() {
            pass.instructions = UnsafePointer(program.instructions.baseAddress! + index)
            bw_execute(&pass)
            if !isFinite(program.outputs[index]) { return program.paths[index] }
            if let losses = program.losses, instruction.v == losses.offset, !isFinite(losses) {
                return program.paths[index]
            }
        }
        return nil
    }

    private func isFinite(_ tensor: Program.Tensor) -> Bool {
        bw_largest_magnitude(base + tensor.offset, rows * tensor.width).isFinite
    }
}
