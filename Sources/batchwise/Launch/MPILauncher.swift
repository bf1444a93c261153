import Foundation
import Foundations

/// The program that starts processes of MPI, and its arguments.
struct MPILauncher {
    /// The machines that processes run on: those that the launcher knows of by itself, or those of a list or a file.
    enum Hosts: Equatable {
        case usual
        case list(String)
        case file(String)
    }

    /// The libraries whose launchers are known.
    enum Library: String {
        case openMPI = "Open MPI"
        case mpich = "MPICH"

        /// - Parameter version: the text by which the library names itself.
        init?(version: String) {
            guard let found = [Self.openMPI, .mpich].first(where: { version.hasPrefix($0.rawValue) }) else {
                return nil
            }
            self = found
        }

        /// The words by which `mpirun --version` names the library.
        var marks: [String] {
            switch self {
            case .openMPI: ["Open MPI", "OpenRTE"]
            case .mpich: ["HYDRA", "MPICH"]
            }
        }

        var programs: [String] {
            switch self {
            case .openMPI: ["mpirun.openmpi", "mpirun"]
            case .mpich: ["mpirun.mpich", "mpiexec.hydra", "mpirun"]
            }
        }
    }

    let library: Library
    let program: String
    private(set) var hosts: Hosts

    /// - Throws: where the program was built without MPI, or its launcher is missing.
    init(library version: String?, path: String, hosts: Hosts) throws {
        guard let version else {
            throw Failure(
                .usage,
                "this program was built without MPI, and starts one worker: install libopenmpi-dev (or libmpich-dev) and "
                    + "build it again for more")
        }
        guard let library = Library(version: version) else {
            throw Failure(.usage, "launch knows no launcher for \(version): start batchwise train with its mpirun")
        }
        let folders = path.split(separator: ":")
        let places = library.programs.flatMap { name in folders.map { "\($0)/\(name)" } }
        guard let program = places.first(where: { access($0, X_OK) == 0 }) else {
            throw Failure(
                .usage,
                "the mpirun of \(library.rawValue) is not in PATH: install \(library == .openMPI ? "openmpi-bin" : "mpich")"
            )
        }
        (self.library, self.program, self.hosts) = (library, program, hosts)
        // a name that several libraries use
        if program.hasSuffix("/mpirun") { try requireSameLibrary() }
    }

    /// Throws where the launcher is that of another library.
    private func requireSameLibrary() throws {
        guard let stream = tmpfile() else {
            throw Failure(.inputOutput, "a temporary file cannot be created: \(systemReason())")
        }
        defer { fclose(stream) }
        let own = ProcessInfo.processInfo.environment
        let job = try LaunchedJob(
            [program, "--version"], environment: environment(own), output: fileno(stream), isAlone: true)
        let end = now() + Self.patience
        while now() < end, !job.hasEnded { usleep(1000) }
        if !job.hasEnded { job.kill() }
        _ = job.finish()
        rewind(stream)
        var bytes = [UInt8](repeating: 0, count: 1 << 12)
        let count = fread(&bytes, 1, bytes.count, stream)
        let text = String(decoding: bytes[..<count], as: UTF8.self)
        guard library.marks.contains(where: text.contains) else {
            throw Failure(
                .usage,
                "\(program) is not the mpirun of \(library.rawValue), which this program was built with: put that one "
                    + "first in PATH, or build the program with the other (BATCHWISE_MPI=openmpi or mpich)")
        }
    }

    /// The command that starts so many workers.
    ///
    /// - Parameters:
    ///   - variable: an environment variable that every worker needs.
    ///   - cores: the cores of this machine; more workers wait for each other without taking a core.
    func words(workers: Int, cores: Int, variable: String) -> [String] {
        var words = [program]
        switch library {
        case .openMPI:
            words += ["--bind-to", "none", "-x", variable]
            switch hosts {
            case .usual: words += ["--oversubscribe"]
            case .list(let list): words += ["--host", list]
            case .file(let file): words += ["--hostfile", file]
            }
            if hosts == .usual, workers > cores { words += ["--mca", "mpi_yield_when_idle", "1"] }
        case .mpich:
            switch hosts {
            case .usual: break
            case .list(let list): words += ["-hosts", list]
            case .file(let file): words += ["-f", file]
            }
        }
        return words + ["-n", "\(workers)"]
    }

    /// The environment of the launcher. Open MPI refuses root, and some containers its usual exchange of addresses.
    func environment(_ own: [String: String]) -> [String: String] {
        guard library == .openMPI else { return own }
        var environment = own
        environment["PMIX_MCA_gds"] = own["PMIX_MCA_gds"] ?? "hash"
        if geteuid() == 0 {
            environment["OMPI_ALLOW_RUN_AS_ROOT"] = "1"
            environment["OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"] = "1"
        }
        return environment
    }

    // MARK: Lists of machines

    /// The processes that a list of machines has room for: a:4,b has room for 5.
    static func slots(_ list: String) throws -> Int {
        let slots = try list.split(separator: ",", omittingEmptySubsequences: false).map(slots)
        // as many machines as a command line holds, each with a bounded number
        return slots.reduce(0, +)
    }

    private static func slots(ofHost host: Substring) throws -> Int {
        let parts = host.split(separator: ":", omittingEmptySubsequences: false)
        let slots = parts.count == 2 ? Int(parts[1]) : 1
        guard let slots, (1...100_000).contains(slots), parts.count <= 2, !parts[0].isEmpty else {
            throw Failure(.usage, "--hosts takes machines and their numbers of workers, such as a:4,b:4: not '\(host)'")
        }
        return slots
    }

    /// The seconds in which a machine must start a program.
    private static let patience = 15.0

    /// Takes the machines that start nothing from the list, and returns them; none where there is no list.
    mutating func leaveOutLostHosts(_ own: [String: String]) throws -> [String] {
        guard case .list(let list) = hosts else { return [] }
        let nothing = open("/dev/null", O_WRONLY)
        defer { close(nothing) }
        let option = library == .openMPI ? "--host" : "-hosts"
        let names = list.split(separator: ",").map(String.init)
        let tries = try names.map { name in
            let job = try LaunchedJob(
                [program, option, name, "-n", "1", "true"], environment: environment(own), output: nothing,
                errors: nothing, isAlone: false)
            return (name, job)
        }
        let end = now() + Self.patience
        while now() < end, !tries.allSatisfy({ $0.1.hasEnded }) { usleep(20_000) }
        var lost: [String] = []
        for (name, job) in tries {
            if !job.hasEnded { job.kill() }
            if job.finish() != 0 { lost.append(name) }
        }
        hosts = .list(names.filter { !lost.contains($0) }.joined(separator: ","))
        return lost
    }
}
