import Batchwise

extension ArrayFile {
    func fitted(rows wanted: RowList?, standardise: Bool) throws(DataError) -> Preprocessing.Features {
        guard standardise else {
            try rows.forEachRun { _, _ in }  // compares the checksums
            return .uniform(scale: 1, shift: 0)
        }
        switch rows.element {
        case .byte, .boolean:
            var counts = [Int](repeating: 0, count: 256)
            try rows.forEachRun(of: wanted) { _, places, bytes in
                let found = Moments.counts(bytes.bindMemory(to: UInt8.self), width: width, rows: places)
                for byte in counts.indices { counts[byte] += found[byte] }
            }
            let moments = Moments(counts: counts)
            return .uniform(scale: Float(1 / moments.deviation), shift: Float(-moments.mean / moments.deviation))
        case .int32: return try perFeature(wanted, Int32.self) { Double($0) }
        case .int64: return try perFeature(wanted, Int64.self) { Double($0) }
        case .float: return try perFeature(wanted, Float.self) { Double($0) }
        case .double: return try perFeature(wanted, Double.self) { $0 }
        }
    }

    /// The moments of every feature, from two passes over the rows in their order: the same to the last bit however
    /// many rows are in memory at a time.
    @inline(__always)
    private func perFeature<Number>(
        _ wanted: RowList?, _: Number.Type, _ value: (Number) -> Double
    ) throws(DataError) -> Preprocessing.Features {
        if let wanted, wanted.isEmpty { throw .noExamples }
        let width = width
        var moments = [RunningMoments](repeating: RunningMoments(), count: width)
        try rows.forEachRun(of: wanted) { run, places, bytes in
            let numbers = bytes.bindMemory(to: Number.self)
            moments.withUnsafeMutableBufferPointer { moments in
                for row in places ?? RowList(0..<run.count) {
                    for feature in 0..<width { moments[feature].add(value(numbers[row * width + feature])) }
                }
            }
        }
        for feature in 0..<width { moments[feature].endFirstPass() }
        try rows.forEachRun(of: wanted) { run, places, bytes in
            let numbers = bytes.bindMemory(to: Number.self)
            moments.withUnsafeMutableBufferPointer { moments in
                for row in places ?? RowList(0..<run.count) {
                    for feature in 0..<width { moments[feature].addDistance(value(numbers[row * width + feature])) }
                }
            }
        }
        let means = moments.map(\.mean)
        let deviations = moments.map(\.deviation)
        if let feature = (0..<width).first(where: {
            !means[$0].isFinite || !deviations[$0].isFinite || deviations[$0] <= 0
        }) {
            if let bad = try rows.firstNumber(width: width, where: { !$1.isFinite }) {
                throw .nonFinite(in: "features in \(path)", row: bad.row, found: "\(bad.number)")
            }
            throw .unsupported(file: path, detail: "feature \(feature) is too large or too small")
        }
        return .perFeature(means: means, deviations: deviations)
    }

    func features(for preprocessing: Preprocessing) throws(DataError) -> Dataset.Features {
        guard featureShape == preprocessing.featureShape else {
            throw .shapeDiffers(file: path, expected: preprocessing.featureShape, found: featureShape)
        }
        switch preprocessing.features {
        case .uniform(let scale, let shift):
            if let bytes = try bytes(scale: scale, shift: shift) { return bytes }
            return try floats(FeatureWriter(rows.element, preprocessing.features))
        case .perFeature: return try floats(FeatureWriter(rows.element, preprocessing.features))
        case .table, .sparse, .characters: throw preprocessing.otherKind(path, "is an array")
        }
    }

    /// The features as bytes, unchanged; nil where numbers are of another type.
    private func bytes(scale: Float, shift: Float) throws(DataError) -> Dataset.Features? {
        switch rows {
        case .memory(let array):
            switch array.storage {
            case .bytes(let bytes), .booleans(let bytes): return .bytes(bytes, scale: scale, shift: shift)
            case .integers, .floats, .doubles: return nil
            }
        case .files(let shards):
            guard shards.element.isByte else { return nil }
            guard shards.byteCount <= memory else {
                return .streamed(.init(.bytes(scale: scale, shift: shift), reader: ByteRows(shards)))
            }
            var bytes: [UInt8] = []
            bytes.reserveCapacity(shards.byteCount)
            try shards.forEachRun(comparingChecksums: false) { bytes.append(contentsOf: $1) }
            return .bytes(bytes, scale: scale, shift: shift)
        }
    }

    private func floats(_ writer: FeatureWriter) throws(DataError) -> Dataset.Features {
        if case .files(let shards) = rows, 4 * count * width > memory {
            return .streamed(.init(.floats, reader: FloatRows(shards, writer)))
        }
        var floats = [Float](repeating: 0, count: count * width)
        try rows.forEachRun(comparingChecksums: false) { run, bytes in
            floats.withUnsafeMutableBufferPointer { all in
                writer.write(
                    bytes,
                    to: UnsafeMutableBufferPointer(
                        rebasing: all[(run.lowerBound * width)..<(run.upperBound * width)]))
            }
        }
        if let bad = floats.firstIndex(where: { !$0.isFinite }) {
            let found = try rows.firstNumber(width: width) { place, _ in place == bad }
            throw .nonFinite(
                in: "features in \(path)", row: bad / width, found: "\(found?.number ?? Double(floats[bad]))")
        }
        return .floats(floats)
    }
}
