/// The state of one replica that trains in this process.
final class Replica {
    /// Its number among all replicas.
    let number: Int
    let trained: TrainedState
    /// The part of its changes that compression has lost, which its next change carries: nil without compression.
    let lost: UnsafeMutablePointer<Float>?
    /// The change towards the centre that its next update makes as well; nil without EASGD.
    let pull: UnsafeMutablePointer<Float>?
    /// The vectors that eager outer steps keep of it; nil without them.
    let eager: EagerVectors?
    /// The memory of these.
    private let memory: Memory

    /// Takes the memory of a replica.
    init(_ number: Int, _ plan: ExecutionPlan, _ replicas: Replicas) throws(PlanError) {
        self.number = number
        trained = try TrainedState(plan)
        let isCompressed = replicas.compression != nil
        memory = try Memory(floats: Self.furtherVectors(replicas) * plan.layout.count)
        lost = isCompressed ? memory.base : nil
        pull = replicas.rule.isElastic ? memory.base : nil
        eager = replicas.isEager ? EagerVectors(memory.base, plan.layout.count, replicas) : nil
    }

    /// The vectors of a replica beside its parameters and those of its optimizer.
    private static func furtherVectors(_ replicas: Replicas) -> Int {
        if replicas.isEager { return EagerVectors.names(replicas).count }
        return replicas.compression != nil || replicas.rule.isElastic ? 1 : 0
    }

    var parameters: UnsafeMutablePointer<Float> { trained.pointers.parameters }

    /// The vectors of parameters, optimizer, compression and outer steps that the rest of the run depends on, each with its
    /// name in a checkpoint.
    func vectors(
        _ replicas: Replicas, _ optimizer: Optimizer
    ) -> [(name: String, values: UnsafeMutablePointer<Float>)] {
        var values = [parameters] + trained.pointers.states
        if let lost { values.append(lost) }
        if let eager { values += eager.all }
        return Array(zip(Self.names(number, replicas, optimizer), values))
    }

    /// The names of a replica's vectors in a checkpoint.
    static func names(_ number: Int, _ replicas: Replicas, _ optimizer: Optimizer) -> [String] {
        let replica = "replica.\(number)"
        let others =
            optimizer.stateNames + (replicas.compression != nil ? ["lost"] : [])
            + (replicas.isEager ? EagerVectors.names(replicas) : [])
        return [replica] + others.map { "\(replica).\($0)" }
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
        let vectors = 1 + optimizer.stateNames.count + furtherVectors(replicas)
        let most = (placement.count + placement.ranks - 1) / placement.ranks
        let exchanged = replicas.compression == nil ? SliceExchange.mostFloats(placement, layout) : 0
        return 4 * (most * (vectors * layout.count + mirrors) + OuterState.floats(replicas, layout) + exchanged)
    }
}
