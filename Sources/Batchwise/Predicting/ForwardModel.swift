/// A model's forward graph, and its parameters as kernels read them. Nothing of it changes, so that threads share it.
final class ForwardModel: @unchecked Sendable {
    let inputShape: [Int]
    let outputs: Int
    let graph: Graph
    /// For a model that reads ids: the number that ids must be below; nil for other models.
    let vocabulary: Int?
    private let memory: Memory
    var parameters: UnsafePointer<Float> { UnsafePointer(memory.base) }

    init(_ model: Model) throws {
        inputShape = model.inputShape
        outputs = model.outputs
        graph = try model.recipe.model.graph(
            inputShape: model.inputShape, outputs: model.outputs, purpose: .inference)
        try graph.checkPrediction(model.outputs)
        vocabulary = graph.vocabulary
        let layout = ParameterLayout(graph)
        memory = try Memory(floats: layout.count)
        for (index, values) in model.values.enumerated() { layout.write(values, index, to: memory.base) }
    }

    /// Examples of a micro-batch: as many as a near cache holds, from 16 to 256.
    static func microBatch(_ graph: Graph) -> Int {
        min(max((1 << 21) / (4 * max(graph.floatsPerExample(), 1)), 16), 256)
    }
}

/// Worker threads, and an arena for each, that run one program. One caller at a time uses it.
final class InferenceCrew {
    let program: Program
    let team: WorkerTeam
    let arenas: [Arena]

    init(_ graph: Graph, workers: Int) throws(PlanError) {
        program = try graph.compiled(microBatch: ForwardModel.microBatch(graph))
        team = try WorkerTeam(workers)
        var arenas: [Arena] = []
        for _ in 0..<workers { arenas.append(try Arena(program)) }
        self.arenas = arenas
    }
}
