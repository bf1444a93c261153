import Batchwise

/// An array of examples, IDX, NPY or converted, in memory or in its files: both give the same bits.
struct ArrayFile: ExampleFile {
    let path: String
    private(set) var rows: ArrayRows
    /// The shape of one example; images without channels get one, and channels are last.
    let featureShape: [Int]
    let channels: DataSource.ChannelAxis?
    let notices: [String]
    let keepsTestRows: Bool
    /// The bytes that the features may take in memory.
    let memory: Int
    /// The target of converted data, which lies in the same folder.
    private let ownTarget: RawTarget?

    /// An array in memory.
    init(_ array: NumericArray, path: String, channels: ChannelOrder = ChannelOrder()) throws(DataError) {
        let example = Array(array.shape.dropFirst())
        guard !array.shape.isEmpty, array.count > 0, example.allSatisfy({ $0 > 0 }) else {
            throw .unsupported(file: path, detail: "an array of the shape \(array.shape) holds no examples")
        }
        try self.init(.memory(array), path: path, channels, memory: .max)
    }

    /// An array in files. Features larger than `memory` are read when a batch needs them.
    init(
        _ shards: ArrayShards, path: String, channels: ChannelOrder = ChannelOrder(), memory: Int,
        keepsTestRows: Bool = false, target: RawTarget? = nil
    ) throws(DataError) {
        try self.init(
            .files(shards), path: path, channels, memory: memory, keepsTestRows: keepsTestRows, target: target)
    }

    private init(
        _ rows: ArrayRows, path: String, _ order: ChannelOrder, memory: Int, keepsTestRows: Bool = false,
        target: RawTarget? = nil
    ) throws(DataError) {
        let found = try order.found(rows.shape, in: path)
        let rows = found.axis == .first ? rows.turned(ChannelTurn(from: rows.shape)) : rows
        self.path = path
        self.rows = rows
        channels = found.axis == .first ? .first : nil
        notices = [found.notice].compactMap { $0 }
        self.memory = memory
        self.keepsTestRows = keepsTestRows
        ownTarget = target
        let example = rows.shape
        featureShape = example.isEmpty ? [1] : example.count == 2 ? example + [1] : example
    }

    var count: Int { rows.count }
    /// The number of features of an example.
    var width: Int { featureShape.reduce(1, *) }

    /// Appends the examples of another array, which is in memory as this one is.
    mutating func append(_ path: String, _ reading: Reading) throws(DataError) {
        guard case .memory(var array) = rows else {
            throw .unsupported(file: path, detail: "cannot be read behind converted data")
        }
        var reading = reading
        (reading.format, reading.header) = (nil, nil)
        guard let other = try reading.formats.open(path, reading) as? ArrayFile, case .memory(let more) = other.rows,
            array.append(more)
        else { throw .partDiffers(file: path, from: "the first", detail: "examples of another shape or type") }
        rows = .memory(array)
    }

    func target(labels: [String], _ formats: DataFormats) throws(DataError) -> RawTarget {
        if labels.isEmpty, let ownTarget { return ownTarget }
        return try RawTarget(labels: labels, ofArray: path, count: count, formats)
    }

    func describe(labels: String?) throws(DataError) -> DataDescription {
        let (features, nonZero) = try DataDescription.Column.described(rows)
        // An array of an NPZ file is described alone; the file's description has its labels too.
        let looksForLabels = ownTarget == nil && DataPath(path).array == nil
        let sibling = looksForLabels ? try SiblingFiles.labels(ofImages: path) : nil
        let hasLabels = ownTarget != nil || labels != nil || sibling != nil
        return DataDescription(
            .array, self, nonZero: nonZero, features,
            hasLabels ? try target(labels: labels.map { [$0] } ?? [], .standard) : nil)
    }
}
