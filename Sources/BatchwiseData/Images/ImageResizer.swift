import Batchwise

/// Changes the size of images of one shape, one channel at a time, in whole numbers: the same on every machine.
///
/// Along an axis of `old` pixels that gets `new` ones, pixel i of the new is
/// - a mean over the interval `[i, i + 1) * old / new` of the old axis, where it gets shorter (area averaging);
/// - the straight line between the two nearest old pixels at `(i + 1/2) * old / new - 1/2`, where it gets longer
///   (bilinear; beyond the outermost pixels, their value).
/// A pixel is the mean along both axes, rounded once to the nearest whole number, halves up.
final class ImageResizer {
    let from: ImageShape
    let to: ImageShape
    private let rows: Axis
    private let columns: Axis
    /// Two rows of the old image, each already as wide as the new one.
    private let narrowed: UnsafeMutableBufferPointer<UInt32>
    private var narrowedRows = [-1, -1]
    /// A row of the new image before the division.
    private let sums: UnsafeMutableBufferPointer<UInt64>

    /// A resizer from one shape to another, which must have the same number of channels.
    init(from: ImageShape, to: ImageShape) {
        self.from = from
        self.to = to
        rows = Axis(old: from.height, new: to.height)
        columns = Axis(old: from.width, new: to.width)
        narrowed = .allocate(capacity: 2 * to.width * to.channels)
        sums = .allocate(capacity: to.width * to.channels)
    }

    deinit {
        narrowed.deallocate()
        sums.deallocate()
    }

    /// Reads `from.count` bytes and writes `to.count`.
    func resize(_ source: UnsafePointer<UInt8>, into target: UnsafeMutablePointer<UInt8>) {
        guard from != to else { return target.update(from: source, count: to.count) }
        narrowedRows = [-1, -1]
        let width = sums.count
        let total = rows.sum * columns.sum
        for row in 0..<to.height {
            sums.update(repeating: 0)
            for tap in rows.taps(of: row) {
                let old = rows.first[row] + tap - rows.starts[row]
                guard let narrow = narrowedRow(old, source) else { continue }
                let weight = UInt64(rows.weights[tap])
                for place in 0..<width { sums[place] &+= weight &* UInt64(narrow[place]) }
            }
            // The division is exact: a quotient that is no whole number is further below the next one than the rounding
            // of a Double.
            let divisor = Double(total)
            for place in 0..<width {
                target[row * width + place] = UInt8(Double(sums[place] &+ total / 2) / divisor)
            }
        }
    }

    /// A row of the old image, as wide as the new one; the last two are kept, for they are often needed again.
    private func narrowedRow(_ row: Int, _ source: UnsafePointer<UInt8>) -> UnsafePointer<UInt32>? {
        let place = row & 1
        guard let base = narrowed.baseAddress else { return nil }
        let result = base + place * sums.count
        if narrowedRows[place] == row { return UnsafePointer(result) }
        narrowedRows[place] = row
        let channels = from.channels
        let source = source + row * from.width * channels
        columns.weights.withUnsafeBufferPointer { weights in
            for column in 0..<to.width {
                let taps = columns.taps(of: column)
                let first = source + columns.first[column] * channels
                for channel in 0..<channels {
                    var sum: UInt32 = 0
                    for tap in taps {
                        sum &+= weights[tap] &* UInt32(first[(tap - taps.lowerBound) * channels + channel])
                    }
                    result[column * channels + channel] = sum
                }
            }
        }
        return UnsafePointer(result)
    }
}

extension ImageResizer {
    /// The weights of the old pixels in every new pixel of an axis, as whole numbers with one sum.
    struct Axis {
        /// The first old pixel of each new one.
        private(set) var first: [Int] = []
        /// The place where the weights of each new pixel begin, and as a last entry where the last ones end.
        private(set) var starts = [0]
        private(set) var weights: [UInt32] = []
        let sum: UInt64

        /// Sums of weights are at most twice the longest side, 131,000, so that 255 times that fits 32 bits.
        init(old: Int, new: Int) {
            sum = UInt64(new > old ? 2 * new : old)
            for pixel in 0..<new {
                if new > old { addLine(pixel, old, new) } else { addInterval(pixel, old, new) }
                starts.append(weights.count)
            }
        }

        func taps(of pixel: Int) -> Range<Int> { starts[pixel]..<starts[pixel + 1] }

        /// In units of 1/new of an old pixel, the new one covers `[pixel * old, (pixel + 1) * old)`.
        private mutating func addInterval(_ pixel: Int, _ old: Int, _ new: Int) {
            let covered = pixel * old..<(pixel + 1) * old
            first.append(covered.lowerBound / new)
            for place in covered.lowerBound / new...(covered.upperBound - 1) / new {
                let overlap = covered.clamped(to: place * new..<(place + 1) * new)
                weights.append(UInt32(overlap.count))
            }
        }

        /// In units of 1/(2 new) of an old pixel, the new one lies at `(2 pixel + 1) old - new`.
        private mutating func addLine(_ pixel: Int, _ old: Int, _ new: Int) {
            let place = min(max((2 * pixel + 1) * old - new, 0), 2 * new * (old - 1))
            let rest = place % (2 * new)
            first.append(place / (2 * new))
            weights.append(UInt32(2 * new - rest))
            if rest > 0 { weights.append(UInt32(rest)) }
        }
    }
}
