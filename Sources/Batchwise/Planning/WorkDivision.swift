/// How the machine divides a batch: rounds of at most a micro-batch a worker, in units that keep ghost batches whole.
struct WorkDivision: Sendable {
    /// The number of workers of all processes.
    let workers: Int
    let microBatch: Int
    /// Examples that stay on one worker.
    var unit: Int
    /// The workers of this process. Every process has as many.
    let own: Range<Int>

    init(workers: Int, microBatch: Int, unit: Int, rank: Int = 0, ranks: Int = 1) {
        self.workers = workers
        self.microBatch = microBatch
        self.unit = unit
        own = workers / ranks * rank..<workers / ranks * (rank + 1)
    }

    func rank(ofWorker worker: Int) -> Int { worker / own.count }

    func rounds(rows: Int) -> Int { (rows + microBatch * workers - 1) / (microBatch * workers) }

    func rows(ofRound round: Int, of rows: Int) -> Range<Int> {
        let size = microBatch * workers
        return round * size..<min(rows, (round + 1) * size)
    }

    /// A worker's examples of one round.
    func rows(ofWorker worker: Int, in round: Range<Int>) -> Range<Int> {
        rows(ofWorkers: worker..<worker + 1, in: round)
    }

    /// The examples of neighbouring workers.
    func rows(ofWorkers some: Range<Int>, in round: Range<Int>) -> Range<Int> {
        let units = (round.count + unit - 1) / unit
        func bound(_ worker: Int) -> Int { min(round.upperBound, round.lowerBound + units * worker / workers * unit) }
        return bound(some.lowerBound)..<bound(some.upperBound)
    }

    /// The examples of a process.
    func rows(ofRank rank: Int, in round: Range<Int>) -> Range<Int> {
        rows(ofWorkers: rank * own.count..<(rank + 1) * own.count, in: round)
    }

    /// The workers whose part one of `active` threads of this process does: all threads together do all parts of the
    /// process, whatever their number.
    func workers(ofThread thread: Int, of active: Int) -> Range<Int> {
        own.lowerBound + own.count * thread / active..<own.lowerBound + own.count * (thread + 1) / active
    }
}
