import Foundation

/// A file that exists while the test holds it.
public final class TemporaryFile {
    public let path: String

    public init(_ bytes: some Sequence<UInt8>, name: String = "data") throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("batchwise-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let file = folder.appendingPathComponent(name)
        try Data(bytes).write(to: file)
        path = file.path
    }

    public convenience init(_ text: String, name: String = "data.csv") throws {
        try self.init(text.utf8, name: name)
    }

    deinit {
        try? FileManager.default.removeItem(at: URL(fileURLWithPath: path).deletingLastPathComponent())
    }
}
