/// The largest value of each window, channel by channel.
///
/// # Shapes
/// `[batch, h, w, c]` to `[batch, (h - size) / stride + 1, (w - size) / stride + 1, c]`, rounded down.
public struct MaxPool2D: PrimitiveLayer {
    /// The height and width of a window, in pixels.
    public var size: Int
    /// The distance between neighbouring windows, in pixels along each axis.
    public var stride: Int

    /// A pooling over square windows; the stride is the window's size where it is not given.
    public init(_ size: Int, stride: Int? = nil) {
        self.size = size
        self.stride = stride ?? size
    }

    /// Adds the pooling to the graph. Throws where `x` is no image or is smaller than a window.
    public func lower(_ x: Symbol, into graph: inout GraphBuilder) throws(GraphError) -> Symbol {
        let pool = try PoolShape(x.shape, size: size, stride: stride, at: graph.path)
        return x.then(.maxPool(pool))
    }
}

extension MaxPool2D: NotatedLayer {
    static let notation = "max-pool"
    static let shorthand: String? = "size"
    init(from reader: inout RecipeReader) throws(RecipeError) {
        let (size, stride) = try reader.window()
        self.init(size, stride: stride)
    }
    var settings: [RecipeValue.Entry] { windowSettings(size, stride) }
}

/// The mean of each window, channel by channel.
///
/// # Shapes
/// `[batch, h, w, c]` to `[batch, (h - size) / stride + 1, (w - size) / stride + 1, c]`, rounded down.
public struct AveragePool2D: PrimitiveLayer {
    /// The height and width of a window, in pixels.
    public var size: Int
    /// The distance between neighbouring windows, in pixels along each axis.
    public var stride: Int

    /// A pooling over square windows; the stride is the window's size where it is not given.
    public init(_ size: Int, stride: Int? = nil) {
        self.size = size
        self.stride = stride ?? size
    }

    /// Adds the pooling to the graph. Throws where `x` is no image or is smaller than a window.
    public func lower(_ x: Symbol, into graph: inout GraphBuilder) throws(GraphError) -> Symbol {
        let pool = try PoolShape(x.shape, size: size, stride: stride, at: graph.path)
        return x.then(.averagePool(pool))
    }
}

extension AveragePool2D: NotatedLayer {
    static let notation = "average-pool"
    static let shorthand: String? = "size"
    init(from reader: inout RecipeReader) throws(RecipeError) {
        let (size, stride) = try reader.window()
        self.init(size, stride: stride)
    }
    var settings: [RecipeValue.Entry] { windowSettings(size, stride) }
}

/// The mean of each channel over the whole image: `[batch, h, w, c]` to `[batch, c]`.
public struct GlobalAveragePool2D: PrimitiveLayer {
    /// A mean over the whole image.
    public init() {}
    /// Adds the pooling to the graph. Throws where `x` is no image.
    public func lower(_ x: Symbol, into graph: inout GraphBuilder) throws(GraphError) -> Symbol {
        let pool = try PoolShape(wholeOf: x.shape, at: graph.path)
        return x.then(.averagePool(pool)).reshaped([pool.channels])
    }
}

extension GlobalAveragePool2D: NotatedLayer {
    static let notation = "global-average-pool"
    init(from reader: inout RecipeReader) throws(RecipeError) { self.init() }
}

/// The largest value of each channel over the whole image: `[batch, h, w, c]` to `[batch, c]`.
public struct GlobalMaxPool2D: PrimitiveLayer {
    /// A maximum over the whole image.
    public init() {}
    /// Adds the pooling to the graph. Throws where `x` is no image.
    public func lower(_ x: Symbol, into graph: inout GraphBuilder) throws(GraphError) -> Symbol {
        let pool = try PoolShape(wholeOf: x.shape, at: graph.path)
        return x.then(.maxPool(pool)).reshaped([pool.channels])
    }
}

extension GlobalMaxPool2D: NotatedLayer {
    static let notation = "global-max-pool"
    init(from reader: inout RecipeReader) throws(RecipeError) { self.init() }
}

extension PoolShape {
    fileprivate init(_ shape: Shape, size: Int, stride: Int, at path: String) throws(GraphError) {
        guard size >= 1, stride >= 1 else {
            throw .setting(at: path, "pooling has size \(size) and stride \(stride): both must be at least 1")
        }
        let lengths = shape.lengths
        guard shape.hasBatch, lengths.count == 3, lengths[0] >= size, lengths[1] >= size else {
            throw .shape(
                at: path, expected: "[batch, height, width, channels] of at least \(size) pixels a side", found: shape)
        }
        self.init(
            height: lengths[0], width: lengths[1], channels: lengths[2], outHeight: (lengths[0] - size) / stride + 1,
            outWidth: (lengths[1] - size) / stride + 1, windowHeight: size, windowWidth: size, strideHeight: stride,
            strideWidth: stride)
    }

    fileprivate init(wholeOf shape: Shape, at path: String) throws(GraphError) {
        let lengths = shape.lengths
        guard shape.hasBatch, lengths.count == 3, shape.elements > 0 else {
            throw .shape(at: path, expected: GraphError.image, found: shape)
        }
        self.init(
            height: lengths[0], width: lengths[1], channels: lengths[2], outHeight: 1, outWidth: 1,
            windowHeight: lengths[0], windowWidth: lengths[1], strideHeight: 1, strideWidth: 1)
    }
}

extension RecipeReader {
    fileprivate mutating func window() throws(RecipeError) -> (size: Int, stride: Int?) {
        guard let size = try int("size") else {
            throw missing("size", "the window's size in pixels")
        }
        return (size, try int("stride"))
    }
}

private func windowSettings(_ size: Int, _ stride: Int) -> [RecipeValue.Entry] {
    [.init("size", .int(size))] + (stride == size ? [] : [.init("stride", .int(stride))])
}
