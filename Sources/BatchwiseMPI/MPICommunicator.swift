import Batchwise
import CMPI

/// Joins the processes of an MPI job. Those of one machine share memory and meet there, without a call of MPI; between
/// machines, numbers are exchanged by messages.
package final class MPICommunicator: Communicator {
    package let rank: Int
    package let size: Int
    /// The processes of this machine.
    package let machine: MachineProcesses
    /// Which processes are on this machine.
    private let isLocal: [Bool]
    private let hasSeveralMachines: Bool

    /// A piece of a part that another process owns, on its way here.
    private struct Piece {
        var owner, offset: Int
        var target: UnsafeMutableRawBufferPointer
    }
    private var pending: [Piece] = []
    /// The bytes of each process that are on their way.
    private var sent: [Int]
    private var messages: Messages

    /// Joins the job that this process was started in. Throws where MPI refuses.
    package init() throws(MPIError) {
        guard bw_mpi_start(MachineProcesses.simulated) != 0 else { throw .notStarted }
        let (rank, size) = (Int(bw_mpi_rank()), Int(bw_mpi_size()))
        let machine = MachineProcesses()
        (self.rank, self.size, self.machine) = (rank, size, machine)
        messages = Messages(processes: size)
        sent = Array(repeating: 0, count: size)
        // the first process of each process's machine
        var leaders = Array(repeating: Int32(0), count: size)
        withUnsafeBytes(of: bw_mpi_local_least(Int32(rank))) { own in
            leaders.withUnsafeMutableBytes { all in
                let counts = Array(repeating: Int32(4), count: size)
                bw_mpi_gather(own.baseAddress, all.baseAddress, counts, (0..<Int32(size)).map { 4 * $0 })
            }
        }
        isLocal = leaders.map { $0 == leaders[rank] }
        hasSeveralMachines = isLocal.contains(false)
        pending.reserveCapacity(1024)
    }

    /// The name and version of the library.
    package static var library: String { String(cString: bw_mpi_library()) }

    /// Leaves the job; returns when all processes have come here.
    package func finish() { bw_mpi_finish() }

    /// Ends all processes.
    package func abort(_ status: Int32) { bw_mpi_abort(status) }

    package func meet() { machine.meet() }

    package func allocate(bytes: Int) throws(PlanError) -> SharedMemory? { try machine.allocate(bytes: bytes) }

    package func server(floats: Int) throws(PlanError) -> any ParameterServer {
        if machine.size == size, let server = try SharedParameterServer(floats: floats, self) { return server }
        return try MPIParameterServer(floats: floats, rank: rank, size: size)
    }

    /// Parts go out in pieces of at most a mailbox; each process lists the same pieces in the same order.
    package func exchange(_ parts: PartList) {
        let room = hasSeveralMachines ? Messages.room : MachineProcesses.mailbox
        parts { owner, part in
            let isShared = machine.shares(part)
            guard hasSeveralMachines || !isShared else { return }
            // numbers that the machine shares are there for all of it
            let isAwaited = owner != rank && !(isShared && (isLocal[owner] || !machine.isFirst))
            var start = 0
            while start < part.count {
                if sent[owner] == room { deliver() }
                let count = min(part.count - start, room - sent[owner])
                let piece = UnsafeMutableRawBufferPointer(rebasing: part[start..<start + count])
                if owner == rank {
                    outbox.advanced(by: sent[owner]).copyMemory(from: piece.baseAddress!, byteCount: count)
                } else if isAwaited {
                    pending.append(Piece(owner: owner, offset: sent[owner], target: piece))
                }
                sent[owner] += count
                start += count
            }
        }
        deliver()
    }

    /// Where this process puts the bytes that it sends.
    private var outbox: UnsafeMutableRawPointer {
        hasSeveralMachines ? messages.own : machine.mailbox(of: machine.rank)
    }

    /// Brings the pieces that are on their way, and returns when all processes that share memory have theirs.
    private func deliver() {
        if hasSeveralMachines { messages.exchange(sent) } else { machine.meet() }
        for piece in pending {
            let source =
                hasSeveralMachines ? messages.of(piece.owner) : machine.mailbox(of: piece.owner)
            piece.target.copyMemory(
                from: UnsafeRawBufferPointer(start: source.advanced(by: piece.offset), count: piece.target.count))
        }
        if hasSeveralMachines { machine.meet() } else { machine.turnMailboxes() }
        pending.removeAll(keepingCapacity: true)
        for process in sent.indices { sent[process] = 0 }
    }
}

/// An error of the processes of a job, before anything is trained.
package enum MPIError: Error, CustomStringConvertible {
    case notStarted
    /// The processes were started by the launcher of another MPI than that of this build.
    case otherLibrary(library: String, launched: Int)

    package var description: String {
        switch self {
        case .notStarted: "MPI cannot be started: see its own message"
        case .otherLibrary(let library, let launched):
            "a launcher started \(launched) processes, and \(library), which this program was built with, sees one: start "
                + "it with the mpirun of the same MPI, or build it with the other (BATCHWISE_MPI=openmpi or mpich)"
        }
    }
}

/// The memory of messages between machines.
private struct Messages: ~Copyable {
    /// The most bytes that a process sends at a time.
    static let room = 16 << 20

    private let processes: Int
    private var starts: [Int32]
    private var counts: [Int32]
    /// The bytes that this process sends, and those of all.
    let own: UnsafeMutableRawPointer
    private var all: UnsafeMutableRawPointer
    private var capacity = 0

    init(processes: Int) {
        self.processes = processes
        starts = Array(repeating: 0, count: processes)
        counts = Array(repeating: 0, count: processes)
        own = .allocate(byteCount: Self.room, alignment: 64)
        all = .allocate(byteCount: 64, alignment: 64)
    }

    deinit {
        own.deallocate()
        all.deallocate()
    }

    func of(_ process: Int) -> UnsafeMutableRawPointer { all.advanced(by: Int(starts[process])) }

    mutating func exchange(_ sent: [Int]) {
        var total = 0
        for (process, count) in sent.enumerated() {
            (starts[process], counts[process]) = (Int32(total), Int32(count))
            total += count
        }
        if total > capacity {
            all.deallocate()
            all = .allocate(byteCount: total, alignment: 64)
            capacity = total
        }
        bw_mpi_gather(own, all, counts, starts)
    }
}
