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

    init(_ program: Program, sharedBy communicator: (any Communicator)? = nil) throws(PlanError) {
        self.program = program
        memory = try Memory(floats: program.arenaFloats, sharedBy: communicator)
        base = memory.base
        examples = .allocate(capacity: program.capacity)
        examples.initialize(repeating: 0, count: program.capacity)
    }

    deinit { examples.deallocate() }

    /// Runs every instruction on all the examples in the arena.
    func run(_ execution: bw_execution) {
        var execution = of(execution)
        bw_execute(&execution)
    }

    /// Gives the same execution on this arena and all its examples, by one worker.
    private func of(_ execution: bw_execution) -> bw_execution {
        var execution = execution
        execution.instructions = UnsafePointer(program.instructions.baseAddress)
        execution.count = program.instructions.count
        execution.arena = base
        execution.examples = UnsafePointer(examples)
        execution.rows = rows
        (execution.first, execution.last) = (0, rows)
        execution.team = nil
        return execution
    }

    /// Runs the instructions once more, one by one, and gives the first whose numbers are not finite.
    func firstNonFiniteInstruction(_ execution: bw_execution) -> Int? {
        var execution = of(execution)
        execution.count = 1
        for (index, instruction) in program.instructions.enumerated() {
            execution.instructions = UnsafePointer(program.instructions.baseAddress! + index)
            bw_execute(&execution)
            if !isFinite(program.outputs[index]) { return index }
            if let losses = program.losses, instruction.v == losses.offset, !isFinite(losses) { return index }
        }
        return nil
    }

    private func isFinite(_ tensor: Program.Tensor) -> Bool {
        bw_largest_magnitude(base + tensor.offset, rows * tensor.width).isFinite
    }
}
