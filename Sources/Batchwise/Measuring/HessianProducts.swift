/// Products of the Hessian of a batch's mean loss and a direction, H d = d/dt g(w + t d) at t = 0 [Pearlmutter 1994].
///
/// The training graph with tangents has an engine of its own, which works on a copy of the parameters beside the
/// direction. Its sums have the order of the recipe's batch, as the sums of updates have: the same bits for any threads
/// and micro-batch.
final class HessianProducts {
    private let trained: TrainedState
    private let engine: Engine
    /// The direction of each parameter of the run, as the index of a parameter of the graph with tangents; nil for a
    /// parameter that does not train.
    private let directions: [Int?]

    /// Takes the memory for batches of a size. Examples and threads are those of the engine `other`, which runs the
    /// updates.
    init(_ plans: Plans, batch: Int, beside other: Engine) throws(PlanError) {
        let plan = try plans.batches.plan(of: batch)
        trained = try TrainedState(plan)
        engine = try Engine(
            plan, on: trained.pointers, source: other.source, seed: other.seed, team: other.team,
            communicator: other.isAlone ? nil : other.communicator)
        directions = plans.directions
    }

    /// Computes H d for the batch of the last update, at the parameters before that update; nil where a number is not
    /// finite.
    ///
    /// `values` and `direction` return the numbers of a parameter in the order of its shape. The result has the product
    /// for each parameter that trains, in the same order.
    func product(
        of update: NextUpdate, order: EpochOrder, loaded: LoadedRows?, at values: (Int) -> [Float],
        along direction: (Int) throws -> [Float]
    ) rethrows -> [Int: [Float]]? {
        for (index, beside) in directions.enumerated() {
            trained.setParameter(index, values(index))
            if let beside { trained.setParameter(beside, try direction(index)) }
        }
        engine.flipMirrors()
        // a step of rate 0 changes nothing
        let same = NextUpdate(
            number: update.number, epoch: update.epoch, positions: update.positions, rate: 0, needs: .gradient)
        guard engine.update(same, order: order, loaded: loaded) != nil, let whole = engine.workspace.whole else {
            return nil
        }
        let summed = Set(engine.program.gradients.map(\.parameter))
        var product: [Int: [Float]] = [:]
        for case (let index, let beside?) in directions.enumerated() {
            product[index] =
                summed.contains(beside)
                ? engine.layout.read(beside, from: whole.gradient)
                : Array(repeating: 0, count: engine.layout.parameters[index].count)
        }
        return product
    }

    /// The decisions that are made before memory is taken.
    struct Plans {
        fileprivate let batches: BatchPlans
        fileprivate let directions: [Int?]

        /// The bytes of an engine for the largest batch, beside the bytes of the run itself.
        var byteCount: Int { batches.largest.bytes }

        /// Throws `QuantityError` where an operation of the model has no tangent, or no kernel for it, and `PlanError`
        /// where the memory that `machine` has left is too small.
        init(
            _ graph: Graph, _ recipe: Recipe, machine: Machine, examples: Int, knowsExamples: Bool,
            for quantity: any Quantity
        ) throws {
            var graph = graph
            do throws(GraphError) {
                directions = try graph.appendTangents().directions
            } catch {
                throw QuantityError.noTangent(quantity: quantity.name, reason: "\(error)")
            }
            var plain = recipe
            (plain.optimizer, plain.sam, plain.clip, plain.average, plain.groups) = (.sgd(), nil, nil, nil, [])
            plain.asynchronous = nil
            do throws(PlanError) {
                batches = try BatchPlans(
                    graph: graph, batch: recipe.batch, rules: UpdateRules(plain, graph: graph, measured: .gradient),
                    machine: machine, examples: examples, loadingBytes: 0,
                    knowsExamples: knowsExamples)
            } catch {
                guard case .noKernel = error else { throw error }
                throw QuantityError.noTangent(quantity: quantity.name, reason: "\(error)")
            }
        }
    }
}
