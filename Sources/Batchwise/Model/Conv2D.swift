/// A two-dimensional convolution (cross-correlation, as everywhere in the field).
///
/// # Shapes
/// `[batch, height, width, channels]` to `[batch, outHeight, outWidth, filters]` with
/// out = (in + padding - dilation (kernel - 1) - 1) / stride + 1, rounded down. Parameters: `weight` (in files
/// `[filters, channels / groups, kernel, kernel]`), `bias` `[filters]`.
public struct Conv2D: PrimitiveLayer {
    /// The zeros around an image.
    public enum Padding: Hashable, Sendable {
        /// No padding.
        case valid
        /// dilation (kernel - 1) zeros along each axis, half of them on either side (an odd one goes below and to the
        /// right), so that out = in / stride, rounded up.
        case same
        /// The image gets this many zeros on every side.
        case pixels(Int)
    }

    /// The number of output channels.
    public var filters: Int
    /// The height and width of the kernel, in pixels.
    public var kernel: Int
    /// The distance between neighbouring windows, in pixels along each axis.
    public var stride: Int
    /// The zeros around the image.
    public var padding: Padding
    /// The distance between neighbouring kernel elements, in pixels; 1 leaves no gaps.
    public var dilation: Int
    /// The number of groups of channels that are convolved apart; it divides the channels and the filters.
    public var groups: Int
    /// Whether a bias is added to each output channel.
    public var bias: Bool
    /// The rule for the first values of the weight.
    public var initialisation: WeightInitialisation

    /// A convolution with a square kernel. By default it has stride 1, no padding, no dilation, one group, a bias and
    /// He initialisation.
    public init(
        filters: Int, kernel: Int, stride: Int = 1, padding: Padding = .valid, dilation: Int = 1, groups: Int = 1,
        bias: Bool = true, initialisation: WeightInitialisation = .he
    ) {
        self.filters = filters
        self.kernel = kernel
        self.stride = stride
        self.padding = padding
        self.dilation = dilation
        self.groups = groups
        self.bias = bias
        self.initialisation = initialisation
    }

    /// Adds the convolution and its parameters to the graph. Throws where `x` is no image or a setting does not fit it.
    public func lower(_ x: Symbol, into graph: inout GraphBuilder) throws(GraphError) -> Symbol {
        let lengths = x.shape.lengths
        guard x.shape.hasBatch, lengths.count == 3 else {
            throw .shape(at: graph.path, expected: GraphError.image, found: x.shape)
        }
        let (height, width, channels) = (lengths[0], lengths[1], lengths[2])
        for (name, value) in [
            ("filters", filters), ("kernel", kernel), ("stride", stride), ("dilation", dilation), ("groups", groups),
        ] where value < 1 || value > .largestSetting {
            throw .setting(at: graph.path, "conv has \(name) \(value): give it 1 to \(Int.largestSetting)")
        }
        guard channels % groups == 0, filters % groups == 0 else {
            throw .setting(
                at: graph.path, "\(groups) groups do not divide \(channels) channels and \(filters) filters")
        }
        let (top, outHeight) = try place(height, x.shape, graph.path)
        let (left, outWidth) = try place(width, x.shape, graph.path)
        let reach = dilation * (kernel - 1) + 1
        let padded = PadShape(
            height: height, width: width, channels: channels,
            outHeight: max((outHeight - 1) * stride + reach, top + height),
            outWidth: max((outWidth - 1) * stride + reach, left + width), top: top, left: left)
        let shape = ConvolutionShape(
            inHeight: padded.outHeight, inWidth: padded.outWidth, inChannels: channels, outHeight: outHeight,
            outWidth: outWidth, outChannels: filters, kernelHeight: kernel, kernelWidth: kernel, strideHeight: stride,
            strideWidth: stride, dilationHeight: dilation, dilationWidth: dilation, groups: groups)
        var input = x
        if padded.outHeight != height || padded.outWidth != width {
            input = x.then(.pad(padded))
        }
        if let failure = graph.recorder.failure { throw failure }
        let fan = kernel * kernel * channels / groups
        let weight = graph.parameter(
            "weight", [groups, kernel, kernel, channels / groups, filters / groups],
            initialisation.resolved(inputs: fan, outputs: kernel * kernel * filters / groups), layout: .convolution,
            decays: true)
        let others = [weight] + (bias ? [graph.parameter("bias", [filters], .zeros)] : [])
        return input.then(.convolution(shape), with: others)
    }

    /// Zeros before the first pixel, and how many outputs there are, along one axis.
    private func place(_ length: Int, _ found: Shape, _ path: String) throws(GraphError) -> (Int, Int) {
        let reach = dilation * (kernel - 1) + 1
        switch padding {
        case .same:
            return (dilation * (kernel - 1) / 2, (length + stride - 1) / stride)
        case .valid, .pixels:
            let zeros = if case .pixels(let pixels) = padding { pixels } else { 0 }
            guard (0...Int.largestSetting).contains(zeros) else {
                throw .setting(at: path, "conv has padding \(zeros): give it 0 to \(Int.largestSetting)")
            }
            guard length + 2 * zeros >= reach else {
                throw .shape(
                    at: path, expected: "an image of at least \(reach - 2 * zeros) pixels a side", found: found)
            }
            return (zeros, (length + 2 * zeros - reach) / stride + 1)
        }
    }
}

extension Conv2D: NotatedLayer {
    static let notation = "conv"

    init(from reader: inout RecipeReader) throws(RecipeError) {
        guard let filters = try reader.int("filters") else {
            throw reader.missing("filters", "the number of output channels")
        }
        guard let kernel = try reader.int("kernel") else {
            throw reader.missing("kernel", "the window's size in pixels")
        }
        let padding: Padding
        switch reader.value("padding") {
        case nil, .string("valid"): padding = .valid
        case .string("same"): padding = .same
        case .int(let pixels) where pixels >= 0: padding = .pixels(pixels)
        case let other:
            throw .value(
                at: reader.at("padding"), expected: "same, valid or a number of pixels", found: other?.text ?? "nothing"
            )
        }
        self.init(
            filters: filters, kernel: kernel, stride: try reader.int("stride") ?? 1, padding: padding,
            dilation: try reader.int("dilation") ?? 1, groups: try reader.int("groups") ?? 1,
            bias: try reader.bool("bias") ?? true,
            initialisation: try reader.choice("initialisation", WeightInitialisation.self) ?? .he)
    }

    var settings: [RecipeValue.Entry] {
        var entries: [RecipeValue.Entry] = [.init("filters", .int(filters)), .init("kernel", .int(kernel))]
        if stride != 1 { entries.append(.init("stride", .int(stride))) }
        switch padding {
        case .valid: break
        case .same: entries.append(.init("padding", .string("same")))
        case .pixels(let pixels): entries.append(.init("padding", .int(pixels)))
        }
        if dilation != 1 { entries.append(.init("dilation", .int(dilation))) }
        if groups != 1 { entries.append(.init("groups", .int(groups))) }
        if !bias { entries.append(.init("bias", .bool(false))) }
        if initialisation != .he { entries.append(.init("initialisation", .string(initialisation.rawValue))) }
        return entries
    }
}
