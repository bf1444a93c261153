import Batchwise
import CKernels
import CMPI

#if canImport(Glibc)
    import Glibc
#endif

/// The processes of a job that run on this machine: the memory that they share, and their meetings.
package final class MachineProcesses {
    /// The number of this process among `size`.
    package let rank: Int
    package let size: Int
    package var isFirst: Bool { rank == 0 }

    /// The bytes that a process may lay out for the others at a time.
    static let mailbox = 1 << 20

    /// The processes that a test takes for one machine, in the order of their ranks; 0 where nothing is simulated.
    static var simulated: Int32 {
        getenv("BATCHWISE_PROCESSES_PER_MACHINE").flatMap { Int32(String(cString: $0)) } ?? 0
    }

    /// A meeting, and then two mailboxes a process: while one is read, the other is filled. Nil where this process shares
    /// nothing.
    private let hall: SharedMemory?
    private var turn = 0
    /// The memory that is shared.
    private var shared: [Range<UInt>] = []

    /// Where processes cannot open each other's memory, each goes on as on a machine of its own.
    init() {
        let size = Int(bw_mpi_local_size())
        let mailboxes = 2 * size * Self.mailbox
        let hall = size > 1 ? Self.map(Int(BW_MEETING_BYTES) + mailboxes) : nil
        if size > 1, hall == nil { bw_mpi_separate() }
        self.hall = hall.map { memory in
            SharedMemory(memory, isFirst: bw_mpi_local_rank() == 0) {
                bw_shared_unmap(memory, Int(BW_MEETING_BYTES) + mailboxes)
            }
        }
        rank = Int(bw_mpi_local_rank())
        self.size = Int(bw_mpi_local_size())
    }

    func meet() { if let hall { bw_processes_meet(hall.base, Int32(size)) } }

    /// The mailbox of a process in this turn.
    ///
    /// Mailboxes are used where all processes, two or more, are on this machine. They share a hall then: processes that
    /// could not open it are on machines of their own.
    func mailbox(of local: Int) -> UnsafeMutableRawPointer {
        guard let hall else { fatalError("a process that shares nothing has no mailbox") }
        return hall.base + Int(BW_MEETING_BYTES) + (2 * local + turn) * Self.mailbox
    }

    /// Goes on with the other mailboxes: nobody fills these again before all have met once more.
    func turnMailboxes() { turn = 1 - turn }

    // MARK: Memory

    /// Whether a part lies in memory that the processes share.
    func shares(_ part: UnsafeMutableRawBufferPointer) -> Bool {
        guard let first = part.baseAddress else { return true }
        let address = UInt(bitPattern: first)
        return shared.contains { $0.contains(address) }
    }

    func allocate(bytes: Int) throws(PlanError) -> SharedMemory? {
        guard hall != nil else { return nil }
        guard let memory = Self.map(bytes) else { throw .outOfMemory(bytes: bytes) }
        let first = UInt(bitPattern: memory)
        shared.append(first..<first + UInt(bytes))
        return SharedMemory(memory, isFirst: isFirst) { [weak self] in
            self?.shared.removeAll { $0.lowerBound == first }
            bw_shared_unmap(memory, bytes)
        }
    }

    /// Memory that the first process makes and the others open; nil in all where one of them cannot.
    private static func map(_ bytes: Int) -> UnsafeMutableRawPointer? {
        let isFirst = bw_mpi_local_rank() == 0
        var place = (process: getpid(), descriptor: isFirst ? bw_shared_create(bytes) : -1)
        bw_mpi_local_broadcast(&place, Int32(MemoryLayout.size(ofValue: place)))
        if !isFirst, place.descriptor >= 0 {
            place.descriptor = bw_shared_open(place.process, place.descriptor)
        }
        let isOpen = bw_mpi_local_least(place.descriptor >= 0 ? 1 : 0) == 1
        guard isOpen else {
            if place.descriptor >= 0 { close(place.descriptor) }
            return nil
        }
        let memory = bw_shared_map(place.descriptor, bytes)
        guard bw_mpi_local_least(memory == nil ? 0 : 1) == 1 else {
            if let memory { bw_shared_unmap(memory, bytes) }
            return nil
        }
        return memory
    }
}
