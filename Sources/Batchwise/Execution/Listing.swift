import CKernels

/// A list of instructions that is being written, with the names that messages use for them.
struct Listing {
    var instructions: [Instruction] = []
    var paths: [String] = []
    var outputs: [Program.Tensor] = []
    /// The memory that each instruction writes, in floats an example: the losses' second tensor is not among it.
    var written: [[Range<Int>]] = []
    var guards = 0
    /// The last instruction that is not a guard.
    private var last: Instruction?
    /// The memory that instructions have read or written since the workers last met, each worker at rows of its own.
    private var inUse: Set<Range<Int>> = []

    mutating func append(
        _ instruction: Instruction, _ path: String, _ output: Program.Tensor, sharing: Sharing, reads: [Range<Int>],
        writes: Range<Int>?
    ) {
        let isByColumns = sharing != .rows
        // an element-wise function of the result before it is fused with it, while the result is in the cache
        if let fused = instructions.last?.fused(with: instruction) {
            instructions[instructions.count - 1] = fused
            last = fused
            if let writes { written[written.count - 1].append(writes) }
            inUse.formUnion(reads)
            return
        }
        // An instruction that is shared by columns reads rows of all workers, and all workers read its result. Memory
        // that is used again, for rows of another length, may still be read by another worker at rows of its own.
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
        add(next, path, output, writes: writes)
        last = next
    }

    /// Adds an instruction that looks at the result of the last one for numbers that are not finite.
    mutating func appendGuard(_ node: Graph.Node, _ output: Program.Tensor, sharing: Sharing) {
        guard let last else { return }
        let width = max(node.shape.width, 1)
        // a worker may look at columns that it wrote itself, but lines may have been written by others
        let hasColumns = sharing == .columns || sharing == .channels
        let instruction = Instruction(
            BW_DO_GUARD, x: output.offset, lead: node.shape.elements / width, width: width, magnitude: guards)
        add(
            instruction.changed {
                $0.by_columns = last.by_columns
                $0.meets = last.by_columns.isTrue && !hasColumns ? 1 : 0
            }, node.path, output, writes: nil)
        guards += 1
    }

    private mutating func add(
        _ instruction: Instruction, _ path: String, _ output: Program.Tensor, writes: Range<Int>?
    ) {
        written.append(writes.map { [$0] } ?? [])
        instructions.append(instruction)
        paths.append(path)
        outputs.append(output)
    }
}
