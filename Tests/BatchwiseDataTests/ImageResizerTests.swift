import Testing

@testable import Batchwise
@testable import BatchwiseData
@testable import Foundations

@Suite struct ImageResizerTests {
    private func resized(
        _ pixels: [UInt8], _ height: Int, _ width: Int, to newHeight: Int, _ newWidth: Int, channels: Int = 1
    ) -> [UInt8] {
        let from = ImageShape(height: height, width: width, channels: channels)
        let to = ImageShape(height: newHeight, width: newWidth, channels: channels)
        let resizer = ImageResizer(from: from, to: to)
        return [UInt8](unsafeUninitializedCapacity: to.count) { buffer, count in
            guard let target = buffer.baseAddress else { return }
            resizer.resize(pixels, into: target)
            count = to.count
        }
    }

    /// Small cases, worked out by hand.
    @Test func shrinkingAveragesAreas() {
        // (1 + 2 + 5 + 7) / 4 = 3.75
        #expect(resized([1, 2, 5, 7], 2, 2, to: 1, 1) == [4])
        // halves go up: (1 + 2) / 2
        #expect(resized([1, 2], 1, 2, to: 1, 1) == [2])
        // three pixels to two: (2 * 10 + 40) / 3 = 20, (40 + 2 * 100) / 3 = 80
        #expect(resized([10, 40, 100], 1, 3, to: 1, 2) == [20, 80])
        #expect(resized([10, 40, 100], 3, 1, to: 2, 1) == [20, 80])
    }

    @Test func enlargingDrawsLinesBetweenMiddles() {
        // two pixels to four lie at -1/4, 1/4, 3/4, 5/4
        #expect(resized([0, 100], 1, 2, to: 1, 4) == [0, 25, 75, 100])
        // two to three: at -1/6, 1/2, 7/6
        #expect(resized([0, 9], 1, 2, to: 1, 3) == [0, 5, 9])
        #expect(resized([0, 100, 200, 40], 2, 2, to: 2, 4) == [0, 25, 75, 100, 200, 160, 80, 40])
    }

    @Test func channelsStayApart() {
        #expect(resized([0, 10, 200, 2, 30, 100], 1, 2, to: 1, 1, channels: 3) == [1, 20, 150])
    }

    /// The resizer agrees with means in Double over many shapes, also where one axis gets shorter and the other longer.
    @Test func anyShapeIsTheWeightedMean() {
        for (height, width, newHeight, newWidth) in [
            (7, 5, 3, 4), (3, 4, 7, 9), (6, 3, 2, 8), (13, 1, 5, 3), (5, 9, 5, 4),
        ] {
            let pixels = (0..<height * width).map { UInt8($0 * 97 % 256) }
            let found = resized(pixels, height, width, to: newHeight, newWidth)
            for row in 0..<newHeight {
                for column in 0..<newWidth {
                    var mean = 0.0
                    for y in 0..<height {
                        for x in 0..<width {
                            mean +=
                                Double(pixels[y * width + x]) * share(of: y, in: row, height, newHeight)
                                * share(of: x, in: column, width, newWidth)
                        }
                    }
                    #expect(abs(Double(found[row * newWidth + column]) - mean) <= 0.5 + 1e-9)
                }
            }
        }
    }

    /// The weight of pixel `old` in pixel `new` along an axis, from the definition.
    private func share(of old: Int, in new: Int, _ count: Int, _ newCount: Int) -> Double {
        let scale = Double(count) / Double(newCount)
        if newCount <= count {
            let overlap = min(Double(old + 1), Double(new + 1) * scale) - max(Double(old), Double(new) * scale)
            return max(0, overlap) / scale
        }
        let place = min(max((Double(new) + 0.5) * scale - 0.5, 0), Double(count - 1))
        return max(0, 1 - abs(place - Double(old)))
    }
}
