import CKernels
import Synchronization

/// Updates of a sparse linear model by single examples, made by several threads at once on the same parameters, without
/// locks [Niu 2011].
///
/// Threads take the next 64 positions of the epoch's order in turn. Two threads that write one weight at the same moment
/// lose one of the changes, so the result depends on timing. One thread alone makes ``LinearUpdates``.
final class HogwildUpdates {
    /// Updates of a call: threads meet after so many.
    static let most = 1 << 14

    private let engine: Engine
    private let linear: LinearUpdates
    private let team: WorkerTeam
    private let threads: UnsafeMutableBufferPointer<Thread>
    /// The parameters before the call, to which a refused update returns them.
    private let before: Memory
    private var job: Job?
    /// The first update of the call that no thread has taken.
    private let next = Atomic(0)
    /// The first update of the call that was refused.
    private let refused = Atomic(Int.max)

    /// The memory of one thread.
    private struct Thread {
        var window = ExampleWindow(capacity: LinearUpdates.most)
        let rates = UnsafeMutablePointer<Float>.allocate(capacity: LinearUpdates.most)
        let losses = UnsafeMutablePointer<Float>.allocate(capacity: 2 * LinearUpdates.most)
    }

    /// The updates of a call.
    private struct Job {
        let model: UnsafePointer<bw_linear>
        let order: EpochOrder
        let first: Int
        let count: Int
        let rate: (_ update: Int) -> Double
        let found: UnsafeMutableBufferPointer<UpdateResult>
    }

    /// Nil where the recipe does not ask for it, and for one thread. Throws where the system refuses the threads or the
    /// memory.
    init?(_ engine: Engine?, _ run: PreparedRun) throws(PlanError) {
        guard run.recipe.asynchronous?.mode == .hogwild, run.plan.workers > 1, let engine else { return nil }
        guard let linear = LinearUpdates(engine, batch: 1) else {
            throw .mismatch("asynchronous.hogwild works on plain linear models: remove asynchronous")
        }
        let count = run.plan.workers
        self.engine = engine
        self.linear = linear
        team = try WorkerTeam(count)
        before = try Memory(floats: engine.layout.count)
        threads = .allocate(capacity: count)
        for thread in 0..<count { threads.initializeElement(at: thread, to: Thread()) }
    }

    deinit {
        for thread in threads {
            thread.window.deallocate()
            thread.rates.deallocate()
            thread.losses.deallocate()
        }
        threads.deallocate()
    }

    /// Updates with the examples at these positions, and writes what they found; nil where a number is not finite, and
    /// then nothing is changed. `rate` is called by all threads.
    func run(
        order: EpochOrder, positions: Range<Int>, rate: @escaping (_ update: Int) -> Double,
        found: UnsafeMutableBufferPointer<UpdateResult>
    ) -> Int? {
        let count = min(positions.count, found.count)
        next.store(0, ordering: .relaxed)
        refused.store(.max, ordering: .relaxed)
        let parameters = engine.trained.parameters
        before.base.update(from: parameters, count: before.count)
        engine.source.withData(of: linear.model) { model in
            job = Job(
                model: model, order: order, first: positions.lowerBound, count: count, rate: rate, found: found)
            team.run(
                { updates, thread in
                    // the team runs while `run` does, and `self` with it
                    Unmanaged<HogwildUpdates>.fromOpaque(updates!)._withUnsafeGuaranteedRef { $0.work(Int(thread)) }
                }, on: self)
            job = nil
        }
        if refused.load(ordering: .relaxed) == .max { return count }
        parameters.update(from: before.base, count: before.count)
        return nil
    }

    private func work(_ number: Int) {
        guard let job else { return }
        let most = LinearUpdates.most
        let (rates, losses, weights) = (threads[number].rates, threads[number].losses, job.model.pointee.weights)
        while refused.load(ordering: .relaxed) == .max {
            let start = next.wrappingAdd(most, ordering: .relaxed).oldValue
            guard start < job.count else { return }
            let count = min(most, job.count - start)
            let first = job.first + start
            let examples = threads[number].window.examples(at: first..<first + count, of: job.order)
            for update in 0..<count {
                let rate = job.rate(start + update)
                rates[update] = Float(rate)
                job.found[start + update].rate = rate
            }
            let made = bw_hogwild_updates(job.model, examples, rates, count, losses)
            for update in 0..<made {
                let weight = weights.map { Double($0[Int(examples[update])]) } ?? 1
                job.found[start + update].weight = weight
                job.found[start + update].lossSum = weight * Double(losses[2 * update])
                job.found[start + update].rightSum = weight * Double(losses[2 * update + 1])
            }
            if made < count { refused.min(start + made, ordering: .relaxed) }
        }
    }
}
