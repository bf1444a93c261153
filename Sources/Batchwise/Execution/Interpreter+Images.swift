/// Padding and pooling over images `[height, width, channels]`.
extension Interpreter {
    /// Puts pixel (i, j) at (top + i (1 + betweenRows), left + j (1 + betweenColumns)), if that is inside.
    static func pad(_ shape: PadShape, _ x: [Scalar]) -> [Scalar] {
        let images = x.count / (shape.height * shape.width * shape.channels)
        var y = [Scalar](repeating: 0, count: images * shape.outHeight * shape.outWidth * shape.channels)
        for image in 0..<images {
            for row in 0..<shape.height {
                for column in 0..<shape.width {
                    let toRow = shape.top + row * (1 + shape.betweenRows)
                    let toColumn = shape.left + column * (1 + shape.betweenColumns)
                    guard (0..<shape.outHeight).contains(toRow), (0..<shape.outWidth).contains(toColumn) else {
                        continue
                    }
                    for channel in 0..<shape.channels {
                        let from = ((image * shape.height + row) * shape.width + column) * shape.channels + channel
                        let to = (image * shape.outHeight + toRow) * shape.outWidth + toColumn
                        y[to * shape.channels + channel] = x[from]
                    }
                }
            }
        }
        return y
    }

    /// The largest number of each window; not a number where one is.
    static func maxPool(_ shape: PoolShape, _ x: [Scalar]) -> [Scalar] {
        shape.windows(count: x.count).map { window in
            var largest = x[window[0]]
            for place in window where x[place] > largest || x[place].isNaN { largest = x[place] }
            return largest
        }
    }

    /// The slope of each window goes to the first of its largest numbers.
    static func maxPoolGradient(_ shape: PoolShape, _ x: [Scalar], _ dy: [Scalar]) -> [Scalar] {
        var dx = [Scalar](repeating: 0, count: x.count)
        for (window, slope) in zip(shape.windows(count: x.count), dy) {
            var first = window[0]
            for place in window where x[place] > x[first] { first = place }
            dx[first] += slope
        }
        return dx
    }

    /// The mean of each window.
    static func averagePool(_ shape: PoolShape, _ x: [Scalar]) -> [Scalar] {
        shape.windows(count: x.count).map { window in
            Scalar(window.reduce(0.0) { $0 + Double(x[$1]) } / Double(window.count))
        }
    }

    /// The slope of each window is shared out among its numbers.
    static func averagePoolGradient(_ shape: PoolShape, _ dy: [Scalar]) -> [Scalar] {
        let images = dy.count / (shape.outHeight * shape.outWidth * shape.channels)
        var dx = [Double](repeating: 0, count: images * shape.height * shape.width * shape.channels)
        for (window, slope) in zip(shape.windows(count: dx.count), dy) {
            for place in window { dx[place] += Double(slope) / Double(window.count) }
        }
        return dx.map { Scalar($0) }
    }
}

extension PoolShape {
    /// For each output number in order, the indices of the inputs that it sees, row by row.
    fileprivate func windows(count: Int) -> [[Int]] {
        var windows: [[Int]] = []
        for image in 0..<count / (height * width * channels) {
            for outRow in 0..<outHeight {
                for outColumn in 0..<outWidth {
                    for channel in 0..<channels {
                        var window: [Int] = []
                        for row in outRow * strideHeight..<outRow * strideHeight + windowHeight {
                            for column in outColumn * strideWidth..<outColumn * strideWidth + windowWidth {
                                window.append(((image * height + row) * width + column) * channels + channel)
                            }
                        }
                        windows.append(window)
                    }
                }
            }
        }
        return windows
    }
}
