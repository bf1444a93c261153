import Batchwise
internal import CZlib

/// Inflates a gzip file, piece by piece, straight into the caller's memory.
///
/// It holds 64 KiB of the compressed file and zlib's 32 KiB window, whatever the size of the file. Several members in a
/// row are one stream, as in gzip itself; zeros behind the last are padding; anything else is an error.
final class GzipFile {
    private static let chunk = 1 << 16

    private enum Place { case inMember, betweenMembers, atEnd }

    private let file: InputFile
    // zlib keeps the address of its stream, so the stream must not move.
    private let stream: UnsafeMutablePointer<z_stream>
    private let input: UnsafeMutableRawBufferPointer
    private var place = Place.inMember

    /// The length of the last member, which the file ends with: a hint.
    static func claimedLength(of file: InputFile) throws(DataError) -> Int {
        var last = [UInt8](repeating: 0, count: 4)
        _ = try last.withUnsafeMutableBufferPointer { (buffer) throws(DataError) in
            try file.peek(at: max(0, file.length - 4), into: UnsafeMutableRawBufferPointer(buffer))
        }
        return last.reversed().reduce(0) { $0 << 8 | Int($1) }
    }

    init(_ file: InputFile) throws(DataError) {
        self.file = file
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        input = .allocate(byteCount: Self.chunk, alignment: 16)
        let gzipOnly: Int32 = 15 + 16
        let status = inflateInit2_(stream, gzipOnly, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK else {
            throw .readFailed(file: file.path, reason: "zlib cannot start (\(status))")
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deinitialize(count: 1)
        stream.deallocate()
        input.deallocate()
    }

    /// Fills the buffer; returns fewer bytes than asked only at the end, where every checksum has been verified.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(DataError) -> Int {
        var done = 0
        while done < buffer.count, try hasInput() {
            // zlib counts in 32 bits.
            let room = min(buffer.count - done, 1 << 30)
            stream.pointee.next_out = buffer.baseAddress?.advanced(by: done).assumingMemoryBound(to: Bytef.self)
            stream.pointee.avail_out = UInt32(room)
            let status = inflate(stream, Z_NO_FLUSH)
            done += room - Int(stream.pointee.avail_out)
            switch status {
            case Z_OK, Z_BUF_ERROR: break
            case Z_STREAM_END: place = .betweenMembers
            case Z_MEM_ERROR: throw .readFailed(file: file.path, reason: "no memory to inflate it")
            default: throw corrupt(stream.pointee.msg.map { String(cString: $0) } ?? "not deflate data")
            }
        }
        return done
    }

    /// Makes sure that there are compressed bytes of a member to inflate; false at the end of the file.
    private func hasInput() throws(DataError) -> Bool {
        var skippedPadding = false
        while place != .atEnd {
            if stream.pointee.avail_in == 0 {
                let got = try file.read(into: input)
                stream.pointee.next_in = input.baseAddress?.assumingMemoryBound(to: Bytef.self)
                stream.pointee.avail_in = UInt32(got)
                if got == 0 {
                    guard place == .betweenMembers else { throw corrupt("it ends too early") }
                    place = .atEnd
                    break
                }
            }
            if place == .inMember { return true }
            if stream.pointee.next_in.pointee == 0 {
                stream.pointee.next_in += 1
                stream.pointee.avail_in -= 1
                skippedPadding = true
            } else if stream.pointee.next_in.pointee == 0x1f, !skippedPadding {
                inflateReset(stream)
                place = .inMember
                return true
            } else {
                throw corrupt("something else follows it")
            }
        }
        return false
    }

    private func corrupt(_ detail: String) -> DataError {
        .corruptGzip(file: file.path, detail: detail)
    }
}
