import Batchwise

extension KeptPreprocessing {
    /// The shape of the images that the saved model reads, and how their bytes become features; nil where it reads none.
    var images: (shape: ImageShape, scale: Float, shift: Float)? {
        guard features, case .uniform(let scale, let shift) = preprocessing.features,
            let shape = ImageShape(features: preprocessing.featureShape)
        else { return nil }
        return (shape, scale, shift)
    }
}

extension DataSource.Images {
    /// Takes what nobody has said from the images that a saved model reads.
    mutating func fill(from shape: ImageShape) {
        if size == nil { size = Size(height: shape.height, width: shape.width) }
        if channels == nil { channels = shape.channels }
    }
}

extension ImageSource {
    /// The table of paths as the recipe describes it, its folder as seen from the working folder.
    func list(_ source: DataSource, in folder: String) -> DataSource.ImageList? {
        guard case .imageList(var list) = source.kind else { return nil }
        list.folder = list.folder.map { DataSource.path($0, in: folder) }
        return list
    }

    /// The shape that the recipe asks for.
    static func shape(_ source: DataSource) -> DataSource.Images {
        switch source.kind {
        case .images(let images): images
        case .imageList(let list): list.shape
        case .automatic, .table, .database, .arrays, .sparse, .text: DataSource.Images()
        }
    }

    /// The training images and the test images: of a folder that holds `train`, those beside them.
    func paths(_ source: DataSource, in folder: String) throws(DataError) -> (train: String, test: [String]) {
        let tests = DataSource.paths(source.test, in: folder)
        guard case .folder = origin, let root = try? ImageFolder(path), let training = root.training else {
            return (path, tests)
        }
        guard tests.isEmpty, source.split.test == nil, let test = root.test else { return (training, tests) }
        return (training, [test])
    }

    /// The images to learn from.
    func images(
        of source: DataSource, _ list: DataSource.ImageList?, in path: String
    ) throws(DataError) -> ImageSet {
        switch origin {
        case .list(let table):
            guard let list else { throw source.otherKind(path) }
            return try ImageSet(table, list, task: source.task, needsTarget: true)
        case .folder:
            switch source.kind {
            case .automatic, .images:
                guard source.task == .regression else { return try ImageSet(classFolders: path) }
            case .table, .database, .arrays, .sparse, .imageList, .text: break
            }
            throw .badSource(
                "\(path) is a folder of images, whose classes are its folders: of the keys of data only train, test, "
                    + "split, class-weights, size, channels and standardise go with it")
        case .file: throw isOneImage
        }
    }

    /// The images of new rows, with their targets where they are needed.
    func newImages(_ wanted: NewRows) throws(DataError) -> ImageSet {
        switch origin {
        case .folder: return try wanted.needsTarget ? ImageSet(classFolders: path) : ImageSet(unlabelled: path)
        case .list(let table):
            guard let list = wanted.list else { throw isOneImage }
            return try ImageSet(table, list, task: nil, needsTarget: wanted.needsTarget)
        case .file:
            guard !wanted.needsTarget else {
                throw .unsupported(file: path, detail: "is one image without a class; name a folder of class folders")
            }
            return ImageSet(path: path, files: [path])
        }
    }

    var isOneImage: DataError {
        .unsupported(
            file: path,
            detail: "is an image; examples are a folder of class folders of images, or a list of them (data.images)")
    }
}
