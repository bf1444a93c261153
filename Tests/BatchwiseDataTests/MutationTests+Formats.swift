import Foundation
import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseData
@testable import Foundations

/// Files that pack others, and databases.
extension MutationTests {
    /// Numbers that are likely to break the reading of headers: -1 and 2^31 in two and four bytes, and 2^62.
    private static let numbers: [[UInt8]] = [
        [255, 255], [255, 255, 255, 255], [0, 0, 0, 128], [0, 0, 0, 0, 0, 0, 0, 64], [0, 0, 0, 0], [1, 0, 255],
    ]

    /// Writes each mutation to a file of its own, and reads it.
    private func mutateFiles(
        _ originals: [[UInt8]], words: [[UInt8]], _ bound: MemoryBound = MemoryBound(),
        _ read: (String) throws(DataError) -> Void
    ) throws {
        let file = try TemporaryFile([])
        mutate(originals, words: words, bound) { (bytes) throws(DataError) in
            guard overwrite(file.path, with: bytes) else { return }
            try read(file.path)
        }
    }

    /// The file is a new one, because writing over an old one first waits for the disk.
    func overwrite(_ path: String, with bytes: [UInt8]) -> Bool {
        remove(path)
        guard let file = fopen(path, "w") else { return false }
        defer { fclose(file) }
        return fwrite(bytes, 1, bytes.count, file) == bytes.count
    }

    @Test func zstandard() throws {
        let originals = [ZstdFileTests.table, ZstdFileTests.first + ZstdFileTests.second]
        try mutateFiles(originals, words: Self.numbers, MemoryBound(MemoryBound.zstandard)) {
            (path) throws(DataError) in
            let text = try ByteSource(path: path).text()
            #expect(text.count <= 1 << 26)
        }
    }

    @Test func archives() throws {
        let words = Self.numbers + [[0x50, 0x4B, 1, 2], [0x50, 0x4B, 3, 4], [0x50, 0x4B, 6, 6], [1, 0, 16, 0]]
        let originals = [NPZFixtures.plain, NPZFixtures.keras, NPZFixtures.zip64, NPZFixtures.streamed]
        try mutateFiles(originals, words: words) { (path) throws(DataError) in
            let npz = try NPZ(path: path)
            for name in npz.names {
                let array = try npz.array(name)
                #expect(array.shape.reduce(1, *) <= 1 << 20)
            }
        }
    }

    /// Arrays in an archive whose own headers and checksums are right.
    @Test func arraysInArchives() throws {
        let arrays =
            NPYFixtures.types.prefix(4).map { NPYFixtures.bytes($0.file) } + [NPYFixtures.bytes(NPYFixtures.fortran)]
        let file = try TemporaryFile([])
        mutate(arrays, words: ["(9,9)", "'", "\0", "True", "99999999"].map { Array($0.utf8) }) {
            (bytes) throws(DataError) in
            guard overwrite(file.path, with: NPZFixtures.archive(of: bytes)) else { return }
            _ = try NPZ(path: file.path).array("x")
        }
    }

    @Test func databases() throws {
        let small = try database(
            "CREATE TABLE t (x REAL, y TEXT); INSERT INTO t VALUES (1.5, 'a'), (2, 'b'), (NULL, '3'), (-7, 'a');")
        let rows = (0..<150).map { "(\($0), \($0 % 7).25, 'level \($0 % 5)')" }.joined(separator: ", ")
        let large = try database(
            "CREATE TABLE t (x INTEGER, y REAL, z TEXT); CREATE INDEX i ON t (z); INSERT INTO t VALUES \(rows); "
                + "CREATE VIEW v AS SELECT z, sum(y) AS y FROM t WHERE x > 3 GROUP BY z;")
        let originals = try [small, large].map { try [UInt8](Data(contentsOf: URL(fileURLWithPath: $0.path))) }
        let words = Self.numbers + ["TABLE", "view", "SELECT", "(x)", "t", "'"].map { Array($0.utf8) }
        try mutateFiles(originals, words: words) { (path) throws(DataError) in
            for name in ["t", "v"] {
                guard SQLiteDatabase.recognises(try ByteSource(path: path).head) else { throw .noRows(path) }
                do throws(DataError) {
                    _ = try SQLiteTable(path: path, rows: .table(name)).table(kinds: nil)
                } catch .unknownTable where name == "v" {}
            }
        }
    }
}
