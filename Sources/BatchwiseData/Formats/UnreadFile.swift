import Batchwise

/// Files of known formats that this library does not read. Each is refused by its name before it is taken for text.
enum UnreadFile: DataFormat {
    /// The format of files that begin with these bytes.
    private static func name(_ head: [UInt8]) -> String? {
        let known: [(name: String, magic: [UInt8])] = [
            ("a zip archive inside another file", [0x50, 0x4B, 3, 4]), ("a Parquet file", Array("PAR1".utf8)),
            ("a packed SQLite database", Array("SQLite format 3".utf8)), ("an HDF5 file", [0x89, 0x48, 0x44, 0x46]),
            ("a Python pickle", [0x80, 4, 0x95]), ("bzip2 data", Array("BZh".utf8)),
            ("xz data", [0xFD, 0x37, 0x7A, 0x58, 0x5A]),
        ]
        return known.first { head.starts(with: $0.magic) }?.name
    }

    static func open(_ file: FoundFile, _ reading: Reading) throws(DataError) -> (any DataFile)? {
        guard let name = name(file.head) else { return nil }
        throw .unsupported(file: file.path, detail: "is \(name), which is not read here; save it as CSV, NPY or IDX")
    }
}
