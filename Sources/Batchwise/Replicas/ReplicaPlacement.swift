/// The places where replicas are trained: each in one process, and there on one of its engines. It changes no bit.
struct ReplicaPlacement: Sendable {
    /// The number of replicas.
    let count: Int
    /// The number of processes.
    let ranks: Int
    /// The replicas of this process.
    let own: Range<Int>
    /// The engines of this process, which train side by side, and the threads that each may have.
    let engines, threadsOfEngine: Int

    /// Replicas are divided evenly among processes, and then among threads. Throws where a process would have none.
    init(_ count: Int, machine: Machine) throws(PlanError) {
        guard machine.ranks <= count else {
            throw .mismatch(
                "\(machine.ranks) processes were started, and there are \(count) replicas to train in them: start at most "
                    + "\(count) processes, each with several threads")
        }
        self.count = count
        ranks = machine.ranks
        own = count * machine.rank / ranks..<count * (machine.rank + 1) / ranks
        let threads = max(1, machine.threads ?? machine.cores)
        // the same number in every process
        engines = min(threads, count / ranks)
        threadsOfEngine = threads / engines
    }

    /// The process that trains a replica.
    func rank(of replica: Int) -> Int { ((replica + 1) * ranks - 1) / count }

    /// The places of a batch that the replicas of this process train on.
    var share: Loader.Share {
        { [own, count] batch in own.map { LocalBatch.rows(ofReplica: $0, of: count, in: batch) } }
    }

    /// The replicas of an engine, among those of this process.
    func replicas(ofEngine engine: Int) -> Range<Int> {
        own.count * engine / engines..<own.count * (engine + 1) / engines
    }

    /// The machine of one engine, which trains by itself. `bytes` are taken beside the engines.
    func machineOfEngine(_ machine: Machine, beside bytes: Int) -> Machine {
        var own = machine
        (own.ranks, own.rank, own.machines) = (1, 0, 1)
        own.threads = machine.threads.map { max(1, $0 / engines) }
        own.coresOfProcess = threadsOfEngine
        if let memory = machine.memory { own.memory = max(0, (memory - bytes) / engines) }
        return own
    }
}
