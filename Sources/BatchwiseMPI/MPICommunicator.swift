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
    package let machines: Int

    private let mail: MachineMail
    private let messages: Messages

    /// Joins the job that this process was started in. Throws where MPI refuses.
    package init() throws(MPIError) {
        guard bw_mpi_start(MachineProcesses.simulated) != 0 else { throw .notStarted }
        let (rank, size) = (Int(bw_mpi_rank()), Int(bw_mpi_size()))
        let machine = MachineProcesses()
        (self.rank, self.size, self.machine) = (rank, size, machine)
        let messages = Messages(rank: rank, processes: size)
        // the first process of each process's machine
        var leaders = Array(repeating: bw_mpi_local_least(Int32(rank)), count: size)
        leaders.withUnsafeMutableBytes { all in
            messages.begin { body in
                for process in 0..<size {
                    body(process, UnsafeMutableRawBufferPointer(rebasing: all[4 * process..<4 * process + 4]))
                }
            }
            messages.finish()
        }
        isLocal = leaders.map { $0 == leaders[rank] }
        machines = Set(leaders).count
        mail = MachineMail(rank: rank, machine: machine)
        // numbers that the machine shares are there for all of it, and its first process brings those of others
        messages.isAwaited = { [isLocal] owner, part in
            !(machine.shares(part) && (isLocal[owner] || !machine.isFirst))
        }
        self.messages = messages
        if machines > 1 { bw_mpi_allow_progress() }
    }

    /// The name and version of the library.
    package static var library: String { String(cString: bw_mpi_library()) }

    /// Leaves the job; returns when all processes have come here.
    package func finish() { bw_mpi_finish() }

    /// Ends all processes.
    package func abort(_ status: Int32) { bw_mpi_abort(status) }

    package func sharesMemory(with rank: Int) -> Bool { isLocal[rank] }
    package func meet() { machine.meet() }

    package func allocate(bytes: Int) throws(PlanError) -> SharedMemory? { try machine.allocate(bytes: bytes) }

    package func server(floats: Int) throws(PlanError) -> any ParameterServer {
        if machine.size == size, let server = try SharedParameterServer(floats: floats, self) { return server }
        return try MPIParameterServer(floats: floats, rank: rank, size: size)
    }

    package func backupMemory(floats: Int) throws(PlanError) -> any BackupMemory {
        try MPIBackupMemory(floats: floats, rank: rank, size: size)
    }

    package func begin(_ number: Int, sending: [Message], receiving: [Message]) -> any Delivery {
        MPIDelivery(tag: number, sending, receiving)
    }

    package func exchange(_ parts: PartList) {
        begin(parts)
        finishExchanges()
    }

    /// On one machine, parts are there when this returns; between machines they are on their way.
    package func begin(_ parts: PartList) {
        guard machines > 1 else { return mail.exchange(parts) }
        messages.begin(parts)
    }

    package func finishExchanges() {
        guard machines > 1 else { return }
        messages.finish()
        machine.meet()
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
