import Batchwise
import BatchwiseData
import BatchwiseRuns
import Foundation
import Foundations

/// A file or folder that a command was given, before its content is known.
struct SourceFile {
    let path: String
    /// The length of the file in bytes; 0 for a folder of images.
    private let bytes: Int

    /// - Parameter kinds: what the file may be, for a message where nothing is.
    init(_ path: String, kinds: String) throws {
        if let refusal = FilePattern.refusal(of: path) { throw refusal }
        var status = stat()
        guard !path.isEmpty, stat(DataPath(path).file, &status) == 0 else {
            guard path.isEmpty || errno == ENOENT || errno == ENOTDIR else {
                throw DataError.unreadable(file: path, reason: systemReason())
            }
            throw Failure(.missingInput, Self.missing(path, kinds))
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG: break
        case S_IFDIR:
            self.path = path
            bytes = 0
            return
        default: throw DataError.specialFile(path)
        }
        guard status.st_size > 0 else { throw DataError.emptyFile(path) }
        self.path = path
        bytes = Int(status.st_size)
    }

    /// The name without folder and endings.
    var stem: String { Self.stem(of: path) }

    static func stem(of path: String) -> String {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        let stem = name.hasPrefix(".") ? name : String(name.prefix { $0 != "." })
        return String(stem.map { $0.isASCII && ($0.isLetter || $0.isNumber) || $0 == "_" ? $0 : "-" })
    }

    /// The ending of a file of this name, without a `.gz` or `.zst` behind it.
    private var ending: String {
        let parts = DataPath(path).file.lowercased().split(separator: "/").last?.split(separator: ".").dropFirst() ?? []
        return String((parts.last == "gz" || parts.last == "zst" ? parts.dropLast() : parts).last ?? "")
    }

    /// The recipe in the file, or nil for data. Relative paths in it begin at the file's own folder.
    func recipe() throws -> RecipeValue? {
        guard bytes > 0 else { return nil }
        if ending == "json", Self.holdsRows(path) { return nil }
        if ["yaml", "yml", "json"].contains(ending) { return try readRecipe() }
        if [
            "csv", "tsv", "jsonl", "ndjson", "arff", "xlsx", "parquet", "npy", "idx", "svm", "libsvm", "data", "npz",
            "sqlite", "sqlite3", "db",
        ].contains(ending) {
            return nil
        }
        // A recipe by another name is small text in which a key of a recipe stands.
        guard bytes < 1 << 16, let text = try? text(), !text.utf8.contains(0),
            let value = try? RecipeValue(yaml: text), case .map(let entries) = value,
            entries.contains(where: { ["data", "model", "batch", "optimizer"].contains($0.key) })
        else { return nil }
        return try readRecipe()
    }

    /// Whether a file named as JSON holds rows: an array, or several objects, neither of which is a recipe.
    private static func holdsRows(_ path: String) -> Bool {
        guard let file = FileHandle(forReadingAtPath: path), let head = try? file.read(upToCount: 1 << 16) else {
            return false
        }
        return JSONTable.holdsRows([UInt8](head))
    }

    private func readRecipe() throws -> RecipeValue {
        do {
            let value = try RecipeValue(yaml: try text())
            _ = try Recipe(notation: value)
            return value.withPaths(from: Self.folder(of: path))
        } catch let error as RecipeError {
            throw Failure(.usage, "\(path): \(error)")
        }
    }

    private func text() throws -> String {
        let limit = 1 << 24
        guard bytes <= limit else { throw DataError.tooLarge(file: path, bytes: bytes, limit: limit) }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw DataError.unreadable(file: path, reason: systemReason())
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw DataError.notText(file: path, line: 1, detail: "a recipe is UTF-8 text and this is not")
        }
        return text
    }

    /// The folder with its slash; empty for the working folder.
    private static func folder(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    }

    /// The error for a path where nothing is.
    private static func missing(_ path: String, _ kinds: String) -> String {
        let folder = folder(of: path)
        let there = (try? FileManager.default.contentsOfDirectory(atPath: folder.isEmpty ? "." : folder)) ?? []
        let known = (folder.isEmpty ? [DataSource.digits] : []) + there.sorted()
        let near = nearestName(to: String(path.dropFirst(folder.count)), in: known)
        return "\(path): no such file" + (near.map { "; did you mean \(folder + $0)?" } ?? ".")
            + " Name \(kinds)"
    }
}
