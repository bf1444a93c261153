// The demands of asynchronous training on a plan.

extension Asynchronous {
    /// The machine that passes over a batch are planned for. With Hogwild a pass belongs to one thread, and with a
    /// parameter server to one process.
    func planned(_ machine: Machine) -> Machine {
        var planned = machine
        switch mode {
        case .delays, .backup(_, workers: .some): break
        case .hogwild: planned.threads = 1
        case .server, .backup(_, workers: nil): (planned.rank, planned.ranks, planned.machines) = (0, 1, 1)
        }
        return planned
    }

    /// The threads that make updates at once; nil where a plan chooses them.
    func workers(_ machine: Machine) -> Int? {
        mode == .hogwild ? machine.threads ?? min(machine.cores, 256) : nil
    }

    private var key: String {
        switch mode {
        case .delays: "asynchronous.delay"
        case .hogwild: "asynchronous.hogwild"
        case .server: "asynchronous.bound"
        case .backup: "asynchronous.backup"
        }
    }

    /// Whether one thread or process makes all updates. No other changes the parameters then, and the updates are those of
    /// the recipe without `asynchronous`.
    func isAlone(_ machine: Machine) -> Bool {
        switch mode {
        case .delays, .backup: false
        case .hogwild: workers(machine) == 1
        case .server: machine.ranks == 1
        }
    }

    /// The mode in one line for people, on this machine.
    func notice(_ machine: Machine) -> String {
        guard isAlone(machine) else { return notice }
        let (one, others) =
            mode == .hogwild
            ? ("one thread changes", "--threads 2 starts two threads")
            : ("one process changes", "mpirun -n 2 starts two processes")
        return
            "asynchronous: \(one) the parameters alone, so the result has the bits of the recipe without asynchronous; "
            + others
    }

    /// Bytes of the copies of the parameters that the mode needs.
    func byteCount(_ plan: ExecutionPlan, _ machine: Machine) -> Int {
        guard !isAlone(machine) else { return 0 }
        return switch mode {
        case .delays, .backup(_, workers: .some): 0
        case .backup(_, workers: nil): 5 * 4 * plan.layout.count
        case .hogwild: 4 * plan.layout.count
        case .server: 3 * 4 * plan.layout.count
        }
    }

    /// Refuses models, data and machines that the mode is not made for.
    func check(
        _ plan: ExecutionPlan, _ data: Dataset, _ machine: Machine, _ quantities: [any Quantity], isLoaded: Bool
    ) throws(PlanError) {
        func refuse(_ reason: String) -> PlanError { .mismatch("\(key) \(reason)") }
        if case .delays = mode { return }
        if case .backup(_, workers: .some) = mode {
            guard plan.program.statistics.isEmpty else {
                throw refuse("leaves examples out, which batch normalisation would mix with the others: use layer-norm")
            }
            guard plan.program.losses?.width != 1 else {
                throw refuse(
                    "leaves examples out, and a loss of the program's own is added up over all: use another loss")
            }
            if let quantity = quantities.first(where: { $0.needs.needsParts }) {
                throw refuse(
                    "leaves examples out, and \(quantity.name) is computed from all: measure it without backup")
            }
            return
        }
        if let quantity = quantities.first {
            throw refuse("measures nothing of updates: leave out what asks for \(quantity.name)")
        }
        switch mode {
        case .delays: return
        case .backup(let backup, _):
            guard plan.program.statistics.isEmpty else {
                throw refuse("keeps no running statistics, which each process would have of its own: use layer-norm")
            }
            guard !isLoaded else {
                throw refuse("needs examples that are in memory as they are: remove augment, or raise --data-memory")
            }
            guard machine.ranks == 1 || backup < machine.ranks else {
                throw refuse("must be below the number of processes, \(machine.ranks), and is \(backup)")
            }
        case .hogwild:
            guard case .sparse = data.features else {
                throw refuse("works on sparse data, such as LIBSVM files, and this data is not: remove asynchronous")
            }
            guard LinearUpdates.layerAndLoss(of: plan.program) != nil else {
                throw refuse("works on linear models, and this model is another: use model: linear")
            }
            guard machine.ranks == 1 else {
                throw refuse("works in one process, and \(machine.ranks) were started: use --threads")
            }
            guard let threads = workers(machine), (1...256).contains(threads) else {
                throw .threads(requested: machine.threads ?? 0)
            }
        case .server(let bound):
            guard plan.program.statistics.isEmpty else {
                throw refuse("keeps no running statistics, which each process would have of its own: use layer-norm")
            }
            guard !isLoaded else {
                throw refuse("needs examples that are in memory as they are: remove augment, or raise --data-memory")
            }
            guard bound >= machine.ranks - 1 else {
                throw refuse("must be at least \(machine.ranks - 1) with \(machine.ranks) processes, and is \(bound)")
            }
        }
    }
}
