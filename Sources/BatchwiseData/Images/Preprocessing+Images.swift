import Batchwise
import Foundation

extension Preprocessing {
    /// Reads new images as the training images were read; nil where the path holds something else.
    ///
    /// - Parameters:
    ///   - path: an image, a folder of them (of class folders, where targets are needed), or a list.
    ///   - source: the data section that the model was trained with, which says what the columns of a list are.
    func loadImages(
        _ path: String, source: DataSource?, header: Bool?, needsTarget: Bool, memory: Int
    ) throws(DataError) -> Dataset? {
        guard let images = try imageSet(at: path, source, header, needsTarget: needsTarget) else { return nil }
        guard case .uniform(let scale, let shift) = features, let shape = ImageShape(features: featureShape) else {
            let shape = featureShape.map(String.init).joined(separator: "x")
            throw .unsupported(
                file: path, detail: "holds images, but the model was trained on something else, of the shape \(shape)")
        }
        let files = ImageFiles(paths: images.files, shape: shape)
        try files.requireRoom(in: memory, for: path)
        let features: Dataset.Features
        if files.byteCount <= memory {
            let bytes = try files.bytes(
                rows: Array(0..<files.count), threads: ProcessInfo.processInfo.activeProcessorCount,
                progress: { _ in })
            features = .bytes(bytes, scale: scale, shift: shift)
        } else {
            features = .streamed(files.features(scale: scale, shift: shift))
        }
        return try Dataset(
            count: files.count, featureShape: featureShape, features: features,
            targets: try images.target?.targets(for: target) ?? Dataset.Targets.none, weights: images.weights)
    }

    private func imageSet(
        at path: String, _ source: DataSource?, _ header: Bool?, needsTarget: Bool
    ) throws(DataError) -> ImageSet? {
        if ConvertedData.recognises(path) { return nil }
        if ImageFolder.isAt(path) {
            return try needsTarget ? ImageSet(classFolders: path) : ImageSet(unlabelled: path)
        }
        // an array in an NPZ file and a pattern of files have no bytes under their own name
        if InputFile.exists(path), ImageDecoder.recognises(try ByteSource(path: path).head) {
            guard !needsTarget else {
                throw .unsupported(file: path, detail: "is one image without a class; name a folder of class folders")
            }
            return ImageSet(path: path, files: [path])
        }
        guard let source, source.images.column != nil,
            case .table(let csv) = try DataFile(path: path, format: .csv, header: header ?? source.header)
        else { return nil }
        return try ImageSet(list: csv, source, folder: source.images.folder, needsTarget: needsTarget)
    }
}
