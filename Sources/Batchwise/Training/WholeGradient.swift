import CKernels

/// The gradient of all parameters, for updates that wait for it, and memory for norms.
///
/// A norm is a sum in Double over blocks of each parameter, as it lies in memory, and then over blocks in order: a pure
/// function of the model, never of slices or workers.
final class WholeGradient {
    /// A run of a parameter.
    struct Block {
        var parameter, offset, count: Int
    }

    /// Sums of squares of one vector.
    struct Squares {
        let ofBlocks: UnsafeMutableBufferPointer<Double>
        let ofParameters: UnsafeMutableBufferPointer<Double>

        fileprivate init(blocks: Int, parameters: Int) {
            ofBlocks = .allocate(capacity: blocks)
            ofBlocks.initialize(repeating: 0)
            ofParameters = .allocate(capacity: parameters)
            ofParameters.initialize(repeating: 0)
        }

        fileprivate func deallocate() {
            ofBlocks.deallocate()
            ofParameters.deallocate()
        }

        /// The norm over all parameters.
        var norm: Double {
            var sum = 0.0
            for square in ofParameters { sum += square }
            return sum.squareRoot()
        }
    }

    /// The factors of a parameter's gradient, of its coupled decay, and of the direction that a kernel leaves.
    struct Factors {
        var scale: Float = 1
        var trust: Float = 1
        var length: Float = 1
    }

    private static let blockFloats = 4096

    let gradient: UnsafeMutablePointer<Float>
    /// The gradient before clipping, where a quantity needs its numbers and the update changes those in `gradient`.
    let kept: UnsafeMutablePointer<Float>?
    /// The parameters before the update, and their change, where quantities need them. Both share one memory where only
    /// norms are needed.
    let before, change: UnsafeMutablePointer<Float>?
    let blocks: UnsafeMutableBufferPointer<Block>
    /// The squares of the gradient that quantities see: the first of an update's two with SAM, else the one that is
    /// `raw`.
    let observed: Squares
    /// The squares of the gradient as it is, of the gradient after clipping by value, of the parameters, of directions
    /// and of changes.
    let raw, clipped, weights, directions, changes: Squares
    /// The factors for each parameter of the layout.
    let factors: UnsafeMutableBufferPointer<Factors>
    let matrices: UnsafeMutableBufferPointer<bw_matrix>
    private let rowSums: UnsafeMutableBufferPointer<Double>

    /// Places everything in the memory that the plan counts.
    init(_ plan: ExecutionPlan, memory: UnsafeMutablePointer<Float>) {
        let layout = plan.layout
        var rest = memory + plan.sumFloats
        func take(_ count: Int) -> UnsafeMutablePointer<Float> {
            defer { rest += count }
            return rest
        }
        gradient = plan.isAccumulating ? memory : take(layout.count)
        kept = plan.rules.keepsGradient ? take(layout.count) : nil
        before = plan.rules.needsParametersBefore ? take(layout.count) : nil
        change = plan.rules.measured.contains(.parameters) ? take(layout.count) : before
        let trained = Set(plan.program.gradients.map(\.parameter))
        var blocks: [Block] = []
        for index in layout.parameters.indices where trained.contains(index) {
            let (offset, count) = (layout.offsets[index], layout.parameters[index].count)
            for start in stride(from: 0, to: count, by: Self.blockFloats) {
                blocks.append(
                    Block(parameter: index, offset: offset + start, count: min(Self.blockFloats, count - start)))
            }
        }
        self.blocks = .allocate(capacity: blocks.count)
        _ = self.blocks.initialize(from: blocks)
        func squares() -> Squares { Squares(blocks: blocks.count, parameters: layout.parameters.count) }
        (raw, clipped, weights, directions, changes) = (squares(), squares(), squares(), squares(), squares())
        observed = plan.rules.sam == nil ? raw : squares()
        factors = .allocate(capacity: layout.parameters.count)
        factors.initialize(repeating: Factors())
        rowSums = .allocate(capacity: plan.matrices.mostRows)
        rowSums.initialize(repeating: 0)
        let matrices = plan.matrices.placed(
            in: take(plan.matrices.floats), gradient: gradient, sums: rowSums.baseAddress)
        self.matrices = .allocate(capacity: matrices.count)
        _ = self.matrices.initialize(from: matrices)
        for matrix in plan.matrices.all { factors[matrix.parameter].length = matrix.length }
    }

    deinit {
        blocks.deallocate()
        if observed.ofBlocks.baseAddress != raw.ofBlocks.baseAddress { observed.deallocate() }
        for squares in [raw, clipped, weights, directions, changes] { squares.deallocate() }
        factors.deallocate()
        matrices.deallocate()
        rowSums.deallocate()
    }

    /// The blocks that a worker sums. The division among workers changes no bit.
    func blocks(of worker: Int, _ workers: Int) -> Range<Int> {
        blocks.count * worker / workers..<blocks.count * (worker + 1) / workers
    }

    /// Adds the sums of blocks up to those of parameters, in order.
    func gather(_ squares: Squares) {
        for index in squares.ofParameters.indices { squares.ofParameters[index] = 0 }
        for index in blocks.indices {
            squares.ofParameters[blocks[index].parameter] += squares.ofBlocks[index]
        }
    }
}
