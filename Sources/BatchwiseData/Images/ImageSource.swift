import Batchwise
import Foundation

/// Image files as examples: a folder of class folders, a table of paths, or one image.
struct ImageSource: DataFormat, DataFile {
    /// Where the images are named.
    enum Origin {
        case folder
        case list(any TableFile)
        case file
    }

    let path: String
    let origin: Origin

    /// Opens a folder or an image. A table of paths opens as a table, whose recipe says that it holds paths.
    static func open(_ file: FoundFile, _ reading: Reading) throws(DataError) -> (any DataFile)? {
        if ImageFolder.isAt(file.path) { return ImageSource(path: file.path, origin: .folder) }
        return ImageDecoder.recognises(file.head) ? ImageSource(path: file.path, origin: .file) : nil
    }

    /// Describes a folder of class folders, or of images without classes; only the beginnings of the files are read.
    func describe(labels: String?) throws(DataError) -> DataDescription {
        guard case .folder = origin else { throw isOneImage }
        let root = try ImageFolder(path)
        let images =
            root.folders.isEmpty
            ? try ImageSet(unlabelled: path) : try ImageSet(classFolders: root.training ?? path)
        return DataDescription(
            images: images, shapes: try ImageFiles.shapes(of: images.files, threads: Self.threads, progress: { _ in }))
    }

    /// Reads a folder or list of images, and the test images that belong to it. Where all of them are more than the
    /// memory that features may take, they are decoded when a batch needs them.
    func load(_ source: DataSource, _ loading: Loading, progress: (Double) -> Void) throws(DataError) -> LoadedData {
        let list = list(source, in: loading.folder)
        let (trainPath, testPaths) = try paths(source, in: loading.folder)
        let examples = try images(of: source, list, in: trainPath)
        guard let raw = examples.target else { throw .labelsMissing(file: trainPath) }
        let parts = try source.parts(
            of: raw, groups: nil,
            testFraction: source.split.test ?? (testPaths.isEmpty ? DataSource.defaultTestFraction : 0),
            seed: loading.seed)
        let target = try raw.fitted(as: source.task ?? raw.task, rows: parts.train)
        let targets = try raw.targets(for: target)

        let total = Double(2 * examples.files.count)
        let shapes = try ImageFiles.shapes(of: examples.files, threads: Self.threads) { progress(Double($0) / total) }
        let (shape, notice) = ImageShape.common(of: shapes, wanted: Self.shape(source))
        let files = ImageFiles(paths: examples.files, shape: shape)
        try files.requireRoom(in: loading.memory, for: trainPath)
        let pixels = try Pixels(
            files, train: parts.train, memory: loading.memory, threads: Self.threads,
            standardise: source.standardise) { progress(Double(shapes.count + $0) / total) }
        let all = try Dataset(
            count: files.count, featureShape: shape.dimensions, features: pixels.features, targets: targets,
            weights: examples.weights)
        let preprocessing = Preprocessing(
            featureShape: shape.dimensions, features: .uniform(scale: pixels.scale, shift: pixels.shift),
            target: target)
        let wanted = NewRows(needsTarget: true, list: list, memory: loading.memory, formats: loading.formats)
        let testSet: Dataset? = testPaths.isEmpty ? nil : try preprocessing.load(newRows: testPaths, wanted)
        var notices = notice.map { [$0] } ?? []
        if examples.skipped > 0 {
            notices.append("\(trainPath): \(examples.skipped) of its files and folders are no images and are skipped")
        }
        return try source.loaded(all, parts, test: testSet, preprocessing, notices: notices)
    }

    /// Images of another size than the model's are resized.
    func readNewRows(
        _ wanted: NewRows, for preprocessing: Preprocessing, unknown report: (UnknownTexts) -> Void
    ) throws(DataError) -> Dataset {
        let images = try newImages(wanted)
        guard case .uniform(let scale, let shift) = preprocessing.features,
            let shape = ImageShape(features: preprocessing.featureShape)
        else {
            let shape = preprocessing.featureShape.map(String.init).joined(separator: "x")
            throw .unsupported(
                file: path, detail: "holds images, but the model was trained on something else, of the shape \(shape)")
        }
        let files = ImageFiles(paths: images.files, shape: shape)
        try files.requireRoom(in: wanted.memory, for: path)
        let features: Dataset.Features
        if files.byteCount <= wanted.memory {
            let bytes = try files.bytes(rows: Array(0..<files.count), threads: Self.threads, progress: { _ in })
            features = .bytes(bytes, scale: scale, shift: shift)
        } else {
            features = .streamed(files.features(scale: scale, shift: shift))
        }
        return try Dataset(
            count: files.count, featureShape: preprocessing.featureShape, features: features,
            targets: try images.target?.targets(for: preprocessing.target) ?? Dataset.Targets.none,
            weights: images.weights)
    }

    func convert(_ source: DataSource, _ conversion: Conversion) throws {
        try images(of: source, list(source, in: conversion.folder), in: path)
            .convert(conversion, Self.shape(source), threads: Self.threads)
    }

    static var threads: Int { ProcessInfo.processInfo.activeProcessorCount }
}

// MARK: - Which images

extension ImageSource {
    /// The table of paths as the recipe describes it, its folder as seen from the working folder.
    private func list(_ source: DataSource, in folder: String) -> DataSource.ImageList? {
        guard case .imageList(var list) = source.kind else { return nil }
        list.folder = list.folder.map { DataSource.path($0, in: folder) }
        return list
    }

    /// The shape that the recipe asks for.
    private static func shape(_ source: DataSource) -> DataSource.Images {
        switch source.kind {
        case .images(let images): images
        case .imageList(let list): list.shape
        case .automatic, .table, .database, .arrays, .sparse, .text: DataSource.Images()
        }
    }

    /// The training images and the test images: of a folder that holds `train`, those beside them.
    private func paths(_ source: DataSource, in folder: String) throws(DataError) -> (train: String, test: [String]) {
        let tests = DataSource.paths(source.test, in: folder)
        guard case .folder = origin, let root = try? ImageFolder(path), let training = root.training else {
            return (path, tests)
        }
        guard tests.isEmpty, source.split.test == nil, let test = root.test else { return (training, tests) }
        return (training, [test])
    }

    /// The images to learn from.
    private func images(
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
    private func newImages(_ wanted: NewRows) throws(DataError) -> ImageSet {
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

    private var isOneImage: DataError {
        .unsupported(
            file: path,
            detail: "is an image; examples are a folder of class folders of images, or a list of them (data.images)")
    }
}
