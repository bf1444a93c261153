import Batchwise

/// The turn of images from channels first to channels last: planes of one channel each become pixels whose channels
/// stand side by side.
struct ChannelTurn: Sendable {
    private let channels: Int
    /// The number of pixels of an image.
    private let pixels: Int
    /// The shape of an image afterwards: height, width, channels.
    let shape: [Int]

    /// The turn of images of the shape `[channels, height, width]`.
    init(from shape: [Int]) {
        (channels, pixels) = (shape[0], shape[1] * shape[2])
        self.shape = [shape[1], shape[2], shape[0]]
    }

    /// The turn to images of the shape `[height, width, channels]`.
    init(to shape: [Int]) { self.init(from: [shape[2], shape[0], shape[1]]) }

    /// Turns the numbers of whole images.
    func turned<Number: BitwiseCopyable>(_ planes: [Number]) -> [Number] {
        // a single plane is in the order of its pixels already
        if channels == 1 { return planes }
        return [Number](unsafeUninitializedCapacity: planes.count) { images, initialized in
            planes.withUnsafeBufferPointer { write($0, to: images) }
            initialized = planes.count
        }
    }

    /// Turns the numbers of whole images, of so many bytes each, into another buffer.
    func write(_ planes: UnsafeRawBufferPointer, to images: UnsafeMutableRawBufferPointer, size: Int) {
        switch size {
        case 1: write(planes.bindMemory(to: UInt8.self), to: images.bindMemory(to: UInt8.self))
        case 4: write(planes.bindMemory(to: UInt32.self), to: images.bindMemory(to: UInt32.self))
        default: write(planes.bindMemory(to: UInt64.self), to: images.bindMemory(to: UInt64.self))
        }
    }

    @inline(__always)
    private func write<Number: BitwiseCopyable>(
        _ planes: UnsafeBufferPointer<Number>, to images: UnsafeMutableBufferPointer<Number>
    ) {
        for image in stride(from: 0, to: planes.count, by: channels * pixels) {
            for channel in 0..<channels {
                let plane = image + channel * pixels
                for pixel in 0..<pixels {
                    images.initializeElement(at: image + pixel * channels + channel, to: planes[plane + pixel])
                }
            }
        }
    }
}

extension NumericArray {
    /// The array of images with their channels last.
    func turned(_ turn: ChannelTurn) -> NumericArray {
        let turned: Storage =
            switch storage {
            case .bytes(let numbers): .bytes(turn.turned(numbers))
            case .booleans(let numbers): .booleans(turn.turned(numbers))
            case .integers(let numbers): .integers(turn.turned(numbers))
            case .floats(let numbers): .floats(turn.turned(numbers))
            case .doubles(let numbers): .doubles(turn.turned(numbers))
            }
        return NumericArray(shape: [count] + turn.shape, storage: turned)
    }
}

extension ArrayRows {
    /// The rows as images with their channels last.
    func turned(_ turn: ChannelTurn) -> ArrayRows {
        switch self {
        case .memory(let array): .memory(array.turned(turn))
        case .files(let shards): .files(shards.turned(turn))
        }
    }
}
