/// The numbers of an update that workers compute in parts and then need whole.
///
/// Each part has one owner, and its numbers are computed in the recipe's order: an example's rows by the worker that has
/// the example, a slice by the thread that owns it, a block of squares or the channels of a layer likewise. So a joined
/// number has the same bits whoever computed it and however it came to the others.
enum JoinedNumbers {
    /// Of every example of a round: what its layers read and the slopes at what they gave, its loss, and the moments of its
    /// ghost batch. Gradients, losses and running statistics are sums over them. An exchange of rows.
    case rows
    /// The sums of every grain, where a layer normalises over the whole batch. An exchange of rows.
    case grainSums
    /// The moments that they come to, each worker having some channels.
    case moments
    /// Partial sums of the lanes, which the next round goes on with. They stay with the owner of the slice.
    case laneSums
    /// The gradient of all parameters, each worker having summed its slices.
    case gradient
    /// The directions that kernels leave in its place: see ``WholeGradientNeed``.
    case directions
    /// Sums of squares of the blocks of gradients, parameters and directions, for their norms.
    case squares
    /// Factors that the first thread has derived from norms, and whether the update goes on.
    case decision
    /// Whether each worker has found its numbers finite.
    case verdicts
    /// Parameters that have been changed, each worker having changed its slices.
    case parameters
}

/// Joins the workers of an update: the threads of this process and, where there are several ranks, those of others.
///
/// Between two calls a worker writes what it owns and reads what was joined before. All workers make the same calls in the
/// same order.
protocol Communicator: AnyObject {
    /// This process among `size`, from 0.
    var rank: Int { get }
    /// How many processes train together.
    var size: Int { get }
    /// Returns when every worker can read these numbers whole.
    func join(_ numbers: JoinedNumbers, _ thread: Int)
}

extension WorkerTeam: Communicator {
    var rank: Int { 0 }
    var size: Int { 1 }

    /// Threads read each other's numbers where they are: it is enough that all have come here.
    func join(_ numbers: JoinedNumbers, _ thread: Int) { meet(thread) }
}
