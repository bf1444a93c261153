import Batchwise

/// The place of data: a file, or an array in an NPZ file, written `arrays.npz:name`.
package struct DataPath {
    package let file: String
    /// The name of the array; nil is the whole file.
    package let array: String?

    package init(_ path: String) {
        // A file may have a colon in its own name.
        guard !InputFile.exists(path), let colon = path.lastIndex(of: ":"), InputFile.exists(String(path[..<colon]))
        else {
            (file, array) = (path, nil)
            return
        }
        (file, array) = (String(path[..<colon]), String(path[path.index(after: colon)...]))
    }
}
