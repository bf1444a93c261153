import CKernels

/// One call of a kernel. Offsets of tensors are in floats from the start of a worker's arena, those of parameters from the
/// start of the parameter vector; `lead` is the number of rows that an example has.
enum Instruction {
    case dense(x: Int, weight: Int, bias: Int?, y: Int, lead: Int, inputs: Int, outputs: Int)
    /// `mirror` is the transposed copy of the weight.
    case denseInputGradient(dy: Int, mirror: Int, dx: Int, lead: Int, inputs: Int, outputs: Int)
    /// A forward convolution reads `parameters`, an input gradient the flipped copy in `mirrors`.
    case convolution(bw_convolution_shape, x: Int, weight: Int, bias: Int?, y: Int, mirrored: Bool)
    case pad(bw_pad_shape, x: Int, y: Int)
    case unary(bw_unary_kind, constant: Float, x: Int, y: Int, width: Int)
    case unaryGradient(bw_unary_kind, constant: Float, reference: Int, dy: Int, dx: Int, width: Int)
    case binary(bw_binary_kind, a: Int, b: Int, y: Int, width: Int)
    case binaryVector(bw_binary_kind, a: Int, parameter: Int, y: Int, lead: Int, width: Int)
    case binaryScalar(bw_binary_kind, a: Int, b: Int, y: Int, lead: Int, width: Int)
    case dropout(rate: Float, stream: Int, x: Int, y: Int, width: Int)
    case sumLast(x: Int, y: Int, lead: Int, width: Int)
    case spreadLast(x: Int, y: Int, lead: Int, width: Int)
    case maxPool(bw_pool_shape, x: Int, y: Int)
    case maxPoolGradient(bw_pool_shape, x: Int, dy: Int, dx: Int)
    case averagePool(bw_pool_shape, x: Int, y: Int)
    case averagePoolGradient(bw_pool_shape, dy: Int, dx: Int)
    case moments(Normalisation, x: Int, y: Int)
    case normalise(Normalisation, x: Int, moments: Int, y: Int)
    case normaliseGradient(Normalisation, normal: Int, moments: Int, dy: Int, dx: Int)
    case runningNormalise(epsilon: Float, x: Int, mean: Int?, variance: Int, y: Int, lead: Int, channels: Int)
    case embedding(ids: Int, table: Int, y: Int, length: Int, width: Int)
    /// Writes (loss, right) pairs, and the gradient where `gradient` says where to.
    case loss(Loss, prediction: Int, target: Int, share: Int, losses: Int, gradient: Int?, width: Int)
}

/// A gradient of a parameter from the tensors of a batch, for some rows of the parameter seen as a matrix.
enum Reduction {
    case dense(x: Int, dy: Int, lead: Int, inputs: Int, outputs: Int)
    case convolution(bw_convolution_shape, x: Int, dy: Int)
    case embedding(ids: Int, dy: Int, length: Int, width: Int)
    case sumRows(dy: Int, lead: Int, width: Int)
}

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
