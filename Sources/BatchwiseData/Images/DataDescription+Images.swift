import Batchwise
import Foundation

extension DataDescription {
    /// Describes a folder of class folders, or of images without classes; only the beginnings of the files are read.
    init(imageFolder path: String) throws(DataError) {
        let root = try ImageFolder(path)
        let images =
            root.folders.isEmpty
            ? try ImageSet(unlabelled: path) : try ImageSet(classFolders: root.training ?? path)
        let shapes = try ImageFiles.shapes(
            of: images.files, threads: ProcessInfo.processInfo.activeProcessorCount, progress: { _ in })
        self.init(images: images, shapes: shapes)
    }
}
