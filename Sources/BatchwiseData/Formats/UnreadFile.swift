import Batchwise

/// Files of known formats that this library does not read. Each is refused by its name before it is taken for text.
enum UnreadFile: DataFormat {
    private static let tables = "save the table as CSV, XLSX or NPY"

    /// The formats of files that begin with these bytes, and what to do with them.
    private static let known: [(magic: [UInt8], name: String, hint: String)] = [
        ([0x50, 0x4B, 3, 4], "a zip archive inside another file", "unpack it first"),
        (Array("PAR1".utf8), "a packed Parquet file", "unpack it first"),
        (Array("ARROW1".utf8), "an Arrow file", "save it with pandas.to_parquet"),
        (Array("FEA1".utf8), "a Feather file", "save it with pandas.to_parquet"),
        (Array("SQLite format 3".utf8), "a packed SQLite database", "unpack it first"),
        ([0x89, 0x48, 0x44, 0x46], "an HDF5 file", "save its arrays with numpy.savez"),
        (
            [0xD0, 0xCF, 0x11, 0xE0], "an old Office file (.xls, .doc) or one with a password",
            "save it as .xlsx or CSV"
        ),
        ([0x80, 2], "a Python pickle", tables), ([0x80, 3], "a Python pickle", tables),
        ([0x80, 4], "a Python pickle", tables), ([0x80, 5], "a Python pickle", tables),
        (Array("X\n\0\0".utf8), "an R object (.rds)", "write the table in R with write.csv"),
        (Array("MATLAB 5.0".utf8), "a MATLAB file", "save its arrays as CSV or NPY"),
        (Array("<stata_dta>".utf8), "a Stata file", tables), (Array("$FL2".utf8), "an SPSS file", tables),
        (Array("Obj\u{1}".utf8), "an Avro file", tables),
        (Array("%PDF-".utf8), "a PDF document", "copy its table to a spreadsheet and save that as CSV"),
        (Array("{\\rtf".utf8), "an RTF document", tables),
        (Array("GIF8".utf8), "a GIF image", "save images as PNG or JPEG"),
        ([0x49, 0x49, 0x2A, 0], "a TIFF image", "save images as PNG or JPEG"),
        ([0x4D, 0x4D, 0, 0x2A], "a TIFF image", "save images as PNG or JPEG"),
        (
            Array("version https://git-lfs.github.com/spec/".utf8), "a Git LFS pointer, not the file itself",
            "fetch the file with: git lfs pull"
        ),
        (Array("BZh".utf8), "bzip2 data", "unpack it first"),
        ([0xFD, 0x37, 0x7A, 0x58, 0x5A], "xz data", "unpack it first"),
        ([0x37, 0x7A, 0xBC, 0xAF], "a 7z archive", "unpack it first"),
        (Array("Rar!".utf8), "a RAR archive", "unpack it first"),
    ]

    /// The formats of files whose first bytes may begin a text too, so that bytes must follow that no text has.
    private static let knownBinary: [(magic: [UInt8], name: String, hint: String)] = [
        ([0x78, 0x5E], "zlib data, as joblib writes", "save the array with numpy.save"),
        ([0x78, 0x9C], "zlib data, as joblib writes", "save the array with numpy.save"),
        ([0x78, 0xDA], "zlib data, as joblib writes", "save the array with numpy.save"),
        (Array("RDX".utf8), "an R workspace (.RData)", "write the table in R with write.csv"),
        (Array("ORC".utf8), "an ORC file", tables),
    ]

    /// The kind of a file of this beginning, and the advice for it.
    private static func description(_ head: [UInt8]) -> (name: String, hint: String)? {
        if let found = known.first(where: { head.starts(with: $0.magic) }) { return (found.name, found.hint) }
        if let found = knownBinary.first(where: { head.starts(with: $0.magic) }),
            head.contains(where: { $0 != 1 && $0 < 9 || (14..<27).contains($0) })
        {
            return (found.name, found.hint)
        }
        if head.count > 262, head[257..<262].elementsEqual("ustar".utf8) { return ("a tar archive", "unpack it first") }
        if head.starts(with: Array("RIFF".utf8)), head.dropFirst(8).starts(with: Array("WEBP".utf8)) {
            return ("a WebP image", "save images as PNG or JPEG")
        }
        let isBOM: (UInt8) -> Bool = { $0 == 0xEF || $0 == 0xBB || $0 == 0xBF || $0 <= 0x20 }
        let text = String(decoding: head.drop(while: isBOM).prefix(400), as: UTF8.self).lowercased()
        guard text.hasPrefix("<") else { return nil }
        if text.hasPrefix("<!doctype html") || text.hasPrefix("<html") || text.contains("<html")
            || text.contains("<body") || text.hasPrefix("<head")
        {
            return ("a web page (HTML)", "it may be a page for signing in, or an error; fetch the file itself")
        }
        if text.hasPrefix("<?xml") || text.hasPrefix("<!--") { return ("an XML file", tables) }
        return nil
    }

    static func open(_ file: FoundFile, _ reading: Reading) throws(DataError) -> (any DataFile)? {
        guard let found = description(file.head) else { return nil }
        throw .unsupported(file: file.path, detail: "is \(found.name), which is not read here; \(found.hint)")
    }
}
