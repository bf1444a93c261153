/// The numbers of an update that workers compute in parts and then need whole.
///
/// Each part has one owner, which computes it in the recipe's order: an example's rows by the worker that has the
/// example, a slice of the parameters by the worker that owns it, to which the chain of its sum comes in the end. So a joined number has the same bits whoever computed
/// it and however it came to the others. Threads of one process read each other's parts where they are. Processes
/// exchange them, as `Engine+Joining.swift` says; numbers that each process computes anew from what it has are joined
/// by its threads alone.
enum JoinedNumbers {
    /// The rows of every example of a round: the tensors that reductions read, the loss, the moments of its ghost
    /// batch, and the largest magnitudes. Gradients, losses and running statistics are sums over these rows. The rows of
    /// layers whose sums are handed over between machines are not among them.
    case rows
    /// The rows of those layers, where an update needs them in every process after all.
    case keptRows
    /// The sums of every grain, where a layer normalises over the whole batch. `stride` is the number of floats from
    /// one kind of sum to the next.
    case grainSums(stride: Int)
    /// The moments that are computed from the sums of grains: each thread has some channels, and each process all.
    case moments
    /// The partial sums of the lanes, which the next round goes on with. Each stays with the owner of its slice, or has been
    /// handed over.
    case laneSums
    /// The gradient of all parameters, each worker having summed its slices.
    case gradient
    /// The directions that kernels leave in the place of the gradient: see ``WholeGradientNeed``.
    case directions
    /// The sums of squares of blocks of the gradient: each thread has some blocks, and each process all.
    case squares
    /// The factors that the first thread has derived from norms, and whether the update goes on: the same in every
    /// process.
    case decision
    /// The parameters at which SAM takes the second gradient: each thread moves some slices, and each process all.
    case ascent
    /// The verdict of each worker: whether its numbers are finite.
    case verdicts
    /// The parameters, each worker having changed its slices.
    case parameters
    /// The change of the parameters, and the parameters before the update.
    case changes
    /// The optimizer's vectors. A process keeps only its own slices of them until a checkpoint or another division
    /// needs all.
    case optimizerState
}

/// Joins the processes that train together.
///
/// Every process makes the same calls in the same order, each from its first thread; but for deliveries, of which each has
/// its own.
package protocol Communicator: AnyObject {
    /// The number of this process among `size`, counted from 0.
    var rank: Int { get }
    /// The number of processes that train together.
    var size: Int { get }
    /// The number of machines that they are on. Between machines, numbers go by messages.
    var machines: Int { get }
    /// Gives every process the parts that other processes own, and returns when this process has all parts.
    ///
    /// `parts` lists all of them, in the same order and of the same lengths in every process: memory of
    /// parts that this process owns is read, and memory of all other parts is written.
    ///
    /// Numbers in memory that the processes share are there already.
    func exchange(_ parts: PartList)
    /// Begins such an exchange, which goes on while this process computes: own parts are as they are now, and those of
    /// others come at any time until `finishExchanges` returns.
    func begin(_ parts: PartList)
    /// Returns when this process has all parts of the exchanges that were begun.
    func finishExchanges()
    /// Begins to send messages to other processes and to receive theirs, and returns at once. Their memory must live, and
    /// stay as it is, until all are delivered. Two processes list the messages from the one to the other in the same
    /// order and of the same lengths; those of several deliveries at a time are told apart by their number.
    func begin(_ number: Int, sending: [Message], receiving: [Message]) -> any Delivery
    /// Whether a process is on this machine, and shares memory with this one.
    func sharesMemory(with rank: Int) -> Bool
    /// Returns when every process that shares memory with this one has come here.
    func meet()
    /// Takes memory that this process shares with others, filled with zeros; nil where it shares with none. Throws in
    /// every process where one of them has no memory left.
    func allocate(bytes: Int) throws(PlanError) -> SharedMemory?
    /// Makes a server of so many parameters. All processes call it together.
    func server(floats: Int) throws(PlanError) -> any ParameterServer
    /// Takes the memory of so many parameters for backup workers, of which every process keeps a shard.
    func backupMemory(floats: Int) throws(PlanError) -> any BackupMemory
}

/// A message to another process, or from it.
package struct Message {
    package let process: Int
    package let bytes: UnsafeMutableRawBufferPointer

    package init(process: Int, bytes: UnsafeMutableRawBufferPointer) {
        (self.process, self.bytes) = (process, bytes)
    }
}

/// Messages that are on their way while the process works on. Only the process's first thread asks for them.
package protocol Delivery: AnyObject {
    /// Helps the messages on; true when all have been sent and received.
    func isDone() -> Bool
    /// Returns when all have been sent and received.
    func wait()
}

/// Memory that several processes write and read.
package final class SharedMemory {
    package let base: UnsafeMutableRawPointer
    /// Whether this process is the first of those that share it, which writes what all would write alike.
    package let isFirst: Bool
    private let release: () -> Void

    /// - Parameter release: gives the memory back.
    package init(_ base: UnsafeMutableRawPointer, isFirst: Bool, release: @escaping () -> Void) {
        (self.base, self.isFirst) = (base, isFirst)
        self.release = release
    }

    deinit { release() }
}

/// A list of parts: it calls its argument with the rank that owns a part, and with the part's memory in this process.
package typealias PartList = (_ body: (_ owner: Int, _ part: UnsafeMutableRawBufferPointer) -> Void) -> Void

extension WorkerTeam: Communicator {
    package var rank: Int { 0 }
    package var size: Int { 1 }
    package var machines: Int { 1 }

    // the threads of one process have nothing to exchange, and meet by themselves

    package func exchange(_ parts: PartList) {}
    package func begin(_ parts: PartList) {}
    package func finishExchanges() {}
    package func begin(_ number: Int, sending: [Message], receiving: [Message]) -> any Delivery { NothingToDeliver() }
    package func sharesMemory(with rank: Int) -> Bool { true }
    package func meet() {}
    package func allocate(bytes: Int) -> SharedMemory? { nil }
    package func server(floats: Int) throws(PlanError) -> any ParameterServer {
        throw .mismatch("a parameter server needs several processes")
    }
    package func backupMemory(floats: Int) throws(PlanError) -> any BackupMemory {
        throw .mismatch("backup workers need several processes")
    }
}

/// The messages of a process that is alone.
private final class NothingToDeliver: Delivery {
    func isDone() -> Bool { true }
    func wait() {}
}
