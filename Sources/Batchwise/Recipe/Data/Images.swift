extension DataSource {
    /// The shape that images are resized to.
    ///
    /// ```yaml
    /// data: {train: photos, size: [64, 48], channels: 1}
    /// ```
    public struct Images: Equatable, Sendable {
        /// The height and width of an image, in pixels.
        public struct Size: Hashable, Sendable {
            /// The number of rows of pixels.
            public var height: Int
            /// The number of columns of pixels.
            public var width: Int

            /// A size; height and width are from 1 to 65,500.
            public init(height: Int, width: Int) {
                self.height = height
                self.width = width
            }
        }

        /// The size; nil: the most common size of the training images.
        public var size: Size?
        /// The number of channels, 1 (gray) or 3 (RGB); nil: gray unless any image has colour.
        public var channels: Int?

        /// A shape; the training images decide what is nil.
        public init(size: Size? = nil, channels: Int? = nil) {
            self.size = size
            self.channels = channels
        }
    }

    /// A table of the paths of images, and the roles of its other columns.
    ///
    /// ```yaml
    /// data: {train: list.csv, images: path, target: label, images-folder: photos}
    /// ```
    public struct ImageList: Equatable, Sendable {
        /// The column of the paths.
        public var column: String
        /// The folder in which relative paths begin, and which no path may leave; nil: the folder of the list.
        public var folder: String?
        /// The column to learn; only training and evaluation need it.
        public var target: String?
        /// The column of example weights.
        public var weights: String?
        /// Whether the first row names the columns; nil finds out.
        public var header: Bool?
        /// The shape that images are resized to.
        public var shape: Images

        /// A table whose column `paths` holds the paths; all other settings have defaults.
        public init(
            column: String, folder: String? = nil, target: String? = nil, weights: String? = nil, header: Bool? = nil,
            shape: Images = Images()
        ) {
            self.column = column
            self.folder = folder
            self.target = target
            self.weights = weights
            self.header = header
            self.shape = shape
        }
    }
}

extension DataSource.Images {
    /// Reads `size: [height, width]` or `size: side`.
    static func size(_ reader: inout RecipeReader) throws(RecipeError) -> Size? {
        switch reader.value("size") {
        case nil: return nil
        case .int(let side)? where sides.contains(side): return Size(height: side, width: side)
        case .list(let items)?:
            guard items.count == 2, case .int(let height) = items[0], case .int(let width) = items[1],
                sides.contains(height), sides.contains(width)
            else { throw badSize(reader, .list(items)) }
            return Size(height: height, width: width)
        case let other?: throw badSize(reader, other)
        }
    }

    /// The allowed height or width of an image, in pixels.
    package static let sides = 1...65_500

    private static func badSize(_ reader: RecipeReader, _ found: RecipeValue) -> RecipeError {
        .value(
            at: reader.at("size"),
            expected: "[height, width] or one number for both, from 1 to \(sides.upperBound)",
            found: found.text)
    }

    var entries: [RecipeValue.Entry] {
        var entries: [RecipeValue.Entry] = []
        if let size { entries.append(.init("size", .list([.int(size.height), .int(size.width)]))) }
        if let channels { entries.append(.init("channels", .int(channels))) }
        return entries
    }
}
