import Batchwise

/// The compression of a file, told by its first bytes.
enum Packing {
    case none, gzip, zstandard

    /// The endings that names of packed files have.
    static let endings = [".gz", ".zst"]

    init(_ file: InputFile) throws(DataError) {
        var magic = [UInt8](repeating: 0, count: 4)
        let found = try magic.withUnsafeMutableBufferPointer { (buffer) throws(DataError) in
            try file.peek(at: 0, into: UnsafeMutableRawBufferPointer(buffer))
        }
        let head = magic[..<found]
        self =
            head.starts(with: [0x1F, 0x8B]) ? .gzip : head.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) ? .zstandard : .none
    }
}
