/// The numbers of an update that workers compute in parts and then need whole.
///
/// Each part has one owner, which computes it in the recipe's order: an example's rows by the worker that has the example,
/// a slice of the parameters by the worker that owns it. So a joined number has the same bits whoever computed it and
/// however it came to the others. Threads of one process read each other's parts where they are. Processes exchange them,
/// as `Engine+Joining.swift` says; numbers that each process computes anew from what it has are joined by its threads alone.
enum JoinedNumbers {
    /// Of every example of a round: what reductions read, the loss, the moments of its ghost batch, and the largest
    /// magnitudes. Gradients, losses and running statistics are sums over them.
    case rows
    /// The sums of every grain, where a layer normalises over the whole batch; floats from one kind of sum to the next.
    case grainSums(stride: Int)
    /// The moments that they come to: each thread has some channels, and each process all.
    case moments
    /// Partial sums of the lanes, which the next round goes on with. They stay with the owner of the slice.
    case laneSums
    /// The gradient of all parameters, each worker having summed its slices.
    case gradient
    /// The directions that kernels leave in its place: see ``WholeGradientNeed``.
    case directions
    /// Sums of squares of blocks of the gradient: each thread has some blocks, and each process all.
    case squares
    /// Factors that the first thread has derived from norms, and whether the update goes on: the same in every process.
    case decision
    /// Whether each worker has found its numbers finite.
    case verdicts
    /// The parameters, each worker having changed its slices.
    case parameters
    /// How far they went, and where they were before.
    case changes
    /// The optimizer's vectors, of which a process keeps its own slices alone until a checkpoint or another division needs all.
    case optimizerState
}

/// Joins the processes that train together.
///
/// Every process makes the same calls in the same order, each from its first thread.
protocol Communicator: AnyObject {
    /// This process among `size`, from 0.
    var rank: Int { get }
    /// How many processes train together.
    var size: Int { get }
    /// Gives every process the parts that others own, and returns when its own are whole.
    ///
    /// `parts` lists all of them, in the same order and of the same lengths in every process: the memory of those of this
    /// process is read, that of the others is written.
    func exchange(_ parts: PartList)
}

/// Lists parts: calls its argument with the rank that owns a part and where the part is in this process.
typealias PartList = (_ body: (_ owner: Int, _ part: UnsafeMutableRawBufferPointer) -> Void) -> Void

extension WorkerTeam: Communicator {
    var rank: Int { 0 }
    var size: Int { 1 }

    /// The threads of one process have nothing to exchange.
    func exchange(_ parts: PartList) {}
}
