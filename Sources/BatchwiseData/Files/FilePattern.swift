import Batchwise
import Foundations

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A pattern of paths, with `*` for any characters and `?` for one: `part-*.csv`, `2024-??/rows.svm`.
package enum FilePattern {
    /// The files that a path stands for: the path itself where it exists or is no pattern, else all that match, in the
    /// order of the bytes of their paths. Names that begin with a dot match only a pattern that does.
    ///
    /// - Throws: `DataError.missingFile` where nothing matches.
    package static func files(_ path: String) throws(DataError) -> [String] {
        if let refusal = refusal(of: path) { throw refusal }
        guard isPattern(path[...]), !InputFile.exists(path) else { return [path] }
        var found = [path.hasPrefix("/") ? "/" : ""]
        for (index, name) in path.split(separator: "/").enumerated() {
            let slash = index == 0 ? "" : "/"
            found = found.flatMap { folder in names(matching: name, in: folder).map { folder + slash + $0 } }
        }
        guard !found.isEmpty else { throw .missingFile(path) }
        return found.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// The error for standard input and for addresses, which are no files; nil for paths.
    package static func refusal(of path: String) -> DataError? {
        guard !InputFile.exists(path) else { return nil }
        if path == "-" {
            return .unsupported(file: path, detail: "standard input is not read here; save the data to a file first")
        }
        guard let colon = path.utf8.firstIndex(of: UInt8(ascii: ":")), colon > path.startIndex,
            path[colon...].hasPrefix("://"), path[..<colon].allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber) })
        else { return nil }
        return .unsupported(
            file: path,
            detail: path.lowercased().hasPrefix("http")
                ? "is an address, and files alone are read; fetch it first: curl -LO \(shellQuoted(path))"
                : "is an address, and files alone are read; fetch it first")
    }

    private static func names(matching name: Substring, in folder: String) -> [String] {
        let isThere = InputFile.exists(folder.isEmpty ? String(name) : folder + "/" + name)
        guard isPattern(name), !isThere else { return isThere ? [String(name)] : [] }
        let all = (try? FileManager.default.contentsOfDirectory(atPath: folder.isEmpty ? "." : folder)) ?? []
        let pattern = Array(name.unicodeScalars)
        return all.filter {
            ($0.hasPrefix(".") == name.hasPrefix(".")) && Wildcard.matches(Array($0.unicodeScalars), pattern)
        }
    }

    private static func isPattern(_ text: Substring) -> Bool { text.utf8.contains { $0 == star || $0 == mark } }
}

private let star = UInt8(ascii: "*")
private let mark = UInt8(ascii: "?")
