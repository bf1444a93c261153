import Batchwise
import CMPI

/// A parameter server by MPI's one-sided operations: every process keeps a shard of the parameters in memory that the
/// others read and change without its help, and the first keeps the clock.
///
/// MPI adds numbers one by one, and no vector as a whole: a reader may see part of a change. The clock tells.
final class MPIParameterServer: ParameterServer {
    let rank: Int
    private(set) var bound = 0
    private let size, floats: Int
    /// The floats of a shard; those of the last processes may be fewer.
    private let shard: Int
    private let parameters, times: OpaquePointer

    /// The clock as it lies in memory, behind the lock.
    private static let clockOffset = 64
    private var words: [Int]

    init(floats: Int, rank: Int, size: Int) throws(PlanError) {
        (self.rank, self.size, self.floats) = (rank, size, floats)
        shard = (floats + size - 1) / size
        words = ServerClock(processes: size).words
        guard let parameters = bw_mpi_window_create(4 * shard),
            let times = bw_mpi_window_create(rank == 0 ? Self.clockOffset + 8 * words.count : 0)
        else { throw .outOfMemory(bytes: 4 * shard) }
        (self.parameters, self.times) = (parameters, times)
    }

    // MARK: The clock

    func withClock<Result: Sendable>(_ body: (inout ServerClock) -> Result) -> Result {
        bw_mpi_window_lock(times, 0)
        defer { bw_mpi_window_unlock(times, 0) }
        let bytes = Int32(8 * words.count)
        words.withUnsafeMutableBytes {
            bw_mpi_window_read(times, 0, Self.clockOffset, $0.baseAddress, bytes)
        }
        var clock = ServerClock(words: words)
        let before = clock
        let result = body(&clock)
        if clock != before {
            words = clock.words
            words.withUnsafeBytes { bw_mpi_window_write(times, 0, Self.clockOffset, $0.baseAddress, bytes) }
        }
        return result
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

    func read(into values: UnsafeMutablePointer<Float>) {
        // each begins with its own shard, so that not all read one process at once
        for step in 0..<size {
            let process = (rank + step) % size
            let part = shard(of: process)
            bw_mpi_window_get(parameters, Int32(process), 0, values + part.lowerBound, part.count)
        }
    }

    func add(_ change: UnsafePointer<Float>) {
        for step in 0..<size {
            let process = (rank + step) % size
            let part = shard(of: process)
            bw_mpi_window_add(parameters, Int32(process), 0, change + part.lowerBound, part.count)
        }
    }

    func close(into values: UnsafeMutablePointer<Float>) {
        bw_mpi_meet()
        read(into: values)
        bw_mpi_meet()
    }
}
