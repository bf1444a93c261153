import Batchwise
import Foundations

/// NumPy's archive of arrays: a zip of `name.npy`.
struct NPZ: DataFormat, DataFile {
    let path: String
    /// The names of the arrays, in the order of the archive.
    let names: [String]
    /// How the axis of the channels of arrays of images is found.
    let channels: ChannelOrder
    private let archive: ZipArchive

    /// Whether a file's first bytes are those of a zip archive.
    static func recognises(_ head: [UInt8]) -> Bool {
        head.starts(with: [0x50, 0x4B, 3, 4]) || head.starts(with: [0x50, 0x4B, 5, 6])
    }

    /// Opens an archive, or one array of it, written `arrays.npz:name`.
    static func open(_ file: FoundFile, _ reading: Reading) throws(DataError) -> (any DataFile)? {
        guard let bytes = file.bytes else { return nil }
        let isArchive = bytes.packing == .none && recognises(bytes.head)
        guard let name = file.array else {
            return isArchive ? try NPZ(path: file.path, channels: reading.channels) : nil
        }
        guard isArchive else { throw .missingFile(file.path) }
        return try ArrayFile(try NPZ(path: bytes.path).array(name), path: file.path, channels: reading.channels)
    }

    init(path: String, channels: ChannelOrder = ChannelOrder()) throws(DataError) {
        let archive = try ZipArchive(InputFile(path))
        let arrays = archive.entries.filter { $0.name.hasSuffix(Self.ending) }
        guard !arrays.isEmpty else {
            throw .unsupported(file: path, detail: ZipContents.description(of: archive.entries.map(\.name)))
        }
        self.path = path
        self.channels = channels
        self.archive = archive
        names = arrays.map { String($0.name.dropLast(Self.ending.count)) }
    }

    /// The array of this name; its checksum is verified.
    func array(_ name: String) throws(DataError) -> NumericArray {
        try NPY.read(try source(name))
    }

    /// The path of an array, as errors and recipes write it.
    func path(of name: String) -> String { path + ":" + name }

    /// Every array with its shape.
    func described() throws(DataError) -> [String] {
        var result: [String] = []
        for name in names {
            let header = try NPY.header(of: try source(name))
            result.append("\(name) \(header.shape)")
        }
        return result
    }

    /// The bytes of the array of this name.
    func source(_ name: String) throws(DataError) -> ByteSource {
        guard let entry = archive.entries.first(where: { $0.name == name + Self.ending }) else {
            throw .unknownArray(
                file: path, name: name, nearest: nearestName(to: name, in: names), arrays: try described())
        }
        return try archive.source(entry, path: path(of: name))
    }

    private static let ending = ".npy"
}
