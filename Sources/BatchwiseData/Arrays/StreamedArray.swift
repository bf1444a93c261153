import Batchwise
/// An array of examples that stays in its files while it is looked at, and for training where it is larger than the
/// memory it may take: what `ArrayExamples` is to one in memory, to the same bits.
struct StreamedArray: ExampleFile {
    let path: String
    let shards: ArrayShards
    let featureShape: [Int]
    let keepsTestRows: Bool
    /// Bytes that the features may take.
    private let memory: Int
    /// Where labels are named by nobody.
    private let ownTarget: RawTarget?

    init(
        _ shards: ArrayShards, path: String, memory: Int, keepsTestRows: Bool = false, target: RawTarget? = nil
    ) {
        self.path = path
        self.memory = memory
        self.shards = shards
        self.keepsTestRows = keepsTestRows
        ownTarget = target
        featureShape = ArrayExamples.featureShape(shards.shape)
    }

    var count: Int { shards.count }
    var hasTarget: Bool { ownTarget != nil }
    private var width: Int { featureShape.reduce(1, *) }

    func fitted(rows: RowList?, standardise: Bool) throws(DataError) -> Preprocessing.Features {
        guard standardise else {
            try shards.forEachRun { _, _ in }  // compares the checksums
            return .uniform(scale: 1, shift: 0)
        }
        let width = width
        switch shards.element {
        case .byte, .boolean:
            var counts = [Int](repeating: 0, count: 256)
            try forEachRun(of: rows) { _, rows, bytes in
                let found = Moments.counts(bytes.bindMemory(to: UInt8.self), width: width, rows: rows)
                for byte in counts.indices { counts[byte] += found[byte] }
            }
            let moments = Moments(counts: counts)
            return .uniform(scale: Float(1 / moments.deviation), shift: Float(-moments.mean / moments.deviation))
        case .int32: return try perFeature(rows, Int32.self) { Double($0) }
        case .float: return try perFeature(rows, Float.self) { Double($0) }
        case .double: return try perFeature(rows, Double.self) { $0 }
        }
    }

    private func perFeature<Number>(
        _ rows: RowList?, _: Number.Type, _ value: @escaping @Sendable (Number) -> Double
    ) throws(DataError) -> Preprocessing.Features {
        let width = width
        var moments = FeatureMoments(width: width)
        try forEachRun(of: rows) { run, rows, bytes in
            let numbers = bytes.bindMemory(to: Number.self)
            for row in rows ?? Array(0..<run.count) { moments.add { value(numbers[row * width + $0]) } }
        }
        moments.endFirstPass()
        try forEachRun(of: rows) { run, rows, bytes in
            let numbers = bytes.bindMemory(to: Number.self)
            for row in rows ?? Array(0..<run.count) { moments.addDistance { value(numbers[row * width + $0]) } }
        }
        if let feature = moments.endSecondPass() {
            throw .unsupported(
                file: path, detail: "feature \(feature) has numbers that are not finite, too large or too small")
        }
        return .perFeature(means: moments.means, deviations: moments.deviations)
    }

    /// Runs of rows, and which of each run are wanted, by their place in it; nil is all.
    private func forEachRun(
        of wanted: RowList?, _ body: (Range<Int>, [Int]?, UnsafeRawBufferPointer) -> Void
    ) throws(DataError) {
        var next = 0
        try shards.forEachRun { run, bytes in
            guard let wanted else { return body(run, nil, bytes) }
            let first = next
            while next < wanted.count, wanted[next] < run.upperBound { next += 1 }
            body(run, wanted[first..<next].map { $0 - run.lowerBound }, bytes)
        }
    }

    func features(for preprocessing: Preprocessing) throws(DataError) -> Dataset.Features {
        guard featureShape == preprocessing.featureShape else {
            throw .shapeDiffers(file: path, expected: preprocessing.featureShape, found: featureShape)
        }
        switch (preprocessing.features, shards.element) {
        case (.uniform(let scale, let shift), .byte), (.uniform(let scale, let shift), .boolean):
            let rows = ByteRows(shards)
            guard shards.byteCount <= memory else {
                return .streamed(.init(.bytes(scale: scale, shift: shift), reader: rows))
            }
            return .bytes(try all(UInt8.self, rows), scale: scale, shift: shift)
        case (.uniform, _), (.perFeature, _):
            let rows = FloatRows(shards, preprocessing.features)
            return 4 * count * width <= memory
                ? .floats(try all(Float.self, rows)) : .streamed(.init(.floats, reader: rows))
        case (.table, _), (.sparse, _), (.characters, _):
            throw .unsupported(file: path, detail: "is an array, and the model was trained on something else")
        }
    }

    /// All rows in memory.
    private func all<Number>(_: Number.Type, _ reader: some RowReader) throws(DataError) -> [Number] {
        var failure: DataError?
        let numbers = [Number](unsafeUninitializedCapacity: count * width) { buffer, initialized in
            do throws(DataError) {
                let length = max(1, (1 << 20) / width)
                for first in stride(from: 0, to: count, by: length) {
                    let rows = first..<min(first + length, count)
                    let part = UnsafeMutableBufferPointer(
                        rebasing: buffer[(rows.lowerBound * width)..<(rows.upperBound * width)])
                    try reader.fill(UnsafeMutableRawBufferPointer(part), rows: Array(rows))
                }
                initialized = count * width
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return numbers
    }

    func target(labels: [String]) throws(DataError) -> RawTarget {
        if labels.isEmpty, let ownTarget { return ownTarget }
        return try RawTarget(labels: labels, ofArray: path, count: count)
    }
}

/// Rows of bytes as they lie in their files.
private final class ByteRows: RowReader {
    private let shards: ArrayShards

    init(_ shards: ArrayShards) { self.shards = shards }

    func fill(_ buffer: UnsafeMutableRawBufferPointer, rows: [Int]) throws(DataError) {
        try shards.read(rows, into: buffer)
    }

    var storedBytes: Int { shards.byteCount }
    func willRead(_ runs: [Range<Int>]) { shards.willRead(runs) }
}

/// Rows of numbers, made what a model sees.
private final class FloatRows: RowReader {
    private let shards: ArrayShards
    private let fitted: Preprocessing.Features

    init(_ shards: ArrayShards, _ fitted: Preprocessing.Features) {
        self.shards = shards
        self.fitted = fitted
    }

    func fill(_ buffer: UnsafeMutableRawBufferPointer, rows: [Int]) throws(DataError) {
        let raw = UnsafeMutableRawBufferPointer.allocate(byteCount: rows.count * shards.rowBytes, alignment: 16)
        defer { raw.deallocate() }
        try shards.read(rows, into: raw)
        let features = buffer.bindMemory(to: Float.self)
        switch shards.element {
        case .byte, .boolean: write(raw.bindMemory(to: UInt8.self), to: features) { Double($0) }
        case .int32: write(raw.bindMemory(to: Int32.self), to: features) { Double($0) }
        case .float: write(raw.bindMemory(to: Float.self), to: features) { Double($0) }
        case .double: write(raw.bindMemory(to: Double.self), to: features) { $0 }
        }
    }

    @inline(__always)
    private func write<Number>(
        _ numbers: UnsafeMutableBufferPointer<Number>, to features: UnsafeMutableBufferPointer<Float>,
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

    var storedBytes: Int { shards.byteCount }
    func willRead(_ runs: [Range<Int>]) { shards.willRead(runs) }
}
