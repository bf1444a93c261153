import CKernels

#if canImport(Glibc)
    import Glibc
#endif

/// The one owner of a run of floats: aligned, zeroed, and ended by the slack that kernels may read.
struct Memory: ~Copyable {
    let base: UnsafeMutablePointer<Float>
    let count: Int
    private let shared: SharedMemory?

    /// - Parameter communicator: joins the processes that the memory is shared with; nil: it is this process's own.
    init(floats count: Int, sharedBy communicator: (any Communicator)? = nil) throws(PlanError) {
        let bytes = Self.byteCount(floats: count)
        let shared = try communicator?.allocate(bytes: bytes)
        let memory = if let shared { shared.base } else { try Self.allocate(bytes) }
        base = memory.assumingMemoryBound(to: Float.self)
        self.count = count
        self.shared = shared
    }

    private static func allocate(_ bytes: Int) throws(PlanError) -> UnsafeMutableRawPointer {
        // large runs begin on a 2 MiB page, which spares the processor most of its address look-ups
        let huge = 1 << 21
        let alignment = bytes >= huge ? huge : 64
        var pointer: UnsafeMutableRawPointer?
        guard posix_memalign(&pointer, alignment, bytes) == 0, let pointer else {
            throw .outOfMemory(bytes: bytes)
        }
        #if os(Linux)
            // the rest behind the last large page stays in small pages, and takes no more memory than it needs
            if bytes >= huge { madvise(pointer, bytes / huge * huge, Int32(MADV_HUGEPAGE)) }
        #endif
        memset(pointer, 0, bytes)
        return pointer
    }

    deinit { if shared == nil { free(base) } }

    /// Whether another process writes the numbers with which all begin alike.
    var isBegunElsewhere: Bool { shared?.isFirst == false }

    /// The bytes that a run of so many floats takes, with the slack behind it.
    static func byteCount(floats count: Int) -> Int { max((count + Int(BW_SLACK)) * MemoryLayout<Float>.stride, 64) }
}
