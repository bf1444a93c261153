import CKernels

// The bytes that training takes beside numbers: the kernels' packing buffers, the lists that workers read, and the
// slack at the ends of memory.

extension ExecutionPlan {
    /// Bytes of everything that is neither a parameter, a gradient, an optimizer's number nor an activation.
    var workspaceBytes: Int { slackBytes + listBytes + workers * stackBytes }

    private var workers: Int { division.workers }

    /// The positions of an epoch that a worker works out at a time: its part of a round.
    var windowLength: Int { min(program.capacity, division.microBatch + division.unit) }

    /// The slack behind parameters, mirrors, states, gradients, sums that are handed over, and arenas, which kernels may read.
    private var slackBytes: Int { (4 + arenas + (handedFloats > 0 ? 1 : 0)) * Memory.byteCount(floats: 0) }

    /// Instructions, slices and the numbers of examples.
    private var listBytes: Int {
        func bytes<Element>(_ count: Int, _: Element.Type) -> Int { count * MemoryLayout<Element>.stride }
        let reductions = program.gradients.reduce(0) { $0 + $1.reductions.count }
        return bytes(program.instructions.count, Instruction.self) + bytes(reductions, bw_reduction.self)
            + bytes(cuts.sliceCount, bw_slice.self) + bytes(arenas * program.capacity, UInt64.self)
            + bytes(2 * workers * max(windowLength, ExampleWindow.shortest), UInt64.self)
            + bytes(partition.lanes + 1, Int.self) + bytes(workers * (program.guards + 1), Float.self)
    }

    /// The bytes of a thread's stack that kernels use: the panels into which products copy their factors (`tiles.h`,
    /// `dense.h`, and `bfloat16.h`, whose are larger), and as much again for calls.
    private var stackBytes: Int { program.instructions.contains { $0.is_bfloat16.isTrue } ? 1 << 18 : 1 << 17 }
}
