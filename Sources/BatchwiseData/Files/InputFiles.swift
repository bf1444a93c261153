import Batchwise
import Foundation
import Foundations

/// The files that a command reads. None of them may become its output, by whatever path or link it is named.
package struct InputFiles {
    private var paths: [String] = []

    package init() {}

    /// Adds a file, a folder, a pattern, or an array of an NPZ file.
    package mutating func add(_ path: String) {
        paths += ((try? FilePattern.files(path)) ?? [path]).map { DataPath($0).file }
    }

    /// Adds all files of a data source, and those that are found beside them by their names.
    package mutating func add(_ source: DataSource) {
        for path in source.paths { add(path) }
        if case .imageList(let list) = source.kind, list.folder == nil {
            // the images of a table of paths lie about it
            for path in source.train + source.test { paths.append(AtomicFile.folder(of: path)) }
        }
        for path in source.train {
            for file in (try? FilePattern.files(path)) ?? [path] {
                if let labels = try? SiblingFiles.labels(ofImages: file) { add(labels) }
                guard let test = try? SiblingFiles.test(ofTraining: file) else { continue }
                add(test)
                if let labels = try? SiblingFiles.labels(ofImages: test) { add(labels) }
            }
        }
    }

    /// Whether a path leads to one of the files, or to data in one of the folders.
    package func contain(_ path: String) -> Bool {
        guard let identity = FileIdentity(path) else { return false }
        return paths.contains { input in
            FileIdentity(input) == identity || InputFile.isFolder(input) && Self.holds(input, identity)
        }
    }

    /// Whether a file of this folder, or of a folder in it, is the one and holds data: all files of converted data, and
    /// the images of other folders.
    private static func holds(_ folder: String, _ identity: FileIdentity) -> Bool {
        let isConverted = ConvertedData.recognises(folder)
        return FileManager.default.enumerator(atPath: folder)?.contains { name in
            guard let name = name as? String, isConverted || ImageFolder.isImage(name) else { return false }
            return FileIdentity("\(folder)/\(name)") == identity
        } ?? false
    }
}

extension DataSource {
    /// Whether a folder holds converted data.
    package static func isConvertedFolder(_ path: String) -> Bool { ConvertedData.recognises(path) }

    /// All paths that the source names.
    fileprivate var paths: [String] {
        var paths: [String] = []
        _ = mapPaths { path in
            paths.append(path)
            return path
        }
        return paths.filter { $0 != Self.digits }
    }
}
