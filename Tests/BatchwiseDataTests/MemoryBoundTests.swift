import CAllocations
import Foundation
import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseData
@testable import Foundations

/// Small files that claim to be large, or are made to be.
@Suite(.enabled(if: allocations_are_counted() != 0, "this system's allocations cannot be counted"))
struct MemoryBoundTests {
    /// Each of these files is refused, and takes no more memory than its bound.
    private func refused(
        _ name: String, _ bytes: [UInt8], unpacked: Int = 0, within bound: MemoryBound = MemoryBound(),
        _ read: (String) throws -> Void
    ) throws {
        let file = try TemporaryFile(bytes)
        #expect(throws: (any Error).self, "\(name)") {
            try bound.hold(count: bytes.count, unpacked: unpacked, name) { try read(file.path) }
        }
    }

    private func load(_ path: String) throws(DataError) { _ = try DataSource(train: path).load(seed: 1) }

    @Test func theMeterTells() {
        watch_memory()
        let before = memory_peak()
        var buffer: [UInt8]? = [UInt8](repeating: 1, count: 1 << 20)
        buffer?[5] = 2
        buffer = nil
        #expect(before == 0 && (1 << 20...(1 << 20) + 4096).contains(memory_peak()))
    }

    @Test(arguments: [[1 << 50], [1 << 31, 1 << 31], [1 << 62, 2], [1 << 30]])
    func arraysThatClaimMuch(shape: [Int]) throws {
        let header = NPYWriter.header(descr: "<f8", shape: shape)
        try refused("NPY", header + [1, 2, 3], load)
        try refused("NPY in gzip", gzip(header + [1, 2, 3]), load)
        try refused("NPZ", NPZFixtures.archive(of: header), load)
    }

    /// The ratio of deflate allows the claim; the bytes do not come.
    @Test func packedArraysThatClaimWhatTheirRatioAllows() throws {
        let noise = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) }
        let header = NPYWriter.header(descr: "|u1", shape: [250_000_000, 1])
        try refused("NPY in gzip", gzip(header + noise), load)
        var archive = NPZFixtures.archive(of: noise)
        let list = archive.count - 22 - 51
        for (method, size) in [(8, 22), (list + 10, list + 24)] {
            archive[method] = 8
            archive.replaceSubrange(size..<size + 4, with: bytes(290_000_000))
        }
        try refused("NPZ", archive) { _ = try NPZ(path: $0).array("x") }
    }

    @Test func lengthsOfGzipAreNotBelieved() throws {
        let table = Array("x,y\n1,2\n".utf8) + [UInt8](repeating: UInt8(ascii: "7"), count: 100_000)
        try refused("gzip", gzip(table, length: .max), load)
    }

    @Test func zstandardWithAHugeWindow() throws {
        let frame: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0, 17 << 3, 2 << 3 | 1, 0, 0, 65, 10]
        try refused("zstd", frame, within: MemoryBound(MemoryBound.zstandard), load)
    }

    /// Four bytes make 128 KiB, and so on without end.
    @Test func zstandardThatFillsMemory() throws {
        let frame: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0, 7 << 3]
        let blocks = (0..<4000).flatMap { _ -> [UInt8] in [2, 0, 16, UInt8(ascii: "1")] }
        try refused("zstd", frame + blocks, unpacked: 64 << 20, load)
    }

    @Test func dimensionsOfIDX() throws {
        let big: [UInt8] = [255, 255, 255, 255]
        try refused("IDX", [0, 0, 8, 4] + big + big + big + big, load)
        try refused("IDX", [0, 0, 14, 2] + [0, 1, 0, 0] + [0, 1, 0, 0] + big, load)
    }

    @Test func indicesOfSparseRows() throws {
        try refused("LIBSVM", Array("1 1:1 1000000000:1\n".utf8), load)
        try refused("LIBSVM", Array("1 1:1 99999999999999999999:1\n".utf8), load)
    }

    /// The shortest rows that there are.
    @Test func sparseRowsOfNothing() throws {
        let bytes = Array(String(repeating: "0\n", count: 200_000).utf8)
        try MemoryBound().hold(count: bytes.count) {
            let rows = try LIBSVM(path: "r.svm", bytes: bytes)
            _ = try rows.features(
                for: Preprocessing(
                    featureShape: rows.featureShape, features: rows.fitted(rows: [], standardise: false), target: .none)
            )
        }
    }

    @Test func imagesOfManyPixels() throws {
        var image = png(height: 2, width: 2, [0, 1, 2, 3])
        image.replaceSubrange(16..<24, with: [0, 0, 255, 220, 0, 0, 255, 220])
        let jpeg: [UInt8] =
            [0xFF, 0xD8, 0xFF, 0xC0, 0, 11, 8, 255, 220, 255, 220, 1, 1, 0x11, 0]
            + [0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0, 1, 2, 3, 0xFF, 0xD9]
        for bytes in [withChecksums(image), jpeg] {
            try refused("image", bytes) { path in
                let shape = try ImageDecoder().header(of: path).shape
                _ = try ImageFiles(paths: [path], shape: shape).bytes(rows: [0], threads: 1) { _ in }
            }
        }
    }

    @Test func databasesOfManyPages() throws {
        let file = try database("CREATE TABLE t (x REAL); INSERT INTO t VALUES (1), (2);")
        var bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: file.path)))
        bytes.replaceSubrange(28..<32, with: [127, 255, 255, 255])
        try refused("SQLite", Array(bytes[..<1024])) {
            _ = try SQLiteTable(path: $0, rows: .table("t")).table(kinds: nil)
        }
    }

    @Test func headersOfSafetensors() throws {
        let claim = bytes(100_000_000) + [0, 0, 0, 0, UInt8(ascii: "{")]
        let file = claim + [UInt8](repeating: 32, count: 1000)
        #expect(throws: CheckpointError.self) {
            try MemoryBound().hold(count: file.count) { try Safetensors(bytes: file) }
        }
        // and from a file, by way of pieces of 1 MiB
        let bound = MemoryBound(MemoryBound.usual + (1 << 20))
        try refused("safetensors", file, within: bound) { _ = try Safetensors(path: $0) }
    }

    /// A tensor takes fifty bytes of a header at least, and no more memory than ten times that.
    @Test func manyTensors() throws {
        let entries = (0..<5000).map { "\"\($0)\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}" }
        let header = Array(("{" + entries.joined(separator: ",") + "}").utf8)
        let file = bytes(UInt32(header.count)) + [0, 0, 0, 0] + header
        try MemoryBound().hold(count: file.count) { _ = try Safetensors(bytes: file) }
    }

    @Test(arguments: [
        "\"rows\":140737488355328,\"checksums\":[1]", "\"rows\":99999999999999999999,\"checksums\":[1]",
    ])
    func manifestsOfManyRows(shard: String) throws {
        let manifest = """
            {"format":"batchwise-data","version":2,"kind":"table","header":true,"keepsTestRows":true,
            "columns":[{"name":"x"}],"fields":[{"name":"rows","element":"<f8","shape":[1]}],"shards":[{\(shard)}]}
            """
        let file = try TemporaryFile(manifest, name: ConvertedManifest.fileName)
        let folder = URL(fileURLWithPath: file.path).deletingLastPathComponent().path
        let rows = NPYWriter.header(descr: "<f8", shape: [1 << 47, 1]) + [UInt8](repeating: 0, count: 8)
        try Data(rows).write(to: URL(fileURLWithPath: folder + "/rows-00000.npy"))
        #expect(throws: DataError.self) { try MemoryBound().hold(count: manifest.utf8.count) { try load(folder) } }
    }

    @Test(arguments: ["\"shards\":[1,", "\"x\":[[[[", "\"columns\":[{},", "\"fields\":[{\"levels\":[\"\","])
    func manifestsThatNest(repeated: String) throws {
        let text = "{" + String(repeating: repeated, count: 20_000)
        #expect(throws: DataError.self) {
            try MemoryBound().hold(count: text.utf8.count) {
                _ = try ConvertedManifest(path: "manifest.json", bytes: Array(text.utf8))
            }
        }
    }

    /// A column takes 1 KiB at most whatever is in it, and there may be 65,536 of them.
    @Test(arguments: [5000, 65_536])
    func tablesOfManyColumns(columns: Int) throws {
        let row = String(repeating: ",", count: columns - 1) + "\n"
        let bytes = Array((row + row).utf8)
        let table = try MemoryBound((columns << 10) + MemoryBound.usual).hold(count: bytes.count) {
            try CSV(path: "t.csv", bytes: bytes, header: false).table()
        }
        #expect(table.columns.count == columns)
    }

    @Test func tablesOfTooManyColumns() throws {
        let line = [UInt8](repeating: UInt8(ascii: ","), count: 300_000)
        try refused("CSV", line + [10] + line + [10], within: MemoryBound(8 << 20), load)
    }

    // MARK: Files

    private func bytes(_ number: UInt32) -> [UInt8] { withUnsafeBytes(of: number.littleEndian) { Array($0) } }

    /// A gzip file of these bytes as they are; the checksum is wrong, and the length may be.
    private func gzip(_ content: [UInt8], length: UInt32? = nil) -> [UInt8] {
        var file: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]
        for first in stride(from: 0, to: content.count, by: 65_535) {
            let block = content[first..<min(first + 65_535, content.count)]
            let count = UInt16(block.count)
            file.append(block.endIndex == content.count ? 1 : 0)
            for half in [count, ~count] { file += [UInt8(half & 255), UInt8(half >> 8)] }
            file += block
        }
        return file + [1, 2, 3, 4] + bytes(length ?? UInt32(content.count))
    }
}
