import CKernels

package struct PoolShape: Hashable, Sendable {
    package var height, width, channels: Int
    package var outHeight, outWidth: Int
    package var windowHeight, windowWidth, strideHeight, strideWidth: Int
}

extension PoolShape {
    /// The shapes of the images before and after pooling.
    var input: Shape { .batch([height, width, channels]) }
    var output: Shape { .batch([outHeight, outWidth, channels]) }

    var kernel: bw_pool_shape {
        bw_pool_shape(
            height: height, width: width, channels: channels, out_height: outHeight, out_width: outWidth,
            window_height: windowHeight, window_width: windowWidth, stride_height: strideHeight,
            stride_width: strideWidth)
    }

    /// For each output number in order, the indices of the inputs that it sees, row by row. `count` is how many inputs
    /// there are.
    func windows(count: Int) -> [[Int]] {
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
