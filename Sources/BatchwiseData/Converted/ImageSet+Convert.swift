import Batchwise

extension ImageSet {
    /// Writes the decoded images with their targets.
    func convert(_ conversion: Conversion, _ wanted: DataSource.Images, threads: Int) throws {
        guard weights == nil else {
            throw DataError.badSource("converted images have no weights: remove data.weights, or train from the list")
        }
        let headers = try ImageFiles.headers(of: self.files, threads: threads) { _ in }
        let (shape, _) = ImageShape.common(of: headers.map(\.shape), wanted: wanted)
        let files = ImageFiles(paths: self.files, shape: shape)
        let target = target?.field
        let features = ConvertedManifest.Field(name: "features", element: .byte, shape: shape.dimensions)
        var writer = try ConvertedDataWriter(
            to: conversion.path,
            ConvertedManifest(
                kind: .array, keepsTestRows: true, fields: [features] + (target.map { [$0.0] } ?? [])),
            count: files.count, shardRows: conversion.shardRows)
        try files.requireRoom(in: DataSource.usualMemory, for: self.path)
        for first in stride(from: 0, to: files.count, by: files.rowsAtOnce) {
            let rows = first..<min(first + files.rowsAtOnce, files.count)
            let bytes = try files.bytes(rows: Array(rows), threads: threads, progress: { _ in })
            try bytes.withUnsafeBytes { bytes in
                guard let (_, numbers) = target else { return try writer.append(rows: rows.count, [bytes]) }
                try numbers[rows].withUnsafeBytes { try writer.append(rows: rows.count, [bytes, $0]) }
            }
        }
        try writer.finish()
    }
}
