import Batchwise

/// The shape of a decoded image: bytes row by row from the top, the channels of a pixel side by side.
struct ImageShape: Hashable, Sendable {
    var height: Int
    var width: Int
    /// The number of channels: 1 for gray, 3 for RGB.
    var channels: Int

    /// The bytes of an image, which cannot overflow: no dimension of an image that is read is above 65,500.
    var count: Int { height * width * channels }
    var dimensions: [Int] { [height, width, channels] }
}

/// The beginning of an image file.
struct ImageHeader: Hashable, Sendable {
    /// The shape of the image when it is upright.
    var shape: ImageShape
    /// Whether the pixels in the file are not upright, or mirrored, so that they are turned when they are read.
    var isTurned: Bool
}

extension [ImageHeader] {
    /// A line about the images that are turned; nil where all are upright.
    var turnedNotice: String? {
        let turned = count(where: \.isTurned)
        guard turned > 0 else { return nil }
        return "\(turned) of \(count) images \(turned == 1 ? "is" : "are") turned upright, as EXIF data in them ask"
    }
}

extension ImageShape {
    /// The shape of a model's features as images; nil where they cannot be images.
    init?(features shape: [Int]) {
        guard shape.count == 3, shape[2] == 1 || shape[2] == 3,
            shape.prefix(2).allSatisfy({ (1...ImageDecoder.largestSide).contains($0) })
        else { return nil }
        self.init(height: shape[0], width: shape[1], channels: shape[2])
    }

    /// The shape that images of these shapes get: the size that is wanted, or else that of most of them (of as many,
    /// the smaller); gray unless any has colour.
    ///
    /// - Returns: the shape, and a line about images that are resized without anybody having asked for it.
    static func common(
        of shapes: [ImageShape], wanted: DataSource.Images
    ) -> (shape: ImageShape, notice: String?) {
        let channels = wanted.channels ?? (shapes.contains { $0.channels == 3 } ? 3 : 1)
        if let size = wanted.size {
            return (ImageShape(height: size.height, width: size.width, channels: channels), nil)
        }
        let sizes = counted(shapes)
        let size = sizes.first?.size ?? DataSource.Images.Size(height: 1, width: 1)
        let shape = ImageShape(height: size.height, width: size.width, channels: channels)
        guard sizes.count > 1 else { return (shape, nil) }
        let others = shapes.count - sizes[0].count
        return (
            shape,
            "the images have \(sizes.count) sizes; \(others) of \(shapes.count) are resized to the most common, "
                + "\(size.height)x\(size.width) (height x width); data.size chooses another"
        )
    }

    /// The sizes of these shapes, the most frequent first and then by size.
    static func counted(_ shapes: [ImageShape]) -> [(size: DataSource.Images.Size, count: Int)] {
        var counts: [DataSource.Images.Size: Int] = [:]
        for shape in shapes { counts[.init(height: shape.height, width: shape.width), default: 0] += 1 }
        return counts.map { (size: $0.key, count: $0.value) }.sorted {
            ($1.count, $0.size.height * $0.size.width, $0.size.height)
                < ($0.count, $1.size.height * $1.size.width, $1.size.height)
        }
    }
}
