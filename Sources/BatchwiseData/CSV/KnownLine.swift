/// A line of the text without its end, to be recognised where it comes again.
struct KnownLine: Sendable {
    let bytes: [UInt8]
    /// The first eight bytes, and the bits of them that the line has.
    let word, mask: UInt64

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        let count = min(8, bytes.count)
        mask = count == 8 ? .max : (1 << UInt64(8 * count)) - 1
        word =
            (bytes + [UInt8](repeating: 0, count: 8)).withUnsafeBufferPointer {
                ByteWord($0.baseAddress!).bits
            } & mask
    }
}
