// Runs by several processes that train together.

extension Audit {
    /// Processes that train together, on one machine or as if each were on a machine of its own.
    package struct ProcessCut: Sendable {
        package let processes: Int
        /// Whether processes share no memory, and exchange messages.
        package let isApart: Bool

        package var name: String { "\(processes) processes\(isApart ? " that exchange messages" : "")" }
    }

    /// The runs of so many processes; none for one process, and for replicas that are too few.
    package func processCuts(_ processes: Int) -> [ProcessCut] {
        let most = recipe.separateReplicas?.count ?? processes
        guard processes > 1, most > 1 else { return [] }
        return [false, true].map { ProcessCut(processes: min(processes, most), isApart: $0) }
    }

    private func prepared(_ processes: Int, rank: Int, machines: Int) throws -> PreparedRun {
        var machine = Machine(threads: 1, loadingThreads: 0)
        (machine.ranks, machine.rank, machine.machines) = (processes, rank, machines)
        return try Trainer.prepare(recipe, data: data, machine: machine)
    }

    /// Makes all updates together with other processes; the first of them writes a checkpoint.
    package func train(with communicator: any Communicator, writing path: String) throws {
        let prepared = try prepared(communicator.size, rank: communicator.rank, machines: communicator.machines)
        var trainer = try Trainer(prepared, communicator: communicator)
        try begin(&trainer)
        for _ in 0..<updates { _ = try trainer.update() }
        let checkpoint = trainer.checkpoint()
        if communicator.rank == 0 { try checkpoint.write(to: path) }
    }

    /// The row of processes that have written a checkpoint; its losses are not looked at.
    func row(
        _ cut: ProcessCut, _ reference: Reference, _ run: (_ path: String) throws -> Void
    ) throws -> AuditCertificate.Row {
        try withTemporaryFile { path in
            try run(path)
            let checkpoint = try Checkpoint(contentsOf: path, layers: LayerRegistry(of: recipe.model))
            let prepared = try prepared(cut.processes, rank: 0, machines: cut.isApart ? cut.processes : 1)
            return row(cut.name, prepared.plan, AuditSnapshot(checkpoint, losses: []), reference)
        }
    }
}
