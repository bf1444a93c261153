/// A source of rows of features that are too many for memory: it reads or computes rows when they are asked for.
///
/// Several threads call it at once, and the bytes of a row must be the same each time.
public protocol RowReader: AnyObject, Sendable {
    /// Writes the rows with these numbers into the buffer, one after the other; the buffer has exactly their length in
    /// bytes.
    func fill(_ buffer: UnsafeMutableRawBufferPointer, rows: [Int]) throws(DataError)

    /// The bytes on a disk that hold all rows; 0 for rows that are not on a disk.
    var storedBytes: Int { get }

    /// Announces runs of rows that will be read soon. An implementation may ignore this hint.
    func willRead(_ runs: [Range<Int>])

    /// A checksum by which a resumed run tells whether the rows are those that it began with, where that takes much
    /// less than reading them all; nil where they are not compared.
    func contentChecksum() throws(DataError) -> UInt64?
}

extension RowReader {
    /// 0 by default: the rows are not on a disk.
    public var storedBytes: Int { 0 }
    /// Ignores the hint by default.
    public func willRead(_ runs: [Range<Int>]) {}
    /// nil by default: the rows are not compared.
    public func contentChecksum() throws(DataError) -> UInt64? { nil }
}

/// The features of a data set whose rows a reader writes when a batch needs them.
public struct StreamedFeatures: Sendable {
    /// The type of number that the reader writes.
    public enum Element: Equatable, Sendable {
        /// One byte a feature; a model sees `byte * scale + shift`.
        case bytes(scale: Float, shift: Float)
        /// Float32, as a model sees them.
        case floats
    }

    /// The type of number that the reader writes for each feature.
    public let element: Element
    package let reader: any RowReader
    /// The reader's row of each example; nil where they are the same.
    package let selection: RowList?

    /// Features of which the reader's row i belongs to example i.
    public init(_ element: Element, reader: any RowReader) {
        self.init(element, reader: reader, selection: nil)
    }

    private init(_ element: Element, reader: any RowReader, selection: RowList?) {
        self.element = element
        self.reader = reader
        self.selection = selection
    }

    /// Bytes that the reader writes for `features` features.
    package func byteCount(features: Int) -> Int { element == .floats ? 4 * features : features }

    /// The examples of these indices.
    package func rows(_ indices: RowList) -> Self {
        let rows = selection.map { all in RowList(indices.lazy.map { all[$0] }) } ?? indices
        return Self(element, reader: reader, selection: rows)
    }

    /// Writes the reader's rows of these examples.
    func fill(_ buffer: UnsafeMutableRawBufferPointer, rows: [Int]) throws(DataError) {
        try reader.fill(buffer, rows: selection.map { all in rows.map { all[$0] } } ?? rows)
    }

    /// Tells the reader which runs of examples will be asked for soon.
    package func willRead(_ runs: [Range<Int>]) {
        guard let selection else { return reader.willRead(runs) }
        reader.willRead(runs.filter { !$0.isEmpty }.map { selection[$0.lowerBound]..<selection[$0.upperBound - 1] + 1 })
    }
}

extension StreamedFeatures: Equatable {
    /// Whether two values have the same reader and select the same rows.
    public static func == (left: Self, right: Self) -> Bool {
        left.reader === right.reader && left.element == right.element && left.selection == right.selection
    }
}

/// A program's own source of rows.
private final class ClosureReader: RowReader {
    typealias Fill = @Sendable (_ buffer: UnsafeMutableBufferPointer<Float>, _ rows: [Int]) throws -> Void
    private let body: Fill

    init(_ body: @escaping Fill) { self.body = body }

    func fill(_ buffer: UnsafeMutableRawBufferPointer, rows: [Int]) throws(DataError) {
        do {
            try body(buffer.bindMemory(to: Float.self), rows)
        } catch let error as DataError {
            throw error
        } catch {
            throw .readFailed(file: "the program's own rows", reason: "\(error)")
        }
    }
}

extension Dataset {
    /// Examples with classes 0, 1, 2..., whose features a program gives when they are needed, by a function that fills
    /// a buffer with some of them.
    ///
    /// ```swift
    /// let waves = try Dataset(shape: [64], classes: labels, names: ["low", "high"]) { buffer, rows in
    ///     for (place, row) in rows.enumerated() {
    ///         for feature in 0..<64 { buffer[64 * place + feature] = sensor.value(row, feature) }
    ///     }
    /// }
    /// ```
    /// - Parameters:
    ///   - shape: the shape of one example.
    ///   - classes: the class of each example.
    ///   - names: the names of the classes; nil names them by number, up to the largest label.
    ///   - weights: the weight of each example; nil means 1 for all.
    ///   - fill: writes the features of these rows, row-major and as the model is to see them. It is called from
    ///     several threads, ahead of training, and must give the same numbers for a row each time; what it throws ends
    ///     training.
    public init(
        shape: [Int], classes: [Int], names: [String]? = nil, weights: [Float]? = nil,
        fill: @escaping @Sendable (_ buffer: UnsafeMutableBufferPointer<Float>, _ rows: [Int]) throws -> Void
    ) throws(DataError) {
        try self.init(
            features: .streamed(StreamedFeatures(.floats, reader: ClosureReader(fill))), shape: shape,
            classes: classes, names: names, weights: weights)
    }

    /// Examples with targets of any kind, whose features a program gives when they are needed, by a function that fills
    /// a buffer with some of them.
    ///
    /// - Parameters:
    ///   - count: the number of examples.
    ///   - shape: the shape of one example.
    ///   - targets: what is to be learnt of all examples.
    ///   - weights: the weight of each example; nil means 1 for all.
    ///   - fill: writes the features of these rows, row-major and as the model is to see them. It is called from
    ///     several threads, ahead of training, and must give the same numbers for a row each time; what it throws ends
    ///     training.
    public init(
        count: Int, shape: [Int], targets: Targets, weights: [Float]? = nil,
        fill: @escaping @Sendable (_ buffer: UnsafeMutableBufferPointer<Float>, _ rows: [Int]) throws -> Void
    ) throws(DataError) {
        try self.init(
            count: count, featureShape: shape,
            features: .streamed(StreamedFeatures(.floats, reader: ClosureReader(fill))),
            targets: targets, weights: weights)
    }
}
