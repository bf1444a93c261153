import CKernels
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// A parameter server in memory that all processes share, as those of one machine do.
///
/// The parameters lie in pieces, each behind a lock. A piece is read and changed as a whole; another process may make its
/// change between two pieces.
package final class SharedParameterServer: ParameterServer {
    package let rank: Int
    package private(set) var bound = 0
    private let communicator: any Communicator
    private let floats: Int
    /// Two cache lines or more for the clock: its lock, and its numbers. Then a cache line for the lock of each piece, and
    /// the parameters.
    private let memory: SharedMemory

    private static let line = 64
    /// The floats of a piece, and the number of pieces.
    private let piece, pieces: Int

    /// Nil where the processes share no memory.
    package init?(floats: Int, piece: Int = 1 << 12, _ communicator: any Communicator) throws(PlanError) {
        (rank, self.floats, self.communicator) = (communicator.rank, floats, communicator)
        (self.piece, pieces) = (piece, (floats + piece - 1) / piece)
        let bytes = Self.clockBytes(communicator.size) + Self.line * pieces + 4 * floats
        guard let memory = try communicator.allocate(bytes: bytes) else { return nil }
        self.memory = memory
    }

    private static func clockBytes(_ processes: Int) -> Int {
        line + (8 * ServerClock.wordCount(processes) + line - 1) / line * line
    }

    package func withClock<Result: Sendable>(_ body: (inout ServerClock) -> Result) -> Result {
        SharedLock(memory.base).withLock {
            let words = UnsafeMutableBufferPointer(
                start: (memory.base + Self.line).assumingMemoryBound(to: Int.self),
                count: ServerClock.wordCount(communicator.size))
            var clock = ServerClock(words: words)
            let result = body(&clock)
            _ = words.update(fromContentsOf: clock.words)
            return result
        }
    }

    package func open(_ values: UnsafePointer<Float>, updates: Int, bound: Int) {
        self.bound = bound
        if rank == 0 {
            eachPiece { piece, numbers in numbers.update(from: values + piece.lowerBound, count: piece.count) }
            withClock { clock in
                clock = ServerClock(processes: communicator.size)
                clock.updates = updates
            }
        }
        communicator.meet()
    }

    package func read(into values: UnsafeMutablePointer<Float>) {
        eachPiece { piece, numbers in (values + piece.lowerBound).update(from: numbers, count: piece.count) }
    }

    package func add(_ change: UnsafePointer<Float>) {
        eachPiece { piece, numbers in
            bw_binary(BW_ADD, numbers, change + piece.lowerBound, numbers, piece.count)
        }
    }

    package func close(into values: UnsafeMutablePointer<Float>) {
        communicator.meet()
        read(into: values)
        communicator.meet()
    }

    /// Hands over the pieces one by one, each while no other process has it. Every process begins with another piece, so
    /// that they seldom wait for each other.
    private func eachPiece(_ body: (_ piece: Range<Int>, _ numbers: UnsafeMutablePointer<Float>) -> Void) {
        let locks = memory.base + Self.clockBytes(communicator.size)
        let numbers = (locks + Self.line * pieces).assumingMemoryBound(to: Float.self)
        for step in 0..<pieces {
            let number = (step + rank * pieces / communicator.size) % pieces
            let start = number * piece
            SharedLock(locks + Self.line * number).withLock {
                body(start..<min(start + piece, floats), numbers + start)
            }
        }
    }
}

/// A lock in memory that processes share, which begins as zeros. Who waits sleeps now and then, so that a process without a
/// core can go on.
private struct SharedLock {
    private let word: UnsafeMutablePointer<Atomic<Int>>

    init(_ place: UnsafeMutableRawPointer) { word = place.assumingMemoryBound(to: Atomic<Int>.self) }

    func withLock<Result>(_ body: () -> Result) -> Result {
        var tries = 0
        while word.pointee.load(ordering: .relaxed) != 0 || word.pointee.exchange(1, ordering: .acquiring) != 0 {
            tries += 1
            if tries.isMultiple(of: 1024) { usleep(20) }
        }
        defer { word.pointee.store(0, ordering: .releasing) }
        return body()
    }
}
