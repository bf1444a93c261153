import Foundation

/// A folder that exists while the test holds it.
public final class TemporaryFolder {
    public let path: String

    public init() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("batchwise-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        path = folder.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The path of a name in the folder.
    public func at(_ name: String) -> String { path + "/" + name }

    /// Writes a file, and the folders on the way to it.
    public func write(_ bytes: [UInt8], to name: String) throws {
        let file = URL(fileURLWithPath: at(name))
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: file)
    }

    public func bytes(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: at(name))) }

    /// Keeps the folder alive up to here.
    public func keep() {}
}
