import Batchwise
internal import CZlib

/// The bytes of one member of a zip archive, inflated where they are deflated; its length and checksum are verified as
/// its last byte is read.
final class ZipMember {
    private static let chunk = 1 << 16

    private let file: InputFile
    private let entry: ZipArchive.Entry
    // zlib keeps the address of its stream, so the stream must not move.
    private let stream: UnsafeMutablePointer<z_stream>
    private let input: UnsafeMutableRawBufferPointer
    /// The place of the next packed byte in the file.
    private var position: Int
    private var done = 0
    private var checksum = crc32(0, nil, 0)
    private var isVerified = false

    init(_ file: InputFile, _ entry: ZipArchive.Entry) throws(DataError) {
        self.file = file
        self.entry = entry
        position = entry.data.lowerBound
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        input = .allocate(byteCount: Self.chunk, alignment: 16)
        let withoutHeader: Int32 = -15
        let status = inflateInit2_(stream, withoutHeader, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK else { throw .readFailed(file: file.path, reason: "zlib cannot start (\(status))") }
    }

    deinit {
        inflateEnd(stream)
        stream.deinitialize(count: 1)
        stream.deallocate()
        input.deallocate()
    }

    /// Fills the buffer; returns fewer bytes than asked only at the end, where length and checksum have been verified.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(DataError) -> Int {
        let room = UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(buffer.count, entry.size - done)])
        let got = entry.isDeflated ? try inflated(into: room) : try stored(into: room)
        guard got == room.count else { throw corrupt("ends too early") }
        if got > 0 { checksum = crc32_z(checksum, room.baseAddress?.assumingMemoryBound(to: Bytef.self), got) }
        done += got
        if done == entry.size, !isVerified { try verify() }
        return got
    }

    private func stored(into buffer: UnsafeMutableRawBufferPointer) throws(DataError) -> Int {
        let got = try file.peek(at: position, into: buffer)
        position += got
        return got
    }

    private func inflated(into buffer: UnsafeMutableRawBufferPointer) throws(DataError) -> Int {
        var count = 0
        while count < buffer.count {
            if stream.pointee.avail_in == 0 { try refill() }
            // zlib counts in 32 bits.
            let room = min(buffer.count - count, 1 << 30)
            stream.pointee.next_out = buffer.baseAddress?.advanced(by: count).assumingMemoryBound(to: Bytef.self)
            stream.pointee.avail_out = UInt32(room)
            let status = inflate(stream, Z_NO_FLUSH)
            count += room - Int(stream.pointee.avail_out)
            switch status {
            case Z_OK: break
            // There is no more input, and zlib holds no more bytes back.
            case Z_STREAM_END, Z_BUF_ERROR: return count
            case Z_MEM_ERROR: throw .readFailed(file: file.path, reason: "no memory to inflate it")
            default: throw corrupt("is damaged")
            }
        }
        return count
    }

    private func refill() throws(DataError) {
        let rest = UnsafeMutableRawBufferPointer(
            rebasing: input[..<min(Self.chunk, entry.data.upperBound - position)])
        let got = try file.peek(at: position, into: rest)
        position += got
        stream.pointee.next_in = input.baseAddress?.assumingMemoryBound(to: Bytef.self)
        stream.pointee.avail_in = UInt32(got)
    }

    /// Verifies that nothing is left, and that the checksum is that of the list.
    private func verify() throws(DataError) {
        isVerified = true
        if entry.isDeflated {
            var byte = [UInt8](repeating: 0, count: 1)
            let more = try byte.withUnsafeMutableBufferPointer { (buffer) throws(DataError) in
                try inflated(into: UnsafeMutableRawBufferPointer(buffer))
            }
            guard more == 0, stream.pointee.avail_in == 0, position == entry.data.upperBound else {
                throw corrupt("is longer than the list says")
            }
        }
        guard Int(checksum) == entry.checksum else { throw corrupt("is damaged: its checksum is another") }
    }

    private func corrupt(_ detail: String) -> DataError {
        .corruptFile(file: file.path, format: "zip", detail: "\(entry.name) \(detail)")
    }
}
