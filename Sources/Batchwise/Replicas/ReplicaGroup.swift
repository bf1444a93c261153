import CKernels

/// The replicas that this process trains, and the engines that it trains them with, side by side.
///
/// An engine makes the updates of its replicas one after the other, each on the replica's local batch. Engines do
/// not meet until the next average: replicas know nothing of each other before.
final class ReplicaGroup {
    let replicas: Replicas
    let placement: ReplicaPlacement
    let periods: ReplicaPeriods
    let layout: ParameterLayout
    let communicator: (any Communicator)?
    /// The replicas of this process.
    let own: [Replica]
    /// The model that they are averaged to.
    let outer: OuterState
    /// The parameters of each fragment of the model.
    let fragments: [Range<Int>]
    /// The exchange of each fragment; none with compressed changes, which are sent as they are.
    private(set) var exchanges: [SliceExchange] = []
    private let team: WorkerTeam
    private(set) var engines: [Engine] = []
    /// The findings of the last updates: for each replica, one an update.
    private(set) var findings: [ReplicaFinding] = []
    /// The failures of the last updates, at most one an engine.
    private var failures: [Failure?]
    /// Whether an update has failed, after which replicas are at different updates.
    var isBroken = false

    // the updates that engines are making
    private var updates: [NextUpdate] = []
    private var order = EpochOrder(count: 0, seed: 0, epoch: 0)
    private var loaded: LoadedRows?
    private var isPulled = false

    /// An update that a replica could not make.
    struct Failure {
        var update: Int
        var replica: Int
        var layer: String
    }

    /// Takes the memory of this process's replicas, all of which begin in one state.
    init(
        _ replicas: Replicas, _ placement: ReplicaPlacement, from state: borrowing TrainedState, _ plan: ExecutionPlan,
        communicator: (any Communicator)?
    ) throws(PlanError) {
        self.replicas = replicas
        self.placement = placement
        self.communicator = communicator
        periods = ReplicaPeriods(replicas)
        layout = plan.layout
        var own: [Replica] = []
        for number in placement.own {
            let replica = try Replica(number, plan, replicas)
            replica.parameters.update(from: state.pointers.parameters, count: layout.count)
            for (vector, value) in zip(replica.trained.pointers.states, state.pointers.states) {
                vector.update(from: value, count: layout.count)
            }
            replica.eager?.base.update(from: state.pointers.parameters, count: layout.count)
            own.append(replica)
        }
        self.own = own
        outer = try OuterState(replicas, state.pointers.parameters, layout)
        fragments = ParameterPiece.fragments(replicas.fragments, of: layout)
        team = try WorkerTeam(placement.engines)
        failures = Array(repeating: nil, count: placement.engines)
        guard replicas.compression == nil else { return }
        for (number, parameters) in fragments.enumerated() {
            let pieces = ParameterPiece.list(parameters, of: layout, most: .max)
            exchanges.append(try SliceExchange(pieces, number: number, placement, communicator))
        }
    }

    /// The replicas of a run whose replicas train apart from its first update.
    convenience init?(
        _ prepared: PreparedRun, from state: borrowing TrainedState, _ plan: ExecutionPlan,
        communicator: (any Communicator)?
    ) throws(PlanError) {
        guard let replicas = prepared.recipe.separateReplicas, let placement = prepared.placement else { return nil }
        try self.init(replicas, placement, from: state, plan, communicator: communicator)
    }

    /// Takes the memory for batches of another size; the old is freed before.
    func prepare(_ plan: ExecutionPlan, source: BatchSource, seed: UInt64) throws(PlanError) {
        engines = []
        // none where one of them cannot have its memory
        var next: [Engine] = []
        for index in 0..<placement.engines {
            let first = own[placement.replicas(ofEngine: index).lowerBound]
            next.append(try Engine(plan, on: first.trained.pointers, source: source, seed: seed))
        }
        engines = next
        flipMirrors()
    }

    /// Gives the memory of engines back, and keeps the replicas.
    func dropEngines() { engines = [] }

    /// Copies the weights of convolutions, flipped, after parameters have been written.
    func flipMirrors() {
        for (index, engine) in engines.enumerated() {
            for place in placement.replicas(ofEngine: index) {
                engine.work(on: own[place].trained.pointers)
                engine.flipMirrors()
            }
        }
    }

    // MARK: Updates

    /// Makes these updates in all replicas, and gives what they found together, one result an update.
    ///
    /// - Parameter isPulled: whether the first of them moves the replicas towards the centre as well.
    func run(_ updates: [NextUpdate], order: EpochOrder, loaded: LoadedRows?, isPulled: Bool) throws(ReplicaFailure)
        -> [UpdateResult]
    {
        (self.updates, self.order, self.loaded, self.isPulled) = (updates, order, loaded, isPulled)
        findings = Array(repeating: ReplicaFinding(), count: placement.count * updates.count)
        failures = Array(repeating: nil, count: engines.count)
        team.run(
            { group, engine in
                Unmanaged<ReplicaGroup>.fromOpaque(group!)._withUnsafeGuaranteedRef { $0.train(Int(engine)) }
            }, on: self)
        self.loaded = nil
        exchangeFindings()
        try refuseFailures()
        return updates.indices.map { update in
            var result = UpdateResult()
            for replica in 0..<placement.count {
                let finding = findings[replica * updates.count + update]
                result.lossSum += finding.lossSum
                result.rightSum += finding.rightSum
                result.weight += finding.weight
            }
            result.rate = updates[update].rate
            return result
        }
    }

    /// Makes the updates of an engine's replicas.
    private func train(_ index: Int) {
        let engine = engines[index]
        for place in placement.replicas(ofEngine: index) {
            let replica = own[place]
            engine.work(on: replica.trained.pointers)
            for (number, next) in updates.enumerated() {
                let rows = LocalBatch.rows(
                    ofReplica: replica.number, of: placement.count, in: next.positions.count)
                if !rows.isEmpty {
                    var own = next
                    let first = next.positions.lowerBound
                    own.positions = first + rows.lowerBound..<first + rows.upperBound
                    guard let result = engine.update(own, order: order, loaded: loaded, at: rows.lowerBound) else {
                        let failure = Failure(
                            update: number, replica: replica.number, layer: engine.layerThatFailed())
                        _ = engine.undoAscent()
                        // the first of all is told, whichever engines there are
                        if failure.update < failures[index]?.update ?? .max { failures[index] = failure }
                        break
                    }
                    findings[replica.number * updates.count + number] = ReplicaFinding(result)
                }
                if number == 0, isPulled { pull(replica, engine) }
                // the first thread of the process, from which messages are sent, trains with the first engine
                if index == 0 { for exchange in exchanges { exchange.advance() } }
            }
        }
    }

    private func pull(_ replica: Replica, _ engine: Engine) {
        guard let pull = replica.pull else { return }
        for index in 0..<layout.count { replica.parameters[index] -= pull[index] }
        engine.flipMirrors()
    }

    // MARK: Findings

    /// Brings the findings of other processes.
    private func exchangeFindings() {
        guard let communicator else { return }
        for index in failures.indices {
            guard let failure = failures[index] else { continue }
            findings[failure.replica * updates.count + failure.update].hasFailed = 1
        }
        let (count, placement) = (updates.count, placement)
        findings.withUnsafeMutableBufferPointer { all in
            communicator.exchange { body in
                for replica in 0..<placement.count {
                    let part = UnsafeMutableBufferPointer(
                        rebasing: all[replica * count..<(replica + 1) * count])
                    body(placement.rank(of: replica), UnsafeMutableRawBufferPointer(part))
                }
            }
        }
    }

    /// Throws where an update has failed: the first of all, in every process.
    private func refuseFailures() throws(ReplicaFailure) {
        var first: Failure?
        for case let failure? in failures {
            if first.map({ (failure.update, failure.replica) < ($0.update, $0.replica) }) ?? true { first = failure }
        }
        for (index, finding) in findings.enumerated() where finding.hasFailed != 0 {
            let (replica, update) = index.quotientAndRemainder(dividingBy: updates.count)
            if first.map({ (update, replica) < ($0.update, $0.replica) }) ?? true {
                first = Failure(update: update, replica: replica, layer: "a layer")
            }
        }
        guard let first else { return }
        isBroken = true
        throw ReplicaFailure(next: updates[first.update], layer: "\(first.layer) of replica \(first.replica)")
    }
}

/// The findings of one update of one replica: sums over its local batch.
struct ReplicaFinding {
    var lossSum = 0.0, rightSum = 0.0, weight = 0.0
    /// 1 where numbers stopped being finite.
    var hasFailed = 0.0

    init() {}

    init(_ result: UpdateResult) { (lossSum, rightSum, weight) = (result.lossSum, result.rightSum, result.weight) }
}

/// An update in which the numbers of a replica stopped being finite.
struct ReplicaFailure: Error {
    let next: NextUpdate
    let layer: String
}
