import Foundations

extension Plan {
    /// Adds the memory of replicas, the same in every process, and what they do, in a notice.
    mutating func add(_ replicas: Replicas, _ placement: ReplicaPlacement, _ plan: ExecutionPlan) {
        let most = (placement.count + placement.ranks - 1) / placement.ranks
        bytes.parameters += 4 * most * (plan.layout.count + plan.program.mirrorFloats)
        bytes.optimizer +=
            Replica.byteCount(placement, replicas, plan) - 4 * most * (plan.layout.count + plan.program.mirrorFloats)
        // before, one engine of all threads takes the place of several
        if replicas.start == nil {
            bytes.gradients *= placement.engines
            bytes.activations *= placement.engines
            bytes.workspace *= placement.engines
            workers *= placement.ranks * placement.engines
        }
        notices.append(Self.notice(replicas, batch: batch))
    }

    private static func notice(_ replicas: Replicas, batch: Int) -> String {
        let localBatch = " of \((batch + replicas.count - 1) / replicas.count) of \(batch) examples"
        let from = replicas.start.map { ", from \($0) on" } ?? ""
        let then =
            switch replicas.rule {
            case .mean: "are averaged after every \(counted(replicas.updates, "update"))"
            case .outer(let outer):
                "take an \(outer.isEager ? "eager " : "")outer step together after every "
                    + counted(replicas.updates, "update")
            case .elastic: "attract their centre after every \(counted(replicas.updates, "update"))"
            }
        guard replicas.count > 1 else { return "one replica and its outer model \(then)\(from)" }
        return "\(replicas.count) replicas make updates\(localBatch) each, and \(then)\(from)"
    }

    /// The notice of replicas that are one model; nil where they are not.
    static func noticeOfOneModel(_ recipe: Recipe) -> String? {
        guard let replicas = recipe.replicas, recipe.separateReplicas == nil, replicas.count > 1 else { return nil }
        return
            "\(replicas.count) replicas that are averaged after every update of SGD are one model, and are trained as one"
    }
}
