import Batchwise

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The part of a text that is in memory, which moves on through it. Zeros lie behind the part, so that eight bytes can
/// be read wherever one can.
final class TextWindow {
    private static let padding = 16

    private(set) var start: UnsafePointer<UInt8>
    private(set) var count = 0
    /// The number of bytes of the text before the window.
    private(set) var offset = 0
    /// Whether the text ends where the window does.
    private(set) var isLast = false
    private var memory: UnsafeMutableRawBufferPointer
    private let source: ByteSource

    /// The beginning of a text, of at most `room` bytes.
    init(_ source: ByteSource, room: Int) throws(DataError) {
        self.source = source
        (memory, start) = Self.allocate(min(room, source.atMost) + 1)
        try fill()
    }

    deinit { memory.deallocate() }

    /// The bytes of the whole text, where that is known.
    var textCount: Int? { isLast ? offset + count : source.isExact ? offset + count + source.atMost : nil }

    /// Reads on, and drops the text before `position`. The window grows where nothing could be dropped.
    func move(to position: Int) throws(DataError) {
        let rest = UnsafeRawBufferPointer(rebasing: memory[position..<count])
        if rest.count > (memory.count - Self.padding) / 2 {
            let old = memory
            (memory, start) = Self.allocate(2 * (old.count - Self.padding))
            memory.copyMemory(from: rest)
            old.deallocate()
        } else {
            memmove(memory.baseAddress!, rest.baseAddress!, rest.count)
        }
        offset += position
        count = rest.count
        try fill()
    }

    private func fill() throws(DataError) {
        let room = memory.count - Self.padding
        count += try source.read(into: UnsafeMutableRawBufferPointer(rebasing: memory[count..<room]))
        isLast = count < room
        for at in count..<count + Self.padding { memory[at] = 0 }
    }

    private static func allocate(_ room: Int) -> (UnsafeMutableRawBufferPointer, UnsafePointer<UInt8>) {
        let memory = UnsafeMutableRawPointer.allocate(byteCount: room + padding, alignment: 64)
        let bytes = memory.bindMemory(to: UInt8.self, capacity: room + padding)
        return (UnsafeMutableRawBufferPointer(start: memory, count: room + padding), UnsafePointer(bytes))
    }
}
