/// Bytes in order: those of a file, or what is packed in one.
protocol ByteStream: AnyObject {
    /// Fills the buffer; returns fewer bytes than asked only at the end, where every checksum has been verified.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(DataError) -> Int
}

extension InputFile: ByteStream {}
extension GzipFile: ByteStream {}
extension ZstdFile: ByteStream {}
extension ZipMember: ByteStream {}
