extension DataSource {
    /// What is to be said of images: where a list of them has their paths, and what shape they get.
    ///
    /// ```yaml
    /// data: {train: photos, size: [64, 48], channels: 1}
    /// data: {train: list.csv, images: path, target: label, images-folder: photos}
    /// ```
    public struct Images: Equatable, Sendable {
        /// Pixels of an image.
        public struct Size: Hashable, Sendable {
            public var height: Int
            public var width: Int

            /// From 1 to 65,500 each.
            public init(height: Int, width: Int) {
                self.height = height
                self.width = width
            }
        }

        /// The column of a table that holds the paths of images: a name, or a number from 1. nil: the table is no list.
        public var column: String?
        /// Where the relative paths of a list begin, and what none may leave; nil: the list's own folder.
        public var folder: String?
        /// nil: the most common size.
        public var size: Size?
        /// 1 (gray) or 3 (RGB); nil: gray unless any image has colour.
        public var channels: Int?

        /// Nothing must be said.
        public init(column: String? = nil, folder: String? = nil, size: Size? = nil, channels: Int? = nil) {
            self.column = column
            self.folder = folder
            self.size = size
            self.channels = channels
        }
    }
}

extension DataSource.Images {
    init(_ reader: inout RecipeReader) throws(RecipeError) {
        self.init(
            column: try reader.string("images", "a column"), folder: try reader.string("images-folder", "a folder"),
            channels: try reader.int("channels", in: 1...3))
        if channels == 2 {
            throw .value(at: reader.at("channels"), expected: "1 (gray) or 3 (colour)", found: "2")
        }
        switch reader.value("size") {
        case nil: break
        case .int(let side)? where Self.sides.contains(side): size = Size(height: side, width: side)
        case .list(let items)?:
            guard items.count == 2, case .int(let height) = items[0], case .int(let width) = items[1],
                Self.sides.contains(height), Self.sides.contains(width)
            else { throw badSize(reader, .list(items)) }
            size = Size(height: height, width: width)
        case let other?: throw badSize(reader, other)
        }
    }

    /// The sides of an image that can be asked for, in pixels.
    package static let sides = 1...65_500

    private func badSize(_ reader: RecipeReader, _ found: RecipeValue) -> RecipeError {
        .value(
            at: reader.at("size"),
            expected: "[height, width] or one number for both, from 1 to \(Self.sides.upperBound)",
            found: found.text)
    }

    var entries: [RecipeValue.Entry] {
        var entries: [RecipeValue.Entry] = []
        if let column { entries.append(.init("images", .string(column))) }
        if let folder { entries.append(.init("images-folder", .string(folder))) }
        if let size { entries.append(.init("size", .list([.int(size.height), .int(size.width)]))) }
        if let channels { entries.append(.init("channels", .int(channels))) }
        return entries
    }
}
