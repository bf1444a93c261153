import Batchwise

/// A file or folder that exists, and whose format is not known yet.
package struct FoundFile {
    /// The path as a recipe names it.
    package let path: String
    /// Whether the path is a folder.
    package let isFolder: Bool
    /// The array that is meant in an NPZ file, written `arrays.npz:name`.
    let array: String?
    /// The bytes of the file; nil for a folder and for the bundled digits.
    let bytes: ByteSource?

    /// - Parameter encoding: the encoding of a text; nil: UTF-8, or what the first bytes show.
    /// - Throws: `DataError.missingFile` and others where the file cannot be opened.
    package init(_ path: String, encoding: DataSource.TextEncoding? = nil) throws(DataError) {
        self.path = path
        isFolder = InputFile.isFolder(path)
        let place = DataPath(path)
        array = place.array
        bytes = isFolder || path == DataSource.digits ? nil : try ByteSource(path: place.file).inUTF8(from: encoding)
    }

    /// The first bytes of the file, unpacked, at most 512; none of a folder.
    package var head: [UInt8] { bytes?.head ?? [] }
}
