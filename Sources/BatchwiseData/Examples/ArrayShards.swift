import Batchwise
internal import CZlib

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The rows of an array in one or several files. They are read from there when they are needed, so the array may be
/// larger than memory.
final class ArrayShards: Sendable {
    /// A file's part of the rows.
    struct Shard: Sendable {
        let file: InputFile
        /// The place in the file where the first row begins.
        let offset: Int
        let rows: Range<Int>
        /// The CRC-32 of all bytes of the rows, where it is known.
        let checksum: UInt32?
    }

    let element: ArrayElement
    /// The shape of one row, once it is turned.
    let shape: [Int]
    let count: Int
    let shards: [Shard]
    let rowBytes: Int
    /// The turn of rows that are read; nil leaves them as they are.
    private let turn: ChannelTurn?

    /// - Precondition: the shards' rows follow each other from 0, and their files hold them.
    init(_ element: ArrayElement, shape: [Int], shards: [Shard], turn: ChannelTurn? = nil) {
        self.element = element
        self.shape = shape
        self.shards = shards
        self.turn = turn
        count = shards.last?.rows.upperBound ?? 0
        rowBytes = element.size * shape.reduce(1, *)
    }

    var byteCount: Int { count * rowBytes }

    /// The same rows, images that are turned when they are read.
    func turned(_ turn: ChannelTurn) -> ArrayShards {
        ArrayShards(element, shape: turn.shape, shards: shards, turn: turn)
    }

    /// Reads these rows one after the other; rows that follow each other in the file are read at once.
    func read(_ rows: [Int], into buffer: UnsafeMutableRawBufferPointer) throws(DataError) {
        guard let turn else { return try readStored(rows, into: buffer) }
        let stored = UnsafeMutableRawBufferPointer.allocate(byteCount: rows.count * rowBytes, alignment: 64)
        defer { stored.deallocate() }
        try readStored(rows, into: stored)
        turn.write(UnsafeRawBufferPointer(stored), to: buffer, size: element.size)
    }

    private func readStored(_ rows: [Int], into buffer: UnsafeMutableRawBufferPointer) throws(DataError) {
        var done = 0
        while done < rows.count {
            let shard = shards[place(of: rows[done])]
            var run = 1
            while done + run < rows.count, rows[done + run] == rows[done] + run,
                rows[done + run] < shard.rows.upperBound
            { run += 1 }
            try read(rows[done]..<rows[done] + run, of: shard, into: buffer.baseAddress! + done * rowBytes)
            done += run
        }
    }

    private func read(_ rows: Range<Int>, of shard: Shard, into start: UnsafeMutableRawPointer) throws(DataError) {
        let bytes = rows.count * rowBytes
        let offset = shard.offset + (rows.lowerBound - shard.rows.lowerBound) * rowBytes
        let found = try shard.file.peek(at: offset, into: UnsafeMutableRawBufferPointer(start: start, count: bytes))
        guard found == bytes else {
            throw .truncated(file: shard.file.path, format: "NPY", expected: bytes, found: found)
        }
    }

    /// Hands over all rows in their order, a run at a time, and compares the checksums.
    func forEachRun(
        comparingChecksums: Bool = true, _ body: (Range<Int>, UnsafeRawBufferPointer) throws(DataError) -> Void
    ) throws(DataError) {
        let longest = shards.reduce(1) { max($0, $1.rows.count) }
        let length = min(longest, max(1, (4 << 20) / max(rowBytes, 1)))
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: length * rowBytes, alignment: 64)
        let turned = UnsafeMutableRawBufferPointer.allocate(
            byteCount: turn == nil ? 0 : length * rowBytes, alignment: 64)
        defer {
            buffer.deallocate()
            turned.deallocate()
        }
        for shard in shards {
            var checksum: UInt = 0
            shard.file.willRead(shard.offset, shard.rows.count * rowBytes)
            for first in stride(from: shard.rows.lowerBound, to: shard.rows.upperBound, by: length) {
                let rows = first..<min(first + length, shard.rows.upperBound)
                try read(rows, of: shard, into: buffer.baseAddress!)
                let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<(rows.count * rowBytes)])
                if comparingChecksums, shard.checksum != nil {
                    checksum = crc32(checksum, bytes.bindMemory(to: UInt8.self).baseAddress, UInt32(bytes.count))
                }
                guard let turn else {
                    try body(rows, bytes)
                    continue
                }
                turn.write(bytes, to: turned, size: element.size)
                try body(rows, UnsafeRawBufferPointer(rebasing: turned[..<bytes.count]))
            }
            guard !comparingChecksums || shard.checksum == nil || UInt(shard.checksum ?? 0) == checksum else {
                throw .badChecksum(file: shard.file.path)
            }
        }
    }

    /// Asks the system to bring runs of rows from the disk.
    func willRead(_ runs: [Range<Int>]) {
        for run in runs {
            for shard in shards where shard.rows.overlaps(run) {
                let rows = shard.rows.clamped(to: run)
                shard.file.willRead(
                    shard.offset + (rows.lowerBound - shard.rows.lowerBound) * rowBytes, rows.count * rowBytes)
            }
        }
    }

    /// The shard that holds a row.
    private func place(of row: Int) -> Int {
        var (low, high) = (0, shards.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if row < shards[middle].rows.upperBound { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
