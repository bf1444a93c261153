import Batchwise
import CMPI

/// The exchange of numbers between machines: all-gathers of which several may be under way.
final class Messages {
    /// The most bytes that a process sends in one gather, and that all gathers under way bring.
    private static let (room, mostUnderWay) = (16 << 20, 64 << 20)

    private let rank, processes: Int
    private var underWay: [Gather] = []
    private var bytesUnderWay = 0
    private var free: [Gather] = []
    /// Whether this process has a use for a part of another.
    var isAwaited: (_ owner: Int, _ part: UnsafeMutableRawBufferPointer) -> Bool = { _, _ in true }

    init(rank: Int, processes: Int) { (self.rank, self.processes) = (rank, processes) }

    /// Begins to exchange parts. Each process lists the same parts in the same order.
    func begin(_ parts: PartList) {
        var gather = free.popLast() ?? Gather(processes: processes)
        parts { owner, part in
            var start = 0
            while start < part.count {
                if gather.counts[owner] == Int32(Self.room) {
                    send(gather)
                    gather = free.popLast() ?? Gather(processes: processes)
                }
                let offset = Int(gather.counts[owner])
                let count = min(part.count - start, Self.room - offset)
                let piece = UnsafeMutableRawBufferPointer(rebasing: part[start..<start + count])
                if owner == rank {
                    gather.own.append(contentsOf: piece)
                } else if isAwaited(owner, part) {
                    gather.pending.append((owner, offset, piece))
                }
                gather.counts[owner] += Int32(count)
                start += count
            }
        }
        send(gather)
    }

    private func send(_ gather: Gather) {
        let bytes = gather.place()
        // all processes see the same numbers of bytes, and wait at the same places
        if bytesUnderWay + bytes > Self.mostUnderWay { finish() }
        bytesUnderWay += bytes
        underWay.append(gather)
        bw_mpi_begin_gather(gather.own.bytes, gather.all.bytes, gather.counts.baseAddress, gather.starts.baseAddress)
    }

    /// Waits for everything that is under way, and brings it into place.
    func finish() {
        bw_mpi_finish_gathers()
        for gather in underWay {
            for (owner, offset, target) in gather.pending {
                let source = gather.all.bytes.advanced(by: Int(gather.starts[owner]) + offset)
                target.copyMemory(from: UnsafeRawBufferPointer(start: source, count: target.count))
            }
            gather.clear()
        }
        // the next gathers are like these, in the same order
        free += underWay.reversed()
        underWay.removeAll(keepingCapacity: true)
        bytesUnderWay = 0
    }
}

/// One all-gather: the bytes of this process, those of all, and where those of others go.
private final class Gather {
    var own = GrowingBytes()
    var all = GrowingBytes()
    /// The bytes of each process, and where they begin. They do not move while MPI reads them.
    let counts, starts: UnsafeMutableBufferPointer<Int32>
    var pending: [(owner: Int, offset: Int, target: UnsafeMutableRawBufferPointer)] = []

    init(processes: Int) {
        counts = .allocate(capacity: processes)
        starts = .allocate(capacity: processes)
        counts.initialize(repeating: 0)
        starts.initialize(repeating: 0)
    }

    deinit {
        counts.deallocate()
        starts.deallocate()
        own.deallocate()
        all.deallocate()
    }

    /// Gives the bytes of each process their places, and returns the number of all.
    func place() -> Int {
        var total = 0
        for (process, count) in counts.enumerated() {
            starts[process] = Int32(total)
            total += Int(count)
        }
        all.reserve(total)
        return total
    }

    func clear() {
        own.count = 0
        pending.removeAll(keepingCapacity: true)
        counts.update(repeating: 0)
    }
}

/// Bytes that may become more; they move then.
private struct GrowingBytes {
    private(set) var bytes = UnsafeMutableRawPointer.allocate(byteCount: 64, alignment: 64)
    private var capacity = 64
    var count = 0

    mutating func reserve(_ most: Int) {
        guard most > capacity else { return }
        let larger = UnsafeMutableRawPointer.allocate(byteCount: max(most, 2 * capacity), alignment: 64)
        larger.copyMemory(from: bytes, byteCount: count)
        bytes.deallocate()
        (bytes, capacity) = (larger, max(most, 2 * capacity))
    }

    mutating func append(contentsOf piece: UnsafeMutableRawBufferPointer) {
        reserve(count + piece.count)
        bytes.advanced(by: count).copyMemory(from: piece.baseAddress!, byteCount: piece.count)
        count += piece.count
    }

    func deallocate() { bytes.deallocate() }
}
