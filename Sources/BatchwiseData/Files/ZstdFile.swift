import Batchwise
internal import CZstd

/// Unpacks a Zstandard file, piece by piece, straight into the caller's memory.
///
/// Several frames in a row are one stream, as in zstd itself; anything else behind the last is an error. It takes as
/// much memory as the frame's window: at most ten times the file, or the 8 MiB that RFC 8878 asks every reader for. A
/// file that was packed from a pipe may name a larger window, which it does not use.
final class ZstdFile {
    private static let chunk = 1 << 16
    /// The sizes of a window, as powers of 2: every reader should accept the smaller, and zstd itself accepts the
    /// larger by default.
    private static let windows = 23...27

    private let file: InputFile
    private let context: OpaquePointer
    private let input: UnsafeMutableRawBufferPointer
    /// The part of `input` that is still to be unpacked.
    private var packed: ZSTD_inBuffer
    private var isInFrame = true

    init(_ file: InputFile) throws(DataError) {
        guard let context = ZSTD_createDCtx() else {
            throw .readFailed(file: file.path, reason: "no memory to unpack it")
        }
        self.file = file
        self.context = context
        input = .allocate(byteCount: Self.chunk, alignment: 16)
        packed = ZSTD_inBuffer(src: input.baseAddress, size: 0, pos: 0)
        let window = Self.windows.last { (1 << $0) / 10 <= file.length } ?? Self.windows.lowerBound
        ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, Int32(window))
    }

    deinit {
        ZSTD_freeDCtx(context)
        input.deallocate()
    }

    /// The length that the first frame claims to have unpacked, or nil where it does not say.
    static func claimedLength(of file: InputFile) throws(DataError) -> Int? {
        var header = [UInt8](repeating: 0, count: 18)
        let found = try header.withUnsafeMutableBufferPointer { (buffer) throws(DataError) in
            try file.peek(at: 0, into: UnsafeMutableRawBufferPointer(buffer))
        }
        let claimed = ZSTD_getFrameContentSize(header, found)
        // The two largest numbers mean that it is unknown, and that there is no frame.
        return claimed >= UInt64.max - 1 ? nil : Int(clamping: claimed)
    }

    /// Fills the buffer; returns fewer bytes than asked only at the end, where every checksum has been verified.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(DataError) -> Int {
        var unpacked = ZSTD_outBuffer(dst: buffer.baseAddress, size: buffer.count, pos: 0)
        while unpacked.pos < unpacked.size {
            let isLast = packed.pos == packed.size ? try refill() == 0 : false
            if isLast, !isInFrame { break }
            // frames of versions before 1.0 would have windows of their own
            if !isInFrame, input[packed.pos] != 0x28, input[packed.pos] & 0xF0 != 0x50 {
                throw corrupt("something else follows it")
            }
            let before = unpacked.pos
            let wasInFrame = isInFrame
            let status = ZSTD_decompressStream(context, &unpacked, &packed)
            if ZSTD_getErrorCode(status) == ZSTD_error_frameParameter_windowTooLarge {
                throw .unsupported(
                    file: file.path,
                    detail: "asks for more than ten times its size to be unpacked; pack it again with zstd --long=23")
            }
            guard ZSTD_isError(status) == 0 else {
                throw corrupt(wasInFrame ? String(cString: ZSTD_getErrorName(status)) : "something else follows it")
            }
            isInFrame = status != 0
            // zstd holds no more bytes back, and the frame goes on behind the end of the file
            if isLast, isInFrame, unpacked.pos == before { throw corrupt("it ends too early") }
        }
        return unpacked.pos
    }

    private func refill() throws(DataError) -> Int {
        packed = ZSTD_inBuffer(src: input.baseAddress, size: try file.read(into: input), pos: 0)
        return packed.size
    }

    private func corrupt(_ detail: String) -> DataError {
        .corruptFile(file: file.path, format: "Zstandard", detail: detail)
    }
}
