import Batchwise

/// Makes the numbers of an array features in the terms of a fitted model: `(number - mean) / deviation` of the feature,
/// or `number * scale + shift`.
struct FeatureWriter: Sendable {
    private let element: ArrayElement
    private let fitted: Preprocessing.Features

    init(_ element: ArrayElement, _ fitted: Preprocessing.Features) {
        self.element = element
        self.fitted = fitted
    }

    /// Writes the features of whole rows.
    func write(_ numbers: UnsafeRawBufferPointer, to features: UnsafeMutableBufferPointer<Float>) {
        switch element {
        case .byte, .boolean: write(numbers.bindMemory(to: UInt8.self), to: features) { Double($0) }
        case .int32: write(numbers.bindMemory(to: Int32.self), to: features) { Double($0) }
        case .int64: write(numbers.bindMemory(to: Int64.self), to: features) { Double($0) }
        case .float: write(numbers.bindMemory(to: Float.self), to: features) { Double($0) }
        case .double: write(numbers.bindMemory(to: Double.self), to: features) { $0 }
        }
    }

    @inline(__always)
    private func write<Number>(
        _ numbers: UnsafeBufferPointer<Number>, to features: UnsafeMutableBufferPointer<Float>,
        _ value: (Number) -> Double
    ) {
        switch fitted {
        case .perFeature(let means, let deviations):
            let width = means.count
            for first in stride(from: 0, to: features.count, by: width) {
                for feature in 0..<width {
                    features[first + feature] = Float(
                        (value(numbers[first + feature]) - means[feature]) / deviations[feature])
                }
            }
        case .uniform(let scale, let shift):
            for place in features.indices { features[place] = Float(value(numbers[place])) * scale + shift }
        case .sparse, .table, .characters: break
        }
    }
}

/// Rows of bytes as they lie in their files.
final class ByteRows: RowReader {
    private let shards: ArrayShards

    init(_ shards: ArrayShards) { self.shards = shards }

    func fill(_ buffer: UnsafeMutableRawBufferPointer, rows: [Int]) throws(DataError) {
        try shards.read(rows, into: buffer)
    }

    var storedBytes: Int { shards.byteCount }
    func willRead(_ runs: [Range<Int>]) { shards.willRead(runs) }
    func contentChecksum() throws(DataError) -> UInt64? { try shards.contentChecksum() }
}

/// Rows of numbers in files, which become features when a batch needs them.
final class FloatRows: RowReader {
    private let shards: ArrayShards
    private let writer: FeatureWriter

    init(_ shards: ArrayShards, _ writer: FeatureWriter) {
        self.shards = shards
        self.writer = writer
    }

    func fill(_ buffer: UnsafeMutableRawBufferPointer, rows: [Int]) throws(DataError) {
        let raw = UnsafeMutableRawBufferPointer.allocate(byteCount: rows.count * shards.rowBytes, alignment: 16)
        defer { raw.deallocate() }
        try shards.read(rows, into: raw)
        writer.write(UnsafeRawBufferPointer(raw), to: buffer.bindMemory(to: Float.self))
    }

    var storedBytes: Int { shards.byteCount }
    func willRead(_ runs: [Range<Int>]) { shards.willRead(runs) }
    func contentChecksum() throws(DataError) -> UInt64? { try shards.contentChecksum() }
}
