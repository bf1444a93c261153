import Foundation
import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseData

/// Parquet files, and the encodings in their pages.
extension MutationTests {
    /// The unpacked pages, cells and texts of the small originals, and the contexts of Zstandard.
    private static let room = MemoryBound(4 << 20)

    @Test func parquetFiles() throws {
        let names = [
            "required.parquet", "beyond.parquet", "duckdb-v2.parquet", "snappy-v2.parquet", "gzip-v1.parquet",
            "zstd-v1.parquet", "polars.parquet", "int96.parquet",
        ]
        let originals = try names.map(ParquetFixtures.bytes)
        let words: [[UInt8]] = [
            [255, 255, 255, 255, 15], [255, 255, 255, 255, 255, 255, 255, 255, 127], [0x15, 0], [0xFF], [0x1C], [0],
            [128, 128, 128, 128, 8], Array("PAR1".utf8),
        ]
        let file = try TemporaryFile([])
        mutate(originals, words: words, Self.room) { (bytes) throws(DataError) in
            guard overwrite(file.path, with: bytes) else { return }
            let parquet = try ParquetFile(path: file.path)
            _ = try parquet.table(kinds: nil)
            _ = try parquet.table(kinds: parquet.names.map { _ in .categorical })
        }
    }

    /// The footer alone is changed, so that nearly every input reaches the pages.
    @Test func parquetFooters() throws {
        let whole = try ParquetFixtures.bytes("snappy-v1.parquet")
        let length = whole.suffix(8).prefix(4).enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
        let start = whole.count - 8 - length
        let file = try TemporaryFile([])
        mutate(
            [Array(whole[start..<whole.count - 8])], words: [[0xFF, 0xFF, 0xFF, 0xFF, 0x0F], [0x80, 0x01]], Self.room
        ) {
            (footer) throws(DataError) in
            var bytes = Array(whole[..<start]) + footer
            for shift in 0..<4 { bytes.append(UInt8(truncatingIfNeeded: footer.count >> (8 * shift))) }
            guard overwrite(file.path, with: bytes + Array("PAR1".utf8)) else { return }
            _ = try ParquetFile(path: file.path).table(kinds: nil)
        }
    }

    /// The pages alone are changed, which the footer still describes.
    @Test func parquetPages() throws {
        let originals = try ["deltas-byte.parquet", "deltas-length.parquet", "types-v2.parquet", "snappy-v1.parquet"]
            .map(ParquetFixtures.bytes)
        let file = try TemporaryFile([])
        var number = 0
        mutate(originals.map { _ in Array(repeating: 0, count: 48) }, words: [[255], [128, 255]], Self.room) {
            (noise) throws(DataError) in
            var bytes = originals[number % originals.count]
            number += 1
            // a change of the noise moves the place and gives the bytes that are written there
            let sum = noise.reduce(number) { ($0 &* 31 &+ Int($1)) & 0xFFFF }
            for (offset, byte) in noise.filter({ $0 != 0 }).prefix(3).enumerated() {
                bytes[4 + (sum &* (offset + 1)) % (bytes.count / 2)] ^= byte
            }
            guard overwrite(file.path, with: bytes) else { return }
            _ = try ParquetFile(path: file.path).table(kinds: nil)
        }
    }

    @Test func snappyBlocks() throws {
        let block: [UInt8] = [11, 0x0C, 97, 98, 99, 100, 0x0D, 4, 0, 0x78]
        var output = [UInt8](repeating: 0, count: 11)
        #expect(
            block.withUnsafeBytes { input in output.withUnsafeMutableBytes { Snappy.unpack(input, into: $0) } } == false
        )
        let whole: [UInt8] = [9, 0x0C, 97, 98, 99, 100, 0x05, 4]
        output = [UInt8](repeating: 0, count: 9)
        #expect(whole.withUnsafeBytes { input in output.withUnsafeMutableBytes { Snappy.unpack(input, into: $0) } })
        #expect(output == Array("abcdabcda".utf8))
        mutate([whole, [6, 0x00, 97, 0x12, 1, 0]], words: [[0xFC, 255, 255, 255, 255], [0xFF], [0]], MemoryBound()) {
            (bytes) throws(DataError) in
            var output = [UInt8](repeating: 0, count: Int(bytes.first ?? 0))
            let isWhole = bytes.withUnsafeBytes { input in
                output.withUnsafeMutableBytes { Snappy.unpack(input, into: $0) }
            }
            if !isWhole { throw .noExamples }
        }
    }

    /// A few bytes that stand for billions of rows are refused before there is room for them.
    @Test func rowsOfRunLengthsAreBounded() throws {
        #expect(ParquetPart.mostBytes(ofFile: 1000) == 1 << 28)
        var bytes = ParquetBytes([0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F, 1] + [UInt8](repeating: 0, count: 16), 0..<7)
        let levels = try RunLengths.decode(&bytes, width: 1, count: 5)
        #expect(levels == [1, 1, 1, 1, 1])
    }
}
