import Batchwise
internal import CImages

/// Decodes PNG and JPEG files, one after the other, and keeps its memory between them: one thread at a time.
///
/// Pixels are put upright as EXIF data tell, and shapes are those of upright images. Colour becomes gray by ITU-R BT.601, `(19595 R + 38470 G + 7471 B + 32768) >> 16`, then `ImageResizer` changes the
/// size, then gray becomes three equal channels. 16-bit channels are rounded to 8, alpha is dropped.
final class ImageDecoder {
    static let largestSide = Int(CIMAGES_SIDE)
    /// The most bytes of an image file: more than the largest image takes without compression.
    private static let largestFile = 1 << 30
    /// The length of the beginning of a file, in which the shape of the image nearly always stands.
    private static let headLength = 1 << 14

    private var file = UnsafeMutableRawBufferPointer.allocate(byteCount: ImageDecoder.headLength, alignment: 16)
    private var pixels = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 0)
    private var uprightPixels = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 0)
    private var resizer: ImageResizer?

    deinit {
        file.deallocate()
        pixels.deallocate()
        uprightPixels.deallocate()
    }

    /// Whether a file that begins with these bytes is an image.
    static func recognises(_ head: [UInt8]) -> Bool { cimages_recognises(head, head.count) != 0 }

    /// The shape of an image in its file, and its orientation. A PNG file that is longer than its beginning is read to
    /// the end, where EXIF data may stand.
    func header(of path: String) throws(DataError) -> ImageHeader {
        let input = try InputFile(path)
        var count = try input.read(into: UnsafeMutableRawBufferPointer(rebasing: file.prefix(Self.headLength)))
        var shape = cimages_shape()
        var reading = withMessage { cimages_read_shape(bytes, count, input.length, &shape, $0) }
        if reading.result != CIMAGES_OK, count < input.length {
            count = try read(InputFile(path))
            reading = withMessage { cimages_read_shape(bytes, count, count, &shape, $0) }
        }
        try require(reading, path)
        return ImageHeader(shape: ImageShape(upright: shape), isTurned: shape.orientation > 1)
    }

    /// Decodes an image into `wanted.count` bytes, and makes it of this shape where it is of another.
    func decode(_ path: String, as wanted: ImageShape, into target: UnsafeMutablePointer<UInt8>) throws(DataError) {
        let count = try read(InputFile(path))
        var shape = cimages_shape(
            height: Int32(wanted.height), width: Int32(wanted.width), channels: Int32(wanted.channels), orientation: 1)
        let direct = withMessage { cimages_decode(bytes, count, &shape, target, $0) }
        guard direct.result == CIMAGES_OTHER_SHAPE else { return try require(direct, path) }

        let found = ImageShape(upright: shape)
        Self.enlarge(&pixels, to: found.count)
        try require(withMessage { cimages_decode(bytes, count, &shape, pixels.baseAddress, $0) }, path)
        guard shape.orientation > 1 else { return convert(pixels, found, to: wanted, target) }
        Self.enlarge(&uprightPixels, to: found.count)
        cimages_turn(pixels.baseAddress, shape, uprightPixels.baseAddress)
        convert(uprightPixels, found, to: wanted, target)
    }

    private static func enlarge(_ buffer: inout UnsafeMutableBufferPointer<UInt8>, to count: Int) {
        guard buffer.count < count else { return }
        buffer.deallocate()
        buffer = .allocate(capacity: count)
    }

    private func convert(
        _ pixels: UnsafeMutableBufferPointer<UInt8>, _ found: ImageShape, to wanted: ImageShape,
        _ target: UnsafeMutablePointer<UInt8>
    ) {
        guard let source = pixels.baseAddress else { return }
        var shape = found
        if found.channels == 3, wanted.channels == 1 {
            shape.channels = 1
            for pixel in 0..<shape.count { source[pixel] = Self.gray(source + 3 * pixel) }
        }
        let resized = ImageShape(height: wanted.height, width: wanted.width, channels: shape.channels)
        if resizer?.from != shape || resizer?.to != resized { resizer = ImageResizer(from: shape, to: resized) }
        resizer?.resize(source, into: target)
        guard shape.channels == 1, wanted.channels == 3 else { return }
        for pixel in (0..<resized.count).reversed() {
            (target + 3 * pixel).update(repeating: target[pixel], count: 3)
        }
    }

    private static func gray(_ rgb: UnsafePointer<UInt8>) -> UInt8 {
        let (red, green, blue) = (UInt32(rgb[0]), UInt32(rgb[1]), UInt32(rgb[2]))
        let sum: UInt32 = 19595 * red + 38470 * green + 7471 * blue
        return UInt8((sum + 32768) >> 16)
    }

    // MARK: Files

    private var bytes: UnsafePointer<UInt8>? {
        UnsafePointer(file.baseAddress?.assumingMemoryBound(to: UInt8.self))
    }

    /// Reads a whole file, and returns how many bytes it has.
    private func read(_ input: InputFile) throws(DataError) -> Int {
        guard input.length <= Self.largestFile else {
            throw .tooLarge(file: input.path, bytes: input.length, limit: Self.largestFile)
        }
        if file.count < input.length {
            file.deallocate()
            file = .allocate(byteCount: input.length, alignment: 16)
        }
        return try input.read(into: UnsafeMutableRawBufferPointer(rebasing: file.prefix(input.length)))
    }

    private func withMessage(
        _ work: (UnsafeMutablePointer<CChar>) -> cimages_result
    ) -> (result: cimages_result, message: String) {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(CIMAGES_MESSAGE)) { buffer in
            guard let message = buffer.baseAddress else { return (CIMAGES_REFUSED, "") }
            message.initialize(repeating: 0, count: buffer.count)
            let result = work(message)
            return (result, result == CIMAGES_REFUSED ? String(cString: message) : "")
        }
    }

    private func require(_ found: (result: cimages_result, message: String), _ path: String) throws(DataError) {
        guard found.result == CIMAGES_OK else { throw .badImage(file: path, detail: found.message) }
    }
}

extension ImageShape {
    /// The shape of an image once its pixels are upright.
    fileprivate init(upright shape: cimages_shape) {
        let (height, width) = shape.orientation >= 5 ? (shape.width, shape.height) : (shape.height, shape.width)
        self.init(height: Int(height), width: Int(width), channels: Int(shape.channels))
    }
}
