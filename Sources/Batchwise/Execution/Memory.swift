import CKernels

#if canImport(Glibc)
    import Glibc
#endif

/// The one owner of a run of floats: aligned, zeroed, and ended by the slack that kernels may read.
struct Memory: ~Copyable {
    let base: UnsafeMutablePointer<Float>
    let count: Int

    init(floats count: Int) throws(PlanError) {
        let bytes = Self.byteCount(floats: count)
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
        base = pointer.assumingMemoryBound(to: Float.self)
        self.count = count
    }

    deinit { free(base) }

    /// The bytes that a run of so many floats takes, with the slack behind it.
    static func byteCount(floats count: Int) -> Int { max((count + Int(BW_SLACK)) * MemoryLayout<Float>.stride, 64) }
}
