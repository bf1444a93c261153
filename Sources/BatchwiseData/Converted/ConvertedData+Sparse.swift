import Batchwise

/// Sparse rows in the converted form: for every row its target and where its numbers end; then all indices and all
/// numbers.
extension ConvertedData {
    static let sparseFields: [ConvertedManifest.Field] = [
        .init(name: "target", element: .double, shape: []), .init(name: "ends", element: .double, shape: []),
        .init(name: "indices", element: .int32, shape: []), .init(name: "values", element: .float, shape: []),
    ]

    /// The rows, all of them in memory.
    func sparse() throws(DataError) -> LIBSVM {
        func fault(_ detail: String) -> DataError { .badHeader(file: path, format: "converted", detail: detail) }
        let range = manifest.indices ?? 1...0
        guard range.lowerBound >= 0, range.upperBound <= LIBSVM.largestIndex else {
            throw fault("the indices \(range)")
        }
        let labels = try numbers(field: 0)
        let ends = try numbers(field: 1)
        let indices = try elements(field: 2, Int32.self)
        let values = try elements(field: 3, Float.self)
        var starts = [0]
        starts.reserveCapacity(ends.count + 1)
        for (row, end) in ends.enumerated() {
            let first = starts[row]
            guard let end = Int(exactly: end), end >= first, end <= indices.count else {
                throw fault("row \(row) ends at \(end)")
            }
            for place in first..<end {
                guard place == first || indices[place] > indices[place - 1], range.contains(Int(indices[place])),
                    values[place].isFinite
                else { throw fault("row \(row) has the index \(indices[place]) with \(values[place])") }
            }
            starts.append(end)
        }
        guard indices.count == values.count, starts.last == indices.count else {
            throw fault("\(indices.count) indices and \(values.count) numbers")
        }
        guard let bad = labels.firstIndex(where: { !$0.isFinite }) else {
            return LIBSVM(
                path: path, labels: labels, starts: starts, indices: indices, values: values,
                range: Int32(range.lowerBound)...Int32(range.upperBound))
        }
        throw fault("row \(bad) has the target \(labels[bad])")
    }
}

extension LIBSVM {
    func convert(to path: String) throws {
        let manifest = ConvertedManifest(
            kind: .sparse, keepsTestRows: keepsTestRows, fields: ConvertedData.sparseFields,
            indices: Int(indexRange.lowerBound)...Int(indexRange.upperBound))
        var writer = try ConvertedDataWriter(
            to: path, manifest, count: count, lengths: [count, count, indices.count, values.count])
        let ends = starts.dropFirst().map(Double.init)
        try labels.withUnsafeBytes { labels in
            try ends.withUnsafeBytes { ends in
                try indices.withUnsafeBytes { indices in
                    try values.withUnsafeBytes { try writer.append(rows: count, [labels, ends, indices, $0]) }
                }
            }
        }
        try writer.finish()
    }
}
