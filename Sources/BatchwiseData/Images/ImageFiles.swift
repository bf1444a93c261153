import Batchwise

/// Image files as rows of bytes, all of one shape, decoded when they are asked for.
///
/// ```swift
/// let images = ImageFiles(paths: paths, shape: ImageShape(height: 28, width: 28, channels: 1))
/// try images.fill(buffer, rows: [7, 0, 3])
/// ```
/// Any number of threads may ask at the same time. The bytes do not depend on their number.
struct ImageFiles: Sendable {
    let paths: [String]
    let shape: ImageShape

    var count: Int { paths.count }

    /// Writes these images one after the other: rows x height x width x channels bytes.
    ///
    /// Every row must be in `0..<count`, and the buffer must have room for all.
    ///
    /// - Parameters:
    ///   - threads: how many decode, the caller among them.
    ///   - progress: is told the number of images that are done.
    /// - Throws: `DataError` of the first image, in the order of `rows`, that cannot be read.
    func fill(
        _ buffer: UnsafeMutableBufferPointer<UInt8>, rows: [Int], threads: Int = 1,
        progress: (_ done: Int) -> Void = { _ in }
    ) throws(DataError) {
        // every worker writes rows of its own
        guard let start = buffer.baseAddress else { return }
        nonisolated(unsafe) let base = start
        precondition(
            rows.allSatisfy { $0 >= 0 && $0 < count } && rows.count * shape.count <= buffer.count,
            "fill(_:rows:) out of bounds")
        try Self.concurrently(rows.count, threads, progress) { (decoder, place) throws(DataError) in
            try decoder.decode(paths[rows[place]], as: shape, into: base + place * shape.count)
        }
    }

    /// The bytes of these images in memory.
    func bytes(rows: [Int], threads: Int, progress: (_ done: Int) -> Void) throws(DataError) -> [UInt8] {
        var failure: DataError?
        let count = rows.count * shape.count
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            do throws(DataError) {
                try fill(buffer, rows: rows, threads: threads, progress: progress)
                initialized = count
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return bytes
    }

    /// The shapes and orientations of images in their files.
    static func headers(
        of paths: [String], threads: Int, progress: (_ done: Int) -> Void
    ) throws(DataError) -> [ImageHeader] {
        let none = ImageHeader(shape: ImageShape(height: 0, width: 0, channels: 0), isTurned: false)
        var headers = [ImageHeader](repeating: none, count: paths.count)
        var failure: DataError?
        headers.withUnsafeMutableBufferPointer { buffer in
            nonisolated(unsafe) let headers = buffer
            do throws(DataError) {
                try concurrently(paths.count, threads, progress) { (decoder, place) throws(DataError) in
                    headers[place] = try decoder.header(of: paths[place])
                }
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return headers
    }

    /// Runs `work` for every number below `count`, in blocks after which errors and progress are told.
    private static func concurrently(
        _ count: Int, _ threads: Int, _ progress: (Int) -> Void,
        _ work: @Sendable (ImageDecoder, Int) throws(DataError) -> Void
    ) throws(DataError) {
        nonisolated(unsafe) let decoders = (0..<max(1, min(threads, count))).map { _ in ImageDecoder() }
        let block = 256 * decoders.count
        var failures = [(place: Int, error: DataError)?](repeating: nil, count: decoders.count)
        for start in stride(from: 0, to: count, by: block) {
            let end = min(start + block, count)
            failures.withUnsafeMutableBufferPointer { buffer in
                nonisolated(unsafe) let failures = buffer
                WorkerThread.concurrently(decoders.count) { worker in
                    for place in stride(from: start + worker, to: end, by: decoders.count) {
                        do throws(DataError) {
                            try work(decoders[worker], place)
                        } catch {
                            failures[worker] = (place, error)
                            return
                        }
                    }
                }
            }
            if let first = failures.compactMap({ $0 }).min(by: { $0.place < $1.place }) { throw first.error }
            progress(end)
        }
    }
}
