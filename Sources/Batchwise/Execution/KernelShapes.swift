import CKernels

// What kernels are told of the operations of a graph.

extension Unary {
    var kernel: (kind: bw_unary_kind, constant: Float) {
        switch self {
        case .relu: (BW_RELU, 0)
        case .leakyRelu(let slope): (BW_LEAKY_RELU, slope)
        case .tanh: (BW_TANH, 0)
        case .sigmoid: (BW_SIGMOID, 0)
        case .gelu: (BW_GELU, 0)
        case .silu: (BW_SILU, 0)
        case .exp: (BW_EXP, 0)
        case .log: (BW_LOG, 0)
        case .sqrt: (BW_SQRT, 0)
        case .square: (BW_SQUARE, 0)
        case .reciprocal: (BW_RECIPROCAL, 0)
        case .scale(let factor): (BW_SCALE, factor)
        case .offset(let offset): (BW_OFFSET, offset)
        }
    }
}

extension Binary {
    var kernel: bw_binary_kind {
        switch self {
        case .add: BW_ADD
        case .subtract: BW_SUBTRACT
        case .multiply: BW_MULTIPLY
        case .divide: BW_DIVIDE
        }
    }
}

extension ConvolutionShape {
    var kernel: bw_convolution_shape {
        bw_convolution_shape(
            in_height: inHeight, in_width: inWidth, in_channels: inChannels, out_height: outHeight,
            out_width: outWidth, out_channels: outChannels, kernel_height: kernelHeight, kernel_width: kernelWidth,
            stride_height: strideHeight, stride_width: strideWidth, dilation_height: dilationHeight,
            dilation_width: dilationWidth, groups: groups)
    }
}

extension PadShape {
    var kernel: bw_pad_shape {
        bw_pad_shape(
            height: height, width: width, channels: channels, out_height: outHeight, out_width: outWidth, top: top,
            left: left, between_rows: betweenRows, between_columns: betweenColumns)
    }
}

extension PoolShape {
    var kernel: bw_pool_shape {
        bw_pool_shape(
            height: height, width: width, channels: channels, out_height: outHeight, out_width: outWidth,
            window_height: windowHeight, window_width: windowWidth, stride_height: strideHeight,
            stride_width: strideWidth)
    }
}
