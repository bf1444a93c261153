import Batchwise
import Foundation

/// The decoded pixels of training images, in memory or decoded when a batch needs them, and how they become features.
struct Pixels {
    let features: Dataset.Features
    /// The scale and shift by which a byte becomes `byte * scale + shift`.
    let scale: Float
    let shift: Float

    /// Decodes all images.
    ///
    /// - Parameters:
    ///   - train: the images whose bytes get mean 0 and deviation 1.
    ///   - memory: bytes that the features may take.
    ///   - kept: the scale and shift of a saved model; nil fits them.
    ///   - progress: is told how many images have been decoded.
    init(
        _ files: ImageFiles, train: RowList, memory: Int, threads: Int, standardise: Bool,
        kept: (scale: Float, shift: Float)? = nil, progress: (Int) -> Void
    ) throws(DataError) {
        let isInMemory = files.byteCount <= memory
        func decoded(_ rows: Range<Int>) throws(DataError) -> [UInt8] {
            try files.bytes(rows: Array(rows), threads: threads) { progress(rows.lowerBound + $0) }
        }
        let bytes = isInMemory ? try decoded(0..<files.count) : []
        var counts = Moments.counts(bytes, width: files.shape.count, rows: isInMemory ? train : [])
        if !isInMemory, kept == nil {
            let isTrained = Set(train)
            for first in stride(from: 0, to: files.count, by: files.rowsAtOnce) {
                let rows = first..<min(first + files.rowsAtOnce, files.count)
                let wanted = rows.filter(isTrained.contains).map { $0 - first }
                let found = Moments.counts(try decoded(rows), width: files.shape.count, rows: wanted)
                for byte in counts.indices { counts[byte] += found[byte] }
            }
        }
        let moments = Moments(counts: counts)
        let (scale, shift): (Float, Float) =
            if let kept { kept } else if standardise {
                (Float(1 / moments.deviation), Float(-moments.mean / moments.deviation))
            } else { (1, 0) }
        (self.scale, self.shift) = (scale, shift)
        features =
            isInMemory
            ? .bytes(bytes, scale: scale, shift: shift) : .streamed(files.features(scale: scale, shift: shift))
    }
}

extension ImageFiles {
    /// Bytes of all images once they are decoded.
    var byteCount: Int {
        let (bytes, overflow) = paths.count.multipliedReportingOverflow(by: shape.count)
        return overflow ? .max : bytes
    }

    /// Images that are decoded at a time where every image is read once: about 64 MiB.
    var rowsAtOnce: Int { max(1, min(1024, (64 << 20) / shape.count)) }

    /// Fails where one image alone is more than the memory that all may take.
    func requireRoom(in memory: Int, for path: String) throws(DataError) {
        guard shape.count <= memory else { throw .tooLarge(file: path, bytes: byteCount, limit: memory) }
    }

    /// The images, decoded when a batch needs them.
    func features(scale: Float, shift: Float) -> StreamedFeatures {
        StreamedFeatures(.bytes(scale: scale, shift: shift), reader: ImageRows(self))
    }
}

/// Images that are decoded when they are asked for.
private final class ImageRows: RowReader {
    private let files: ImageFiles

    init(_ files: ImageFiles) { self.files = files }

    func fill(_ buffer: UnsafeMutableRawBufferPointer, rows: [Int]) throws(DataError) {
        try files.fill(buffer.bindMemory(to: UInt8.self), rows: rows)
    }

    /// Of the lengths of the files, in their order.
    func contentChecksum() -> UInt64? {
        var sum = Checksum()
        sum.add(
            files.paths.map { path in
                var status = stat()
                return stat(path, &status) == 0 ? Int(status.st_size) : -1
            })
        return sum.value
    }
}
