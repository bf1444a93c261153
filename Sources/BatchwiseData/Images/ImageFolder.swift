import Batchwise

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The content of a folder of images: files whose endings are those of images, folders, and the number of other files.
///
/// Names are in the order of their bytes. Hidden files are skipped. Folders within the folder are not entered, so links
/// cannot lead round in a circle.
struct ImageFolder {
    /// The path of the folder, with a slash at its end.
    let path: String
    /// The names of the images.
    private(set) var images: [String] = []
    /// The names of the folders.
    private(set) var folders: [String] = []
    /// The number of other files, which are skipped.
    private(set) var skipped = 0

    /// Whether the path is a folder that holds no converted data.
    static func isAt(_ path: String) -> Bool { InputFile.isFolder(path) && !ConvertedData.recognises(path) }

    init(_ folder: String) throws(DataError) {
        path = folder.hasSuffix("/") ? folder : folder + "/"
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: folder)
        } catch {
            throw InputFile.exists(folder)
                ? .unreadable(file: folder, reason: "the folder cannot be listed") : .missingFile(folder)
        }
        for name in names.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
            if name.hasPrefix(".") {
                skipped += 1
            } else if Self.isImage(name) {
                images.append(name)
            } else if InputFile.isFolder(path + name) {
                folders.append(name)
            } else {
                skipped += 1
            }
        }
    }

    /// The folder of training images where this one holds `train` beside others; its classes are folders.
    var training: String? {
        guard folders.contains("train"), let inside = try? ImageFolder(path + "train"), inside.images.isEmpty,
            !inside.folders.isEmpty
        else { return nil }
        return path + "train"
    }

    /// The test images beside training images.
    var test: String? { ["test", "val"].first(where: folders.contains).map { path + $0 } }

    /// Whether a name has the ending of an image.
    static func isImage(_ name: String) -> Bool {
        let ending = name.suffix(5).lowercased()
        return ending.hasSuffix(".png") || ending.hasSuffix(".jpg") || ending == ".jpeg"
    }
}
