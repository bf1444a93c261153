import Foundation

extension Trainer {
    /// Hands the trainer over to a thread of its own, which trains as far as a loop asks for reports.
    ///
    /// ```swift
    /// let updates = try Trainer(recipe, data: train).updates()
    /// for try await report in updates where report.endsEpoch { print(report.epoch, report.loss) }
    /// let model = await updates.model()
    /// ```
    /// Training runs up to `ahead` updates beyond the last report that the loop has taken, and waits then. With 0, the
    /// default, it makes an update when the loop asks for its report, so that the loop always finds the trainer as it
    /// is after that update; more lets short updates and the loop run at the same time.
    public consuming func updates(ahead: Int = 0) -> TrainingUpdates { TrainingUpdates(self, ahead: max(ahead, 0)) }
}

/// The reports of a training run, one after each update, to be read by `for try await`.
///
/// Training has its own thread and never occupies one of Swift's cooperative pool. The loop ends with the run: with the
/// recipe's last epoch, an early stop, or the `TrainingError` that it throws. Cancelling its task ends it too: the
/// update that is being made is finished, the reports of all updates made are still handed over, and the trainer stands
/// between two updates, where ``withTrainer(_:)`` can save a checkpoint. A loop that is left by `break` stops training
/// in the same way, and another loop goes on from there. There is one loop at a time: one that begins beside another
/// ends at once.
public final class TrainingUpdates: AsyncSequence, @unchecked Sendable {
    /// The report of one update.
    public typealias Element = UpdateReport
    /// The error that ends the sequence where training fails.
    public typealias Failure = TrainingError
    private typealias Reader = CheckedContinuation<Result<UpdateReport?, TrainingError>, Never>
    private typealias Visitor = @Sendable (inout Trainer) -> Void

    // All of this is read and changed under `condition` alone, except the trainer: it belongs to the training thread
    // while there is one, and else to the thread that holds the lock.
    private let condition = NSCondition()
    private var trainer: Trainer
    private let ahead: Int
    /// The reports that no loop has taken yet, in order: at most `ahead + 1`.
    private var reports: [UpdateReport] = []
    private var failure: TrainingError?
    /// The loop that waits for a report; `reports` is empty then.
    private var reader: Reader?
    private var visitors: [Visitor] = []

    /// The ticket of the loop whose training thread is running.
    private var running: Ticket?

    fileprivate init(_ trainer: consuming Trainer, ahead: Int) {
        self.trainer = trainer
        self.ahead = ahead
    }

    /// Calls `body` with the trainer between two updates: to save a checkpoint, to evaluate, to read its progress.
    ///
    /// While a loop runs, the training thread calls `body`; otherwise the caller's thread does.
    public func withTrainer<Value: Sendable, Thrown: Error>(
        _ body: @escaping @Sendable (inout Trainer) throws(Thrown) -> Value
    ) async throws(Thrown) -> Value {
        let result = await withCheckedContinuation { (caller: CheckedContinuation<Result<Value, Thrown>, Never>) in
            visit { trainer in
                do throws(Thrown) {
                    caller.resume(returning: .success(try body(&trainer)))
                } catch {
                    caller.resume(returning: .failure(error))
                }
            }
        }
        return try result.get()
    }

    /// The model that the recipe asks for, after the updates made so far: see ``Trainer/keptModel()``.
    public func model() async -> Model { await withTrainer { $0.keptModel() } }

    private func visit(_ visitor: @escaping Visitor) {
        condition.withLock {
            guard running != nil else { return visitor(&trainer) }
            visitors.append(visitor)
            condition.signal()
        }
    }

    // MARK: The loop

    /// An iterator for one loop. Training begins when the loop asks for its first report.
    public func makeAsyncIterator() -> Iterator { Iterator(loop: Loop(self)) }

    /// The iterator that hands the reports to one loop.
    public struct Iterator: AsyncIteratorProtocol {
        fileprivate let loop: Loop

        /// The next report; nil where the run has ended or the task is cancelled. Throws the `TrainingError` that ended
        /// training.
        public mutating func next() async throws(TrainingError) -> UpdateReport? { try await next(isolation: nil) }

        /// The next report; nil where the run has ended or the task is cancelled.
        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(TrainingError) -> UpdateReport? {
            let (updates, ticket) = (loop.updates, loop.ticket)
            let result = await withTaskCancellationHandler {
                await withCheckedContinuation { updates.read($0, for: ticket) }
            } onCancel: {
                updates.stop(ticket)
            }
            return try result.get()
        }
    }

    /// A loop over the reports, which goes on while this object lives.
    fileprivate final class Loop: Sendable {
        let updates: TrainingUpdates
        let ticket = Ticket()

        init(_ updates: TrainingUpdates) { self.updates = updates }
        deinit { updates.stop(ticket) }
    }

    /// The state of a loop, read and changed under `condition` alone.
    fileprivate final class Ticket: @unchecked Sendable {
        var hasBegun = false
        var isStopped = false
    }

    private func stop(_ ticket: Ticket) {
        condition.withLock {
            ticket.isStopped = true
            condition.signal()
        }
    }

    /// Hands over the next report, now or when there is one, and begins to train where no loop has begun yet.
    private func read(_ reader: Reader, for ticket: Ticket) {
        condition.withLock {
            guard running == nil || running === ticket else { return reader.resume(returning: .success(nil)) }
            if !reports.isEmpty {
                reader.resume(returning: .success(reports.removeFirst()))
            } else if running != nil {
                self.reader = reader
            } else if ticket.hasBegun || ticket.isStopped || trainer.isFinished {
                reader.resume(returning: takeEnd())
            } else {
                guard WorkerThread.start({ self.train(for: ticket) }) else {
                    return reader.resume(returning: .failure(.noThread(update: trainer.progress.updates + 1)))
                }
                self.reader = reader
                running = ticket
                ticket.hasBegun = true
            }
            condition.signal()
        }
    }

    /// Ends a loop, with the failure of training where it has not been reported yet.
    private func takeEnd() -> Result<UpdateReport?, TrainingError> {
        defer { failure = nil }
        return failure.map { .failure($0) } ?? .success(nil)
    }

    // MARK: The training thread

    private func train(for ticket: Ticket) {
        condition.lock()
        defer { condition.unlock() }
        while true {
            receiveVisitors()
            if ticket.isStopped || trainer.isFinished || failure != nil { break }
            guard reports.count < ahead + (reader == nil ? 0 : 1) else {
                condition.wait()
                continue
            }
            condition.unlock()
            let result = Result { () throws(TrainingError) in try trainer.update() }
            condition.lock()
            switch result {
            case .success(let report) where reader == nil: reports.append(report)
            case .success(let report): takeReader()?.resume(returning: .success(report))
            case .failure(let error): failure = error
            }
        }
        running = nil
        if let reader = takeReader() { reader.resume(returning: takeEnd()) }
    }

    private func receiveVisitors() {
        while !visitors.isEmpty {
            let visitor = visitors.removeFirst()
            condition.unlock()
            visitor(&trainer)
            condition.lock()
        }
    }

    private func takeReader() -> Reader? {
        defer { reader = nil }
        return reader
    }
}
