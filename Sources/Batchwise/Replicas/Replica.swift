/// The state of one replica that trains in this process.
final class Replica {
    /// Its number among all replicas.
    let number: Int
    let trained: TrainedState
    /// The part of its changes that compression has lost, which its next change carries: nil without compression.
    let lost: UnsafeMutablePointer<Float>?
    /// The change towards the centre that its next update makes as well; nil without EASGD.
    let pull: UnsafeMutablePointer<Float>?
    /// The memory of the one or the other.
    private let memory: Memory

    /// Takes the memory of a replica.
    init(_ number: Int, _ plan: ExecutionPlan, _ replicas: Replicas) throws(PlanError) {
        self.number = number
        trained = try TrainedState(plan)
        let isCompressed = replicas.compression != nil
        memory = try Memory(floats: isCompressed || replicas.rule.isElastic ? plan.layout.count : 0)
        lost = isCompressed ? memory.base : nil
        pull = replicas.rule.isElastic ? memory.base : nil
    }

    var parameters: UnsafeMutablePointer<Float> { trained.pointers.parameters }

    /// The vectors of parameters, optimizer and compression that the rest of the run depends on, each with its name in a
    /// checkpoint.
    func vectors(_ optimizer: Optimizer) -> [(name: String, values: UnsafeMutablePointer<Float>)] {
        let names = Self.names(number, optimizer, hasLost: lost != nil)
        var values = [parameters] + trained.pointers.states
        if let lost { values.append(lost) }
        return Array(zip(names, values))
    }

    /// The names of a replica's vectors in a checkpoint.
    static func names(_ number: Int, _ optimizer: Optimizer, hasLost: Bool) -> [String] {
        let replica = "replica.\(number)"
        return [replica] + optimizer.stateNames.map { "\(replica).\($0)" } + (hasLost ? ["\(replica).lost"] : [])
    }

    /// Bytes of the states of the replicas of a process, and of the outer optimizer, the same in every process.
    static func byteCount(_ placement: ReplicaPlacement, _ replicas: Replicas, _ plan: ExecutionPlan) -> Int {
        byteCount(placement, replicas, plan.layout, plan.rules.optimizer, mirrors: plan.program.mirrorFloats)
    }

    /// At most as many bytes, before there is a plan.
    static func mostBytes(
        _ placement: ReplicaPlacement, _ replicas: Replicas, _ layout: ParameterLayout, _ optimizer: Optimizer
    ) -> Int {
        byteCount(placement, replicas, layout, optimizer, mirrors: layout.count)
    }

    private static func byteCount(
        _ placement: ReplicaPlacement, _ replicas: Replicas, _ layout: ParameterLayout, _ optimizer: Optimizer,
        mirrors: Int
    ) -> Int {
        let hasMore = replicas.compression != nil || replicas.rule.isElastic
        let vectors = 1 + optimizer.stateNames.count + (hasMore ? 1 : 0)
        let most = (placement.count + placement.ranks - 1) / placement.ranks
        return 4 * (most * (vectors * layout.count + mirrors) + OuterState.floats(replicas, layout))
    }
}
