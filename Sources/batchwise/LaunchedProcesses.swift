import BatchwiseRuns
import CKernels
import Foundation

#if BATCHWISE_MPI
    import BatchwiseMPI
#endif

/// The processes that a launcher of MPI, such as mpirun or srun, has started to train together, this one among them.
enum LaunchedProcesses {
    /// The variables of launchers: the number of processes, and the number of this one. A job of Slurm has the last two in
    /// the steps that srun starts.
    private static let variables = [
        ("OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK"), ("PMI_SIZE", "PMI_RANK"),
        ("SLURM_STEP_NUM_TASKS", "SLURM_PROCID"),
    ]

    /// The number of processes, and which of them this is, as the launcher says; nil where it started one.
    private static let place: (count: Int, rank: Int)? = {
        let environment = ProcessInfo.processInfo.environment
        for (size, rank) in variables {
            guard let count = environment[size].flatMap(Int.init), let number = environment[rank].flatMap(Int.init)
            else {
                continue
            }
            return count > 1 ? (count, number) : nil
        }
        return nil
    }()

    /// The variable that makes processes take each other for other machines: how many there are on each, 0 for as many as
    /// there are.
    static let processesPerMachine = "BATCHWISE_PROCESSES_PER_MACHINE"

    /// The first process alone speaks from now on. Throws where the command does not train.
    static func begin(_ command: String?) throws {
        guard let place else { return }
        Output.isSilent = place.rank > 0
        // audit starts processes of its own
        let isTogether = command == "audit" && CommandLine.arguments.contains("--together")
        guard let command, command != "train", !isTogether, command != "help", !command.hasPrefix("-") else { return }
        throw Failure(
            .usage,
            "\(place.count) processes were started together, and only train works in more than one: start batchwise "
                + "\(command) without mpirun or srun")
    }

    // MARK: Supervision

    /// The value of the variable by which a supervisor says where it reads; nil where nobody supervises.
    private static let supervision = ProcessInfo.processInfo.environment[Heartbeat.variable]

    /// Ends this process with the one that started it, which would be the last to know of it.
    private static func endWithParent() throws {
        guard bw_end_with_parent() != 0 else {
            throw Failure(.interrupted, "the program that started this process has ended")
        }
    }

    /// Tells the supervisor how the processes end. A process that ends for another's error leaves this to the other.
    private static func tell(_ status: Int32, _ error: (any Error)?) {
        if !(error is OtherProcessError) { Heartbeat(supervision)?.end(status) }
    }

    /// This process, which trains by itself.
    private static func alone() throws -> Processes {
        guard let heartbeat = Heartbeat(supervision) else { return .alone }
        try endWithParent()
        return Processes(nil, heartbeat: heartbeat)
    }

    private static func endAlone(_ error: (any Error)?) -> Int32 {
        let status = error.map { Failure.report($0) } ?? 0
        tell(status, error)
        return status
    }

    // MARK: Processes of MPI

    #if BATCHWISE_MPI
        /// The MPI that this program was built with.
        static var library: String? { MPICommunicator.library }

        // set once, by the main thread, before any other starts
        nonisolated(unsafe) private static var joined: (processes: Processes, communicator: MPICommunicator)?

        /// The processes that train together: this one alone where none were launched.
        static func join() throws -> Processes {
            guard let place else { return try alone() }
            if let joined { return joined.processes }
            try endWithParent()
            let communicator = try MPICommunicator()
            guard communicator.size == place.count else {
                throw MPIError.otherLibrary(library: MPICommunicator.library, launched: place.count)
            }
            Output.isSilent = communicator.rank > 0
            let heartbeat = communicator.rank == 0 ? Heartbeat(supervision) : nil
            let processes = Processes(communicator, heartbeat: heartbeat)
            joined = (processes, communicator)
            return processes
        }

        /// The cores that each process of this machine may use, the same number in all processes; nil where this one is
        /// alone.
        static func coresOfProcess(_ own: Int) -> Int? {
            joined.map { $0.processes.least(max(1, own / $0.communicator.machine.size)) }
        }

        /// Ends the processes: together where all come here, and at once where this one has failed by itself.
        static func end(_ error: (any Error)?) -> Int32 {
            guard let joined else { return endAlone(error) }
            guard let error else {
                if joined.processes.rank == 0 { tell(0, nil) }
                joined.communicator.finish()
                return 0
            }
            if joined.processes.haveFailedTogether {
                // launchers give the status of any process: all end with that of the one that failed
                let own = Int(Failure.report(error))
                let status = Int32(joined.processes.least(error is OtherProcessError ? .max : own))
                tell(status, error)
                joined.communicator.finish()
                return status
            }
            Output.isSilent = false
            let status = Failure.report(error, in: "process \(joined.processes.rank)")
            tell(status, error)
            joined.communicator.abort(status)
            return status
        }
    #else
        static var library: String? { nil }

        static func join() throws -> Processes {
            guard let place else { return try alone() }
            throw Failure(
                .usage,
                "\(place.count) processes were started together, and this program was built without MPI: install "
                    + "libopenmpi-dev (or libmpich-dev) and build it with BATCHWISE_MPI=openmpi (or mpich)")
        }

        static func coresOfProcess(_ own: Int) -> Int? { nil }

        static func end(_ error: (any Error)?) -> Int32 { endAlone(error) }
    #endif
}
