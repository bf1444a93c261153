import Batchwise
import CMPI

#if canImport(Glibc)
    import Glibc
#endif

/// A parameter server by MPI's one-sided operations: every process keeps a shard of the parameters in memory that the
/// others read and change without its help, and the first keeps the clock.
///
/// MPI adds numbers one by one, and no vector as a whole: a reader may see part of a change. The clock tells.
final class MPIParameterServer: ParameterServer {
    private let rank, size: Int
    private let floats: Int
    /// The floats of a shard; those of the last processes may be fewer.
    private let shard: Int
    private let parameters, times: OpaquePointer
    private var bound = 0

    /// The clock as it lies in memory, behind the lock: five numbers, and one for each process.
    private static let clockOffset = 64
    private var words: [Int]

    init(floats: Int, rank: Int, size: Int) throws(PlanError) {
        (self.rank, self.size, self.floats) = (rank, size, floats)
        shard = (floats + size - 1) / size
        words = Array(repeating: 0, count: 4 + size)
        guard let parameters = bw_mpi_window_create(4 * shard),
            let times = bw_mpi_window_create(rank == 0 ? Self.clockOffset + 8 * (4 + size) : 0)
        else { throw .outOfMemory(bytes: 4 * shard) }
        (self.parameters, self.times) = (parameters, times)
    }

    // MARK: The clock

    /// Reads, changes and writes the clock, while no other process does.
    private func withClock<Result>(_ body: (inout ServerClock) -> Result) -> Result {
        bw_mpi_window_lock(times, 0)
        defer { bw_mpi_window_unlock(times, 0) }
        let bytes = Int32(8 * words.count)
        words.withUnsafeMutableBytes {
            bw_mpi_window_read(times, 0, Self.clockOffset, $0.baseAddress, bytes)
        }
        var clock = ServerClock(processes: size)
        (clock.taken, clock.updates, clock.begun, clock.finished) = (words[0], words[1], words[2], words[3])
        clock.outstanding = Array(words[4...])
        let before = clock
        let result = body(&clock)
        if clock != before {
            words = [clock.taken, clock.updates, clock.begun, clock.finished] + clock.outstanding
            words.withUnsafeBytes { bw_mpi_window_write(times, 0, Self.clockOffset, $0.baseAddress, bytes) }
        }
        return result
    }

    /// Asks until the answer is not to wait.
    private func ask(_ question: (inout ServerClock) -> ServerClock.Answer) -> Int? {
        while true {
            switch withClock(question) {
            case .number(let number): return number
            case .none: return nil
            case .wait: usleep(50)
            }
        }
    }

    // MARK: The server

    private func shard(of process: Int) -> Range<Int> {
        min(process * shard, floats)..<min((process + 1) * shard, floats)
    }

    func open(_ values: UnsafePointer<Float>, updates: Int, bound: Int) {
        self.bound = bound
        let own = shard(of: rank)
        for start in stride(from: 0, to: own.count, by: 1 << 24) {
            let count = min(1 << 24, own.count - start)
            bw_mpi_window_write(parameters, Int32(rank), 4 * start, values + own.lowerBound + start, Int32(4 * count))
        }
        if rank == 0 {
            withClock { clock in
                clock = ServerClock(processes: size)
                clock.updates = updates
            }
        }
        bw_mpi_meet()
    }

    func pull(into values: UnsafeMutablePointer<Float>) -> PulledUpdate? {
        guard let number = ask({ $0.takeUpdate(rank, bound: bound) }) else { return nil }
        read(into: values)
        let overlaps = withClock { $0.hasMoved(since: rank) }
        return PulledUpdate(number: number, overlapsChange: overlaps)
    }

    private func read(into values: UnsafeMutablePointer<Float>) {
        // each begins with its own shard, so that not all read one process at once
        for step in 0..<size {
            let process = (rank + step) % size
            let part = shard(of: process)
            bw_mpi_window_get(parameters, Int32(process), 0, values + part.lowerBound, part.count)
        }
    }

    func takeVersion() -> Int { ask { $0.takeVersion(rank, bound: bound) } ?? 0 }

    func add(_ change: UnsafePointer<Float>) {
        for step in 0..<size {
            let process = (rank + step) % size
            let part = shard(of: process)
            bw_mpi_window_add(parameters, Int32(process), 0, change + part.lowerBound, part.count)
        }
        withClock { $0.finishChange() }
    }

    func stop() { withClock { $0.stop(rank) } }

    func close(into values: UnsafeMutablePointer<Float>) {
        bw_mpi_meet()
        read(into: values)
        bw_mpi_meet()
    }
}
