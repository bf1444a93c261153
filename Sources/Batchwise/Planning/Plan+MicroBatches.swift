import Foundations

extension Plan {
    /// A size of micro-batch that the machine could use, with its memory and its speed.
    public struct MicroBatch: Sendable, Hashable, Codable {
        /// The examples of one forward and backward pass on one worker.
        public var size: Int
        /// The micro-batches that one worker would run for one update.
        public var accumulationSteps: Int
        /// The bytes that training would take beside the data set.
        public var bytes: Int
        /// Whether these bytes are within the budget.
        public var fits: Bool
        /// Whether the plan chose this size.
        public var isChosen: Bool
        /// The measured speed; nil where it was not measured, because the size is beyond the budget or slower than the
        /// measurement may be.
        public var examplesPerSecond: Double?
        /// The lowest and the highest speed of the measurement's repetitions; nil where there was at most one.
        public var low, high: Double?
        /// Whether other programs disturbed every attempt to measure.
        public var isRough = false

        fileprivate mutating func take(_ speed: Plan.Speed) {
            (examplesPerSecond, low, high) = (speed.examplesPerSecond, speed.low, speed.high)
            isRough = speed.isRough
        }

        /// Whether this size was faster than another beyond the spread of both.
        package func isFaster(than other: MicroBatch) -> Bool {
            guard let low = low ?? examplesPerSecond, let high = other.high ?? other.examplesPerSecond else {
                return false
            }
            return low > high
        }
    }
}

extension PreparedRun {
    /// Memory against speed: micro-batches of one step, doubled up to a worker's share of the batch, the largest that
    /// fits and the plan's own.
    ///
    /// - Parameters:
    ///   - seconds: for how long each is measured; nil measures nothing.
    ///   - chosen: the speed of the plan, where it has been measured.
    package func microBatches(seconds: Double?, chosen: Plan.Speed? = nil) throws -> [Plan.MicroBatch] {
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
                fits: planner.fits(run.execution), isChosen: size == plan.microBatch)
            // a pass of half a second tells no more than a shorter one
            if row.isChosen, let chosen {
                row.take(chosen)
                secondsAnExample = 1 / chosen.examplesPerSecond
            } else if let seconds, row.fits, secondsAnExample * Double(size * workers) < 0.5 {
                let speed = try run.measured(seconds: seconds)
                secondsAnExample = 1 / speed.examplesPerSecond
                row.take(speed)
            }
            return row
        }
    }
}
