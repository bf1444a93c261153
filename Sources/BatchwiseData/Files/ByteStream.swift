import Batchwise

/// A stream of bytes in order: those of a file, or those packed in one.
protocol ByteStream: AnyObject {
    /// Fills the buffer; returns fewer bytes than asked only at the end, where every checksum has been verified.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(DataError) -> Int
}

extension InputFile: ByteStream {}
extension GzipFile: ByteStream {}
extension ZstdFile: ByteStream {}
extension ZipMember: ByteStream {}

/// A stream of bytes that are in memory.
final class MemoryStream: ByteStream {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let part = rest.prefix(buffer.count)
        buffer.copyBytes(from: part)
        rest = rest.dropFirst(part.count)
        return part.count
    }
}
