import Batchwise
import BatchwiseRuns
import Foundation

/// Calls of a function on threads of their own, some at a time.
final class SideBySide<Work: Sendable, Result: Sendable>: @unchecked Sendable {
    // all of this is read and changed under `condition`, after `init`
    private let condition = NSCondition()
    private let work: [Work]
    private let call: @Sendable (Work, Interruption) throws -> Result
    private var results: [Result?]
    private var next = 0
    private var running = 0
    private var done = 0
    private var failure: (any Error)?
    /// Asks the calls to end early.
    private let stop = Interruption()

    private init(_ work: [Work], _ call: @escaping @Sendable (Work, Interruption) throws -> Result) {
        self.work = work
        self.call = call
        results = work.map { _ in nil }
    }

    /// The results in the order of the work; nil for work that a stop came before. Throws the first error of a call,
    /// after asking the other calls to end early.
    ///
    /// - Parameters:
    ///   - jobs: the number of calls at a time.
    ///   - interruption: asks for a stop; it is passed on to the calls.
    ///   - progress: receives the number of calls that have ended, on this thread.
    static func run(
        _ work: [Work], jobs: Int, until interruption: Interruption?, progress: (Int) -> Void,
        _ call: @escaping @Sendable (Work, Interruption) throws -> Result
    ) throws -> [Result?] {
        let all = SideBySide(work, call)
        if interruption?.isRequested == true { all.stop.request() }
        // where the system starts no thread, all work is done on this one
        let threads = (0..<min(jobs, work.count)).prefix { _ in all.begin() }
        if threads.isEmpty {
            all.condition.withLock { all.running += 1 }
            all.work(until: interruption ?? all.stop)
        }
        all.condition.lock()
        defer { all.condition.unlock() }
        while all.running > 0 {
            if interruption?.isRequested == true { all.stop.request() }
            _ = all.condition.wait(until: Date().addingTimeInterval(0.02))
            progress(all.done)
        }
        if let failure = all.failure { throw failure }
        return all.results
    }

    /// Starts a thread that does work; false where the system refuses.
    private func begin() -> Bool {
        condition.withLock { running += 1 }
        if WorkerThread.start({ self.work(until: self.stop) }) { return true }
        condition.withLock { running -= 1 }
        return false
    }

    private func work(until stop: Interruption) {
        condition.lock()
        while next < work.count, !stop.isRequested {
            let place = next
            next += 1
            condition.unlock()
            let result = Swift.Result { try call(work[place], stop) }
            condition.lock()
            switch result {
            case .success(let value): results[place] = value
            case .failure(let error):
                failure = failure ?? error
                stop.request()
            }
            done += 1
        }
        running -= 1
        condition.signal()
        condition.unlock()
    }
}
