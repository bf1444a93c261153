import CKernels

/// Dedicated threads that run one job at a time together; the caller is worker 0.
package final class WorkerTeam {
    let count: Int
    let handle: OpaquePointer

    init(_ count: Int) throws(PlanError) {
        guard let handle = bw_team_create(Int32(count)) else {
            throw .threadsRefused(requested: count, option: "--threads")
        }
        self.handle = handle
        self.count = count
    }

    deinit { bw_team_destroy(handle) }

    /// Runs `task` on the first `active` workers, or on all, and returns when they are done. It allocates nothing.
    func run(active: Int? = nil, _ task: @escaping bw_task, on context: AnyObject) {
        bw_team_run(handle, Int32(active ?? count), task, Unmanaged.passUnretained(context).toOpaque())
    }

    /// A barrier of the active workers inside a running task.
    func meet(_ worker: Int) { bw_team_meet(handle, Int32(worker)) }

    /// The nanoseconds that the caller has waited for other workers, beyond a short spinning.
    var stalledNanoseconds: UInt64 { bw_team_stalled(handle) }
}
