import Batchwise
import Foundation

/// Image files as examples: a folder of class folders, a table of paths, or one image.
struct ImageSource: DataFormat, DataFile {
    /// The place that names the images.
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

    /// Describes a folder of class folders, or of images without classes, by the headers of its files.
    func describe(labels: String?) throws(DataError) -> DataDescription {
        guard case .folder = origin else { throw isOneImage }
        let root = try ImageFolder(path)
        let images =
            root.folders.isEmpty
            ? try ImageSet(unlabelled: path) : try ImageSet(classFolders: root.training ?? path)
        return DataDescription(
            images: images,
            headers: try ImageFiles.headers(of: images.files, threads: Self.threads, progress: { _ in }))
    }

    /// Reads a folder or list of images, and the test images that belong to it. Where all of them are more than the
    /// memory that features may take, they are decoded when a batch needs them.
    func load(_ source: DataSource, _ loading: Loading, progress: (Double) -> Void) throws(DataError) -> LoadedData {
        let list = list(source, in: loading.folder)
        let (trainPath, testPaths) = try paths(source, in: loading.folder)
        let examples = try images(of: source, list, in: trainPath)
        guard let raw = examples.target else { throw .labelsMissing(file: trainPath) }
        let reading = try raw.reading(asked: loading.task(raw, source))
        let parts = try source.parts(
            of: raw, as: reading.task, groups: nil,
            testFraction: source.split.test ?? (testPaths.isEmpty ? DataSource.defaultTestFraction : 0),
            seed: loading.seed)
        let target = try loading.target(raw, as: reading.task, rows: parts.train)
        let targets = try raw.targets(for: target)

        let total = Double(2 * examples.files.count)
        let headers = try ImageFiles.headers(of: examples.files, threads: Self.threads) { progress(Double($0) / total) }
        var wanted = Self.shape(source)
        var kept = loading.kept?.images
        if let kept { wanted.fill(from: kept.shape) }
        let (shape, notice) = ImageShape.common(of: headers.map(\.shape), wanted: wanted)
        if kept?.shape != shape { kept = nil }
        let files = ImageFiles(paths: examples.files, shape: shape)
        try files.requireRoom(in: loading.memory, for: trainPath)
        let pixels = try Pixels(
            files, train: parts.train, memory: loading.memory, threads: Self.threads,
            standardise: source.standardise, kept: kept.map { ($0.scale, $0.shift) }
        ) { progress(Double(headers.count + $0) / total) }
        let all = try Dataset(
            count: files.count, featureShape: shape.dimensions, features: pixels.features, targets: targets,
            weights: examples.weights)
        let preprocessing = Preprocessing(
            featureShape: shape.dimensions, features: .uniform(scale: pixels.scale, shift: pixels.shift),
            target: target)
        let newRows = NewRows(needsTarget: true, list: list, memory: loading.memory, formats: loading.formats)
        let testSet: Dataset? = testPaths.isEmpty ? nil : try preprocessing.load(newRows: testPaths, newRows)
        var notices = examples.notices + [headers.turnedNotice, notice].compactMap { $0 }
        if examples.skipped > 0 {
            notices.append("\(trainPath): \(examples.skipped) of its files and folders are no images and are skipped")
        }
        var data = try source.loaded(
            all, parts, test: testSet, preprocessing, target: (raw, reading), notices: notices)
        data.keepsFeatures = kept != nil
        data.trainFiles = parts.train.map { files.paths[$0] }
        return data
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
        if case .file = origin {
        } else {
            wanted.findings?.names.append(RowNames(title: "file", texts: images.files))
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
