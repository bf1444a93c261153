import Foundation

/// The changes to the images of a training set, each time that they are seen: a pure function of seed, epoch and
/// example.
///
/// ```yaml
/// augment: [{crop: 4}, flip, {rotate: 15}, {brightness: 0.2}, {cutout: 8}]
/// ```
/// Steps are made in their order. Images are `[height, width, channels]`; test images stay as they are.
public struct Augmentation: Hashable, Sendable {
    /// One change to an image, or to the images of a batch.
    public enum Step: Hashable, Sendable {
        /// Cuts the image out of itself with `padding` black pixels on each side, at a place that is drawn.
        case crop(padding: Int)
        /// Mirrors half of the images left to right.
        case flip
        /// Turns by an angle from -`degrees` to `degrees`, bilinear, with black corners.
        case rotate(degrees: Double)
        /// Multiplies the light of the image by a factor from 1 - `amount` to 1 + `amount`.
        case brightness(Double)
        /// Replaces a square of `size` pixels a side, whose centre may be anywhere, by the mean of the training set
        /// (DeVries and Taylor, "Improved regularization of convolutional neural networks with cutout", 2017).
        case cutout(size: Int)
        /// Mixes the images and targets of a batch in pairs: the first with the last, the second with the one before
        /// it, and so on. Each takes its own part from Beta(`alpha`, `alpha`) and the rest from the other (Zhang et
        /// al., "mixup: beyond empirical risk minimization", 2018). It comes after all other steps, and serves features
        /// of any kind.
        case mixup(alpha: Double)
    }

    /// The changes, in the order in which they are made.
    public var steps: [Step]

    /// An augmentation by these steps, in this order. Without steps, images stay as they are.
    public init(_ steps: [Step] = []) { self.steps = steps }

    /// Whether there is a step that changes single images.
    var changesImages: Bool { steps.contains { if case .mixup = $0 { false } else { true } } }

    /// The parameter of mixing, where a step mixes.
    var mixup: Double? {
        for case .mixup(let alpha) in steps { return alpha }
        return nil
    }
}

/// The places of an image's pixels among its features, and the value of black.
struct PixelGrid {
    let height, width, channels: Int
    let black: Float

    /// The grid of examples of this shape; nil unless the shape is `[height, width, channels]`.
    init?(_ data: Dataset) {
        guard data.featureShape.count == 3 else { return nil }
        (height, width, channels) = (data.featureShape[0], data.featureShape[1], data.featureShape[2])
        black =
            switch data.features {
            case .bytes(_, _, let shift): shift
            case .streamed(let features):
                if case .bytes(_, let shift) = features.element { shift } else { 0 }
            case .floats, .sparse: 0
            }
    }
}

extension Augmentation {
    /// Changes one image in place; `scratch` has room for another.
    func apply(
        to image: UnsafeMutablePointer<Float>, _ shape: PixelGrid, _ random: CounterRandom,
        scratch: UnsafeMutablePointer<Float>
    ) {
        for (index, step) in steps.enumerated() {
            let draws = random.keyed(by: UInt64(index))
            func below(_ bound: Int, at counter: UInt64) -> Int {
                Int(draws.bits(at: counter).multipliedFullWidth(by: UInt64(bound)).high)
            }
            func from(_ lower: Double, to upper: Double) -> Double { lower + (upper - lower) * draws.uniform(at: 0) }
            switch step {
            case .crop(let padding):
                let (down, right) = (below(2 * padding + 1, at: 0) - padding, below(2 * padding + 1, at: 1) - padding)
                shape.move(image, down, right, scratch)
            case .flip: if draws.bits(at: 0) & 1 == 1 { shape.mirror(image) }
            case .rotate(let degrees):
                shape.turn(image, by: from(-degrees, to: degrees) * .pi / 180, scratch)
            case .brightness(let amount):
                let factor = Float(from(1 - amount, to: 1 + amount))
                for place in 0..<shape.count { image[place] = shape.black + (image[place] - shape.black) * factor }
            case .cutout(let size):
                let row = below(shape.height, at: 0) - size / 2
                let column = below(shape.width, at: 1) - size / 2
                shape.fill(image, rows: row..<row + size, columns: column..<column + size, with: 0)
            case .mixup: break  // of whole batches: see LoadedRows
            }
        }
    }
}

extension PixelGrid {
    var count: Int { height * width * channels }

    /// The pixel at (row, column) becomes the one that was at (row + down, column + right), or black.
    fileprivate func move(
        _ image: UnsafeMutablePointer<Float>, _ down: Int, _ right: Int, _ scratch: UnsafeMutablePointer<Float>
    ) {
        scratch.update(from: image, count: count)
        image.update(repeating: black, count: count)
        let columns = max(0, -right)..<max(max(0, -right), width - max(0, right))
        for row in max(0, -down)..<max(max(0, -down), height - max(0, down)) {
            let from = ((row + down) * width + columns.lowerBound + right) * channels
            (image + (row * width + columns.lowerBound) * channels)
                .update(from: scratch + from, count: columns.count * channels)
        }
    }

    fileprivate func mirror(_ image: UnsafeMutablePointer<Float>) {
        for row in 0..<height {
            let line = image + row * width * channels
            for column in 0..<width / 2 {
                for channel in 0..<channels {
                    let (left, right) = (column * channels + channel, (width - 1 - column) * channels + channel)
                    (line[left], line[right]) = (line[right], line[left])
                }
            }
        }
    }

    /// Turns about the centre; every pixel is the bilinear mean of the four that its place came from.
    fileprivate func turn(
        _ image: UnsafeMutablePointer<Float>, by angle: Double, _ scratch: UnsafeMutablePointer<Float>
    ) {
        scratch.update(from: image, count: count)
        let (sine, cosine) = (Float(sin(angle)), Float(cos(angle)))
        let (middleY, middleX) = (Float(height - 1) / 2, Float(width - 1) / 2)
        func pixel(_ row: Int, _ column: Int, _ channel: Int) -> Float {
            guard row >= 0, row < height, column >= 0, column < width else { return black }
            return scratch[(row * width + column) * channels + channel]
        }
        for row in 0..<height {
            for column in 0..<width {
                let (dy, dx) = (Float(row) - middleY, Float(column) - middleX)
                let y = middleY + cosine * dy - sine * dx
                let x = middleX + sine * dy + cosine * dx
                let (top, left) = (y.rounded(.down), x.rounded(.down))
                let (down, right) = (y - top, x - left)
                let (r, c) = (Int(top), Int(left))
                for channel in 0..<channels {
                    let above = pixel(r, c, channel) * (1 - right) + pixel(r, c + 1, channel) * right
                    let below = pixel(r + 1, c, channel) * (1 - right) + pixel(r + 1, c + 1, channel) * right
                    image[(row * width + column) * channels + channel] = above * (1 - down) + below * down
                }
            }
        }
    }

    fileprivate func fill(
        _ image: UnsafeMutablePointer<Float>, rows: Range<Int>, columns: Range<Int>, with value: Float
    ) {
        for row in rows.clamped(to: 0..<height) {
            for column in columns.clamped(to: 0..<width) {
                for channel in 0..<channels { image[(row * width + column) * channels + channel] = value }
            }
        }
    }
}
