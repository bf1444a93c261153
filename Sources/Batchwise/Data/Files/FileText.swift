#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The text of a file in memory. Zeros lie behind it, so that eight bytes can be read wherever one can.
final class FileText: Sendable {
    private static let padding = 16

    private(set) nonisolated(unsafe) var start: UnsafePointer<UInt8>
    private(set) nonisolated(unsafe) var count = 0
    private nonisolated(unsafe) var memory: UnsafeMutableRawBufferPointer

    var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: start, count: count) }

    init(_ bytes: [UInt8]) {
        (memory, start) = Self.allocate(bytes.count)
        memory.copyBytes(from: bytes)
        end(at: bytes.count)
    }

    /// All that is left of a source.
    init(_ source: ByteSource) throws(DataError) {
        let limit = source.textLimit
        guard source.packing != .none || source.atMost <= limit else {
            throw .tooLarge(file: source.path, bytes: source.atMost, limit: limit)
        }
        // One byte more than a plain file has, so that its end is seen without growing.
        (memory, start) = Self.allocate(source.packing != .none ? min(source.atMost, 1 << 22) : source.atMost + 1)
        while true {
            let room = memory.count - Self.padding
            count += try source.read(into: UnsafeMutableRawBufferPointer(rebasing: memory[count..<room]))
            if count < room { break }
            guard count <= limit else { throw .tooLarge(file: source.path, bytes: count, limit: limit) }
            grow(to: min(2 * count, limit + 1))
        }
        end(at: count)
    }

    deinit { memory.deallocate() }

    private func grow(to room: Int) {
        let old = memory
        (memory, start) = Self.allocate(room)
        memory.copyMemory(from: UnsafeRawBufferPointer(rebasing: old[..<count]))
        old.deallocate()
    }

    private func end(at count: Int) {
        self.count = count
        for at in count..<count + Self.padding { memory[at] = 0 }
    }

    private static func allocate(_ room: Int) -> (UnsafeMutableRawBufferPointer, UnsafePointer<UInt8>) {
        let hugePage = 1 << 21
        let isLarge = room >= 2 * hugePage
        let memory = UnsafeMutableRawPointer.allocate(byteCount: room + padding, alignment: isLarge ? hugePage : 16)
        #if os(Linux)
            // fewer pages to set up; only a wish
            if isLarge { madvise(memory, room, MADV_HUGEPAGE) }
        #endif
        let bytes = memory.bindMemory(to: UInt8.self, capacity: room + padding)
        return (UnsafeMutableRawBufferPointer(start: memory, count: room + padding), UnsafePointer(bytes))
    }
}
