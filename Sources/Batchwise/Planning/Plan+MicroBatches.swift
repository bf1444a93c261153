import Foundations

extension Plan {
    /// One size of micro-batch of those that the machine could use.
    public struct MicroBatch: Sendable, Hashable, Codable {
        /// Examples of one forward and backward pass on one worker.
        public var size: Int
        public var accumulationSteps: Int
        /// What training would take beside the data set.
        public var bytes: Int
        /// Whether that is within the budget.
        public var fits: Bool
        /// The plan's own.
        public var isChosen: Bool
        /// Nil where it was not measured: beyond the budget, or slower than the measurement may be.
        public var examplesPerSecond: Double?
    }
}

extension PreparedRun {
    /// Memory against speed: micro-batches of one step, doubled up to a worker's share of the batch, the largest that fits
    /// and the plan's own.
    ///
    /// - Parameter seconds: for how long each is measured; nil measures nothing.
    package func microBatches(seconds: Double?) throws -> [Plan.MicroBatch] {
        var machine = machine
        let limit = machine.memory ?? memoryLimit
        machine.memory = limit
        let planner = Planner(
            graph: graph, batch: recipe.batch, rules: execution.rules, machine: machine, examples: orders.count,
            loadingBytes: plan.bytes.loading)
        let partition = try planner.partition()
        let triangle = planner.triangle(partition)
        let workers = plan.workers
        let share = triangle.rounded((largestBatch + workers - 1) / workers)
        var sizes: Set = [plan.microBatch, share]
        if let largest = planner.largestMicroBatch(partition, workers: workers) { sizes.insert(largest) }
        var size = triangle.rounded(1)
        while size < share {
            sizes.insert(size)
            size = triangle.rounded(2 * size)
        }
        var secondsAnExample = 0.0
        return try sizes.sorted().map { size in
            var run = self
            run.execution = try planner.execution(partition, workers, size)
            let bytes = run.execution.bytes + plan.bytes.loading
            var row = Plan.MicroBatch(
                size: size, accumulationSteps: triangle.steps(microBatch: size, workers: workers), bytes: bytes,
                fits: bytes <= limit, isChosen: size == plan.microBatch)
            // a pass of half a second tells no more than a shorter one
            if let seconds, row.fits, secondsAnExample * Double(size * workers) < 0.5 {
                let speed = try run.measured(seconds: seconds)
                secondsAnExample = 1 / speed.examplesPerSecond
                row.examplesPerSecond = speed.examplesPerSecond
            }
            return row
        }
    }
}
