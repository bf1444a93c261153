import Batchwise
import CMPI

#if canImport(Glibc)
    import Glibc
#endif

/// The memory of a server for backup workers, by MPI's one-sided operations: every process keeps a shard of each vector,
/// and the first keeps the clock.
final class MPIBackupMemory: BackupMemory {
    let rank: Int
    private let size: Int
    private let floats: Int
    /// The floats of a shard; those of the last processes may be fewer.
    private let shard: Int
    private let vectors, times: OpaquePointer

    private static let count = 3
    /// The clock as it lies in memory, behind the lock.
    private static let clockOffset = 64

    init(floats: Int, rank: Int, size: Int) throws(PlanError) {
        (self.rank, self.size, self.floats) = (rank, size, floats)
        shard = (floats + size - 1) / size
        let bytes = 8 * BackupClock().words.count
        guard let vectors = bw_mpi_window_create(4 * Self.count * shard),
            let times = bw_mpi_window_create(rank == 0 ? Self.clockOffset + bytes : 0)
        else { throw .outOfMemory(bytes: 4 * Self.count * shard) }
        (self.vectors, self.times) = (vectors, times)
    }

    func withClock<Result>(_ body: (inout BackupClock) -> Result) -> Result {
        bw_mpi_window_lock(times, 0)
        defer { bw_mpi_window_unlock(times, 0) }
        var clock = BackupClock()
        var words = clock.words
        let bytes = Int32(8 * words.count)
        words.withUnsafeMutableBytes { bw_mpi_window_read(times, 0, Self.clockOffset, $0.baseAddress, bytes) }
        clock.words = words
        let before = clock
        let result = body(&clock)
        if clock != before {
            clock.words.withUnsafeBytes { bw_mpi_window_write(times, 0, Self.clockOffset, $0.baseAddress, bytes) }
        }
        return result
    }

    /// Calls `body` with each process, and its part of the parameters. Each process begins with its own shard, so that not
    /// all turn to one at once.
    private func forEachShard(_ body: (_ process: Int32, _ part: Range<Int>) -> Void) {
        for step in 0..<size {
            let process = (rank + step) % size
            let part = min(process * shard, floats)..<min((process + 1) * shard, floats)
            if !part.isEmpty { body(Int32(process), part) }
        }
    }

    func read(_ vector: Int, into numbers: UnsafeMutablePointer<Float>) {
        forEachShard { process, part in
            bw_mpi_window_get(vectors, process, vector * shard, numbers + part.lowerBound, part.count)
        }
    }

    func write(_ vector: Int, _ numbers: UnsafePointer<Float>) {
        forEachShard { process, part in
            for start in stride(from: part.lowerBound, to: part.upperBound, by: 1 << 24) {
                let count = min(1 << 24, part.upperBound - start)
                let offset = 4 * (vector * shard + start - part.lowerBound)
                bw_mpi_window_write(vectors, process, offset, numbers + start, Int32(4 * count))
            }
        }
    }

    func add(_ numbers: UnsafePointer<Float>, to vector: Int) {
        forEachShard { process, part in
            bw_mpi_window_add(vectors, process, vector * shard, numbers + part.lowerBound, part.count)
        }
    }

    func pause() { usleep(50) }

    func meet() { bw_mpi_meet() }
}
