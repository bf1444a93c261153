/// A data file of any format that is read here: its content tells which, then its name.
enum DataFile {
    case array(NumericArray)
    case table(CSV)

    /// - Parameter header: whether a table's first row names the columns; nil finds out.
    init(path: String, header: Bool?) throws(DataError) {
        let source = try ByteSource(path: path)
        if NPY.recognises(source.head) {
            self = .array(try NPY.read(source))
        } else if IDX.recognises(source.head) {
            self = .array(try IDX.read(source))
        } else if let name = Self.otherFormat(source.head) {
            throw .unsupported(file: path, detail: "is \(name), which is not read here; save it as CSV, NPY or IDX")
        } else {
            self = .table(try CSV(source, header: header))
        }
    }

    /// An array, where a table would make no sense.
    static func array(path: String) throws(DataError) -> NumericArray {
        guard case .array(let array) = try DataFile(path: path, header: nil) else {
            throw .badLabels(file: path, detail: "an IDX or NPY file is needed")
        }
        return array
    }

    private static func otherFormat(_ head: [UInt8]) -> String? {
        let known: [(name: String, magic: [UInt8])] = [
            ("a zip archive (NPZ, XLSX)", [0x50, 0x4B, 3, 4]), ("a PNG image", [0x89, 0x50, 0x4E, 0x47]),
            ("a JPEG image", [0xFF, 0xD8, 0xFF]), ("a Parquet file", Array("PAR1".utf8)),
            ("an SQLite database", Array("SQLite format 3".utf8)), ("an HDF5 file", [0x89, 0x48, 0x44, 0x46]),
            ("a Python pickle", [0x80, 4, 0x95]), ("bzip2 data", Array("BZh".utf8)),
            ("xz data", [0xFD, 0x37, 0x7A, 0x58, 0x5A]), ("Zstandard data", [0x28, 0xB5, 0x2F, 0xFD]),
        ]
        if let format = known.first(where: { head.starts(with: $0.magic) }) { return format.name }
        return isLIBSVM(head) ? "LIBSVM text" : nil
    }

    /// `label index:value index:value`, as far as the first line shows.
    private static func isLIBSVM(_ head: [UInt8]) -> Bool {
        let line = head.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
        let words = line.split(separator: UInt8(ascii: " ")).dropFirst()
        // The last word may be cut off by the end of the head.
        let whole = line.count == head.count ? words.dropLast() : words
        return !whole.isEmpty
            && whole.allSatisfy { word in
                let parts = word.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
                let isIndex = parts[0].allSatisfy { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
                return parts.count == 2 && !parts[0].isEmpty && isIndex && !parts[1].isEmpty
            }
    }
}
