import Foundation
import Foundations

extension Recipe {
    /// Reads a recipe as a file holds it, YAML or JSON.
    ///
    /// `layers` holds the layers that the recipe may name. Throws `RecipeError` for a key or value that is wrong, with
    /// its place.
    public init(yaml text: String, layers: LayerRegistry = LayerRegistry()) throws(RecipeError) {
        try self.init(notation: RecipeValue(yaml: text), layers: layers)
    }

    /// The recipe as YAML, which ``init(yaml:layers:)`` reads. Throws `RecipeError` for layers that no recipe can name,
    /// and for a loss or an optimizer of the program's own.
    public func yaml() throws(RecipeError) -> String { try notation().yaml() }

    /// Reads a recipe file of at most 16 MiB. Throws `FileError` where it cannot be read, and `RecipeError`.
    public init(contentsOf path: String, layers: LayerRegistry = LayerRegistry()) throws {
        let limit = 1 << 24
        let file: FileHandle
        do {
            file = try FileHandle(forReadingFrom: URL(filePath: path))
        } catch {
            throw FileError.missing(path: path, reason: AtomicFile.systemReason())
        }
        defer { try? file.close() }
        let bytes: Data
        do {
            bytes = try file.read(upToCount: limit + 1) ?? Data()
        } catch {
            throw FileError.inputOutput(path: path, reason: "cannot read it: \(AtomicFile.systemReason())")
        }
        guard bytes.count <= limit else {
            throw FileError.malformed(path: path, reason: "a recipe has at most \(limit) bytes, and this file has more")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw FileError.malformed(path: path, reason: "a recipe is UTF-8 text and this is not")
        }
        try self.init(yaml: text, layers: layers)
    }

    /// Writes a recipe file, atomically. Throws where ``yaml()`` does, and `FileError` where it cannot be written.
    public func write(to path: String) throws {
        try AtomicFile.write(Array(try yaml().utf8), to: path)
    }
}

extension CodingUserInfoKey {
    // the initialiser gives nil for some texts, but never for this one, so it is safe to unwrap
    /// The key under which a decoder's `userInfo` holds the ``LayerRegistry`` for the recipes that it decodes. Without
    /// one, recipes may name the library's layers alone.
    public static let layerRegistry = CodingUserInfoKey(rawValue: "batchwise.layers")!
}
