import Foundation
import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseData
@testable import Foundations

/// Fixtures: `gzip.compress(b"a,b\n1,2\n", mtime=0)` and `gzip.compress(b"3,4\n", mtime=0)` of Python.
@Suite struct GzipFileTests {
    static let first = NPYFixtures.bytes("H4sIAAAAAAACA0vUSeIy1DHiAgB7B5cKCAAAAA==")
    static let second = NPYFixtures.bytes("H4sIAAAAAAACAzPWMeECAD4tcqkEAAAA")
    /// `gzip.compress(gzip.compress(b"0,1\n" * (50 << 20), 9), 9)`: 1,018 bytes that hold 200 MiB.
    static let bomb = NPYFixtures.bytes(
        """
        H4sIAAAAAAACA+3bMUt7VwDG4dzEYiytQWfDDZjBtZsgaHDR0blDhTq6OBSHQsiFCg6lmkHoWseWgkgJHTOEEhH+s2InQZcSlwxC
        arinnH6Mw/N8hHf8wZv/WK9E1dpk9NWXlcoXtV+GX3//XfnpU739+8+//gYAAACk7Z8/GovtGAc65fD0bBoAAACA1B3ly/sxBhTz
        3lv91R4AAACQvPH2Wv//38AsPK3c2wMAAACSd9ndbGUxBkzDYP3KHgAAAJC8/OOkU40x4CUc723YAwAAAJK38/5cLMQYcBceLg5K
        gwAAAEDqepNRthRjQD/cNK/nBgEAAIDkPZ7XVmMMaIXDrd2ZPQAAACB5t43FdowBnXJ4eja1BwAAACTvKF/ejzGgmPfe6q/2AAAA
        gOSNt9f6MQZUZuFp5d4eAAAAkLzL7mYrizFgGgbrV/YAAACA5OUfJ51qjAEv4Xhvwx4AAACQvJ3352IhxoC78HBxUBoEAAAAUteb
        jLKlGAP64aZ5PTcIAAAAJO/xvLYaY0ArHG7tzuwBAAAAybttLLZjDOiUw9OzqT0AAAAgeUf58n6MAcW891Z/tQcAAAAkb7y91o8x
        oDILTyv39gAAAIDkXXY3W1mMAdMwWL+yBwAAACQv/zjpVGMMeAnHexv2AAAAgOTtvD8XCzEG3IWHi4PSIAAAAJC63mSULcUY0A83
        zeu5QQAAACB5j+e11RgDWuFwa3dmDwAAAEjebWOxHWNApxyenk3tAQAAAMk7ypf3Ywwo5r23+qs9AAAAIHnj7bV+jAGVWXhaubcH
        AAAAJO+yu9nKYgyYhsH6lT0AAAAgefnHSacaY8BLON7bsAcAAAAkb+f9uViIMeAuPFwclAYBAACA1PUmo2wpxoB+uGlezw0CAAAA
        yXs8r63GGNAKh1u7M3sAAABA8m4bi+0YAzrl8PRsag8AAABI3lG+vB9jQDHvvdVf7QEAAADJG2+v9WMMqMzC08q9PQAAACB5l93N
        VhZjwDQM1q/sAQAAAMnLP0461RgDXsLx3oY9AAAAIHk778/FQowBd+Hh4qA0CAAAAKSuNxllSzEG9MNN83puEAAAAEje43ltNcaA
        Vjjc2p3ZAwAAAJJ321hsxxjQKYenZ1N7AAAAQPKO8uX9GAOKee+t/moPAAAASN54e60fY0BlFp5W7u0BAAAAybvsbrayGAOmYbB+
        ZQ8AAABIXv5x0qnGGPASjvc27AEAAADJ23l/LhZiDLgLDxcHpUEAAAAgdb3JKFuKMaAfbprXc4MAAABA8h7Pa6sxBrTC4dbuzB4A
        AACQvEFj3I4x4Id///zmp+bnvwEAkIi/s8+6f31bqRRf/Aebj/E1hhwDAA==
        """)

    private func inflated(_ bytes: [UInt8], limit: Int = 1 << 20) throws(DataError) -> String {
        let file: TemporaryFile
        do { file = try TemporaryFile(bytes) } catch { throw .missingFile("\(error)") }
        return String(decoding: try ByteSource(path: file.path).rest(limit: limit), as: UTF8.self)
    }

    @Test func membersInARowAreOneFile() throws {
        #expect(try inflated(Self.first) == "a,b\n1,2\n")
        #expect(try inflated(Self.first + Self.second) == "a,b\n1,2\n3,4\n")
        #expect(try inflated(Self.first + [0, 0, 0]) == "a,b\n1,2\n")
    }

    @Test func aTableMayBeCompressed() throws {
        let file = try TemporaryFile(Self.first + Self.second, name: "t.csv.gz")
        #expect(try CSV(path: file.path).table().columns.map(\.values) == [.numeric([1, 3]), .numeric([2, 4])])
    }

    @Test func everyTruncationIsAnError() {
        for length in 2..<Self.first.count {
            #expect(failure { () throws(DataError) in try inflated(Array(Self.first[..<length])) } != nil)
        }
        for length in 1..<Self.second.count {
            let bytes = Self.first + Self.second[..<length]
            #expect(failure { () throws(DataError) in try inflated(bytes) } != nil, "cut at \(length)")
        }
    }

    @Test func everyFlippedByteOfDataOrChecksumIsAnError() {
        // The ten bytes of the header hold a time and a system, which nothing checks.
        for index in 10..<Self.first.count {
            var bytes = Self.first
            bytes[index] ^= 0x55
            #expect(failure { () throws(DataError) in try inflated(bytes) } != nil, "flipped \(index)")
        }
    }

    @Test func whatFollowsIsAnError() {
        #expect(failure { () throws(DataError) in try inflated(Self.first + Array("more".utf8)) } != nil)
        #expect(failure { () throws(DataError) in try inflated(Self.first + [0] + Self.second) } != nil)
    }

    /// A table of one-hot columns packs 255:1; up to 128 MiB that is no bomb.
    @Test func aSmallFileMayBePackedClosely() throws {
        func source(_ count: Int, packed: Int) throws(DataError) -> ByteSource {
            try ByteSource(
                path: "t.csv.gz", stream: MemoryStream([UInt8](repeating: 48, count: count)), packing: .gzip,
                bound: 1100 * packed, expected: count, packed: packed)
        }
        #expect(try source(80 << 20, packed: 314_000).text().count == 80 << 20)
        #expect(try source(140 << 20, packed: 3 << 19).text().count == 140 << 20)
        let error = failure { () throws(DataError) in try source(129 << 20, packed: 314_000).text() }
        #expect(error == .packedTooClosely(file: "t.csv.gz", limit: 1 << 27))
        #expect(error?.exitCode == 65 && error?.description.contains("unpack it first") == true)
        // numbers are refused before memory is taken for them
        let numbers = failure { () throws(DataError) in
            try source(1 << 10, packed: 1 << 20).array(of: UInt8.self, count: 1 << 30, format: "NPY")
        }
        #expect(numbers == .packedTooClosely(file: "t.csv.gz", limit: 1 << 27))
    }

    @Test func aBombStopsAtTheLimit() throws {
        let outer = try TemporaryFile(Self.bomb)
        let inner = try TemporaryFile(try ByteSource(path: outer.path).rest(limit: 1 << 20), name: "bomb.csv.gz")
        let error = failure { () throws(DataError) in try CSV(path: inner.path).table() }
        guard case .packedTooClosely(_, let limit) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(limit <= 1 << 27)
    }
}
