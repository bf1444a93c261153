import CKernels

/// A thread of its own, which the system may refuse to start: a user or a container may have few.
package final class WorkerThread {
    private final class Job {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    private let handle: OpaquePointer

    private static let run: @convention(c) (UnsafeMutableRawPointer?) -> Void = { job in
        if let job { Unmanaged<Job>.fromOpaque(job).takeRetainedValue().body() }
    }

    /// Runs `body` on a new thread; nil where the system refuses.
    package init?(_ body: @escaping @Sendable () -> Void) {
        let job = Unmanaged.passRetained(Job(body))
        guard let handle = bw_thread_start(Self.run, job.toOpaque()) else {
            job.release()
            return nil
        }
        self.handle = handle
    }

    /// Runs `body` on a new thread that nobody waits for; false where the system refuses.
    package static func start(_ body: @escaping @Sendable () -> Void) -> Bool {
        let job = Unmanaged.passRetained(Job(body))
        if bw_thread_start_alone(run, job.toOpaque()) != 0 { return true }
        job.release()
        return false
    }

    /// Waits for the end of the thread. Call it once.
    package func join() { bw_thread_join(handle) }

    /// Runs `body` for every worker below `count` and returns when all are done. Each has a thread, the first that of the
    /// caller, who also does the work of threads that the system refuses: the result must not depend on threads.
    package static func concurrently(_ count: Int, _ body: @Sendable (Int) -> Void) {
        withoutActuallyEscaping(body) { body in
            var threads: [WorkerThread] = []
            while threads.count + 1 < count {
                let worker = threads.count + 1
                guard let thread = WorkerThread({ body(worker) }) else { break }
                threads.append(thread)
            }
            body(0)
            for worker in stride(from: threads.count + 1, to: count, by: 1) { body(worker) }
            for thread in threads { thread.join() }
        }
    }
}
