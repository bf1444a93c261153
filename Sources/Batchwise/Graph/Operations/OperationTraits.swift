import CKernels

/// Everything that is known of one operation.
///
/// The graph asks for its shape, its gradient and its tangent, planning for its cost and for who owns its memory, the
/// compiler for how workers divide it and for its instruction, and the reference interpreter for its numbers. A new
/// operation is one type that conforms to this protocol, one case of `Operation`, and its kernel. The members with a
/// default hold for most operations; each operation must define the others.
protocol OperationTraits: Sendable {
    // MARK: Shape

    /// The shape of the result; nil where the inputs do not determine it, so that the code that adds a node must give
    /// it.
    func shape(of inputs: [Shape]) -> Shape?

    // MARK: Slope

    /// Adds the operations that carry `dy`, the gradient of the loss with respect to `node`, on to the node's inputs.
    /// Throws `GraphError.noGradient` where there is none.
    func addGradient(_ dy: Int, of node: Int, to backward: inout Backward) throws(GraphError)

    // MARK: Tangent

    /// Adds nodes whose sum is the derivative of `node` along the direction, and returns them; none where it is 0.
    /// Asked for only where an input moves along the direction. Of a reduction, they are reductions. Throws
    /// `GraphError.noTangent` where the operation has none.
    func addTangent(of node: Int, to tangents: inout TangentBuilder) throws(GraphError) -> [Int]

    // MARK: Cost

    /// Multiplications of a product with weights for one example.
    func multiplications(_ shape: Shape, _ inputs: [Shape]) -> Double

    // MARK: Ownership

    /// The memory that holds the result.
    var ownership: Ownership { get }
    /// Whether the result holds the numbers of the first input, so that it is finite where that is.
    var keepsNumbers: Bool { get }
    /// Whether the first input may be the data set's sparse rows.
    var readsSparseRows: Bool { get }
    /// Whether the weight, as second input or as result, may lie in memory as only dense layers read it:
    /// `WeightStorage`.
    var takesDenseStorage: Bool { get }
    /// Whether the second input is read from a flipped copy of a convolution's weight.
    var readsMirror: Bool { get }
    /// The sums over the whole batch that must be known before the node runs; nil for nearly all operations.
    func batchSums(for node: Int, in graph: Graph) -> BatchSums?

    // MARK: Sharing

    /// How several workers with one arena divide a result of this shape, for a batch of so many rows.
    func sharing(_ shape: Shape, rows: Int, workers: Int) -> Sharing

    // MARK: Numbers

    /// The result, by a plain loop.
    func values<Scalar>(_ inputs: Interpreter<Scalar>.Operands) -> [Scalar]
    /// The instruction that computes the node; nil where its numbers are there already. Throws `PlanError.noKernel`
    /// where only the interpreter has the operation.
    func instruction(_ node: CompiledNode) throws(PlanError) -> Instruction?
}

/// The memory that holds the result of an operation.
enum Ownership: Equatable {
    /// The result has memory of its own.
    case own
    /// The result is written over the input with this number, where no other node reads that later.
    case replaces(Int)
    /// The result lies in the first input's memory, because it is the same numbers.
    case view
    /// The result has memory of its own, filled from the data set before the first instruction.
    case gathered
    /// The result is not in the arena, but with the parameters, in the data set, or in a gradient.
    case elsewhere
}

/// How workers that share one arena divide an operation.
enum Sharing {
    /// Each worker computes its examples.
    case rows
    /// Each worker computes some columns of the last axis for all examples, so that the weights need not travel between
    /// cores.
    case columns
    /// Each worker computes some channels, the last axis, for all examples, because examples are computed together.
    case channels
    /// Each worker computes some lines of the only example.
    case lines
}

extension OperationTraits {
    func multiplications(_ shape: Shape, _ inputs: [Shape]) -> Double { 0 }
    var ownership: Ownership { .own }
    var keepsNumbers: Bool { false }
    var readsSparseRows: Bool { false }
    var takesDenseStorage: Bool { false }
    var readsMirror: Bool { false }
    func batchSums(for node: Int, in graph: Graph) -> BatchSums? { nil }
    func sharing(_ shape: Shape, rows: Int, workers: Int) -> Sharing { .rows }
}

/// An operation that sums over the batch: a gradient of a parameter.
protocol ReductionTraits: OperationTraits {
    /// The reduction that an update runs for the node, where the parameter's weight storage is `storage`.
    func reduction(_ node: CompiledNode, _ storage: WeightStorage) -> bw_reduction
}

extension ReductionTraits {
    var ownership: Ownership { .elsewhere }
    func instruction(_ node: CompiledNode) -> Instruction? { nil }
    func addGradient(_ dy: Int, of node: Int, to backward: inout Backward) throws(GraphError) {
        throw backward.noGradient(of: node)
    }
}

/// An operation that forward mode adds: it has neither a gradient nor a tangent of its own.
protocol TangentTraits: OperationTraits {}

extension TangentTraits {
    func addGradient(_ dy: Int, of node: Int, to backward: inout Backward) throws(GraphError) {
        throw backward.noGradient(of: node)
    }

    func addTangent(of node: Int, to tangents: inout TangentBuilder) throws(GraphError) -> [Int] {
        throw tangents.noTangent(of: node)
    }
}
