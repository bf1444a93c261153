import Foundation
import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseData
@testable import Foundations

/// Fixtures: `printf 'a,b\n1,2\n' | zstd -19 --check` and `printf '3,4\n' | zstd -19 --check` of zstd 1.5.4.
@Suite struct ZstdFileTests {
    static let first = NPYFixtures.bytes("KLUv/QRoQQAAYSxiCjEsMgo158rO")
    static let second = NPYFixtures.bytes("KLUv/QRoIQAAMyw0Cq+GfuQ=")
    /// `zstd -19 --no-check` of a table of 30 rows and three columns.
    static let table = NPYFixtures.bytes(
        """
        KLUv/WBoAIUDAAKGERWATToAEJm7IcxgIxBE9t4Wn8TUKQtClwVV2Rzx4b4u2M0XbnfQz1Z58bytHe0hP1y4mxpEiaAV0Fc6HsZZ
        AbYlY0GSi4kcqCBU0O3/BpCXVgcQLr35aYW7BL6XDe4P0WYyH9LSa+ygxTYNLQU=
        """)
    /// `zstd -19` twice of 50 Mi times `0,1\n`: 77 bytes that hold 200 MiB.
    static let bomb = NPYFixtures.bytes(
        """
        KLUv/QRoBQIA1AIotS/9BGhkAAAgMCwxCgEA+f/ySwREAAAAAQD9//ILOQACzwsQ5w4IRXPz1B0FAGATnHlgkA/wDnIBP7ZWnNJ/
        st4=
        """)
    /// A frame that zstd passes over: a magic number, the length and so many bytes.
    private static let skipped: [UInt8] = [0x50, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 9, 9, 9]

    private func unpacked(_ bytes: [UInt8], limit: Int = 1 << 20) throws(DataError) -> String {
        let file: TemporaryFile
        do { file = try TemporaryFile(bytes) } catch { throw .missingFile("\(error)") }
        return String(decoding: try ByteSource(path: file.path).rest(limit: limit), as: UTF8.self)
    }

    @Test func framesInARowAreOneFile() throws {
        #expect(try unpacked(Self.first) == "a,b\n1,2\n")
        #expect(try unpacked(Self.first + Self.second) == "a,b\n1,2\n3,4\n")
        #expect(try unpacked(Self.first + Self.skipped + Self.second) == "a,b\n1,2\n3,4\n")
    }

    @Test func aTableMayBeCompressed() throws {
        let file = try TemporaryFile(Self.first + Self.second, name: "t.csv.zst")
        #expect(try CSV(path: file.path).table().columns.map(\.values) == [.numeric([1, 3]), .numeric([2, 4])])
    }

    /// Compressed blocks, which the short fixtures have none of.
    @Test func aLongerTableMayBeCompressed() throws {
        let file = try TemporaryFile(Self.table, name: "t.csv.zst")
        let table = try CSV(path: file.path).table()
        #expect(table.rowCount == 30 && table.columns.map(\.name) == ["a", "b", "kind"])
        #expect(table.columns[0].values == .numeric((0..<30).map { Double($0 * 7 % 13) }))
        #expect(table.columns[1].values == .numeric((0..<30).map { Double($0 % 5) + 0.5 }))
    }

    /// However small the pieces are that a reader asks for, bytes that zstd holds back come out.
    @Test func everyByteComesOneByOne() throws {
        let file = try TemporaryFile(Self.first + Self.second)
        let source = try ZstdFile(InputFile(file.path))
        var (text, byte): ([UInt8], [UInt8]) = ([], [0])
        while try byte.withUnsafeMutableBytes({ try source.read(into: $0) }) == 1 { text += byte }
        #expect(String(decoding: text, as: UTF8.self) == "a,b\n1,2\n3,4\n")
    }

    @Test func everyTruncationIsAnError() {
        for length in 4..<Self.first.count {
            #expect(failure { () throws(DataError) in try unpacked(Array(Self.first[..<length])) } != nil)
        }
        for length in 1..<Self.second.count {
            let bytes = Self.first + Self.second[..<length]
            #expect(failure { () throws(DataError) in try unpacked(bytes) } != nil, "cut at \(length)")
        }
    }

    @Test func everyFlippedByteIsAnError() {
        // The sixth byte is the size of the window, and any value serves.
        for index in 4..<Self.first.count where index != 5 {
            var bytes = Self.first
            bytes[index] ^= 0x55
            #expect(failure { () throws(DataError) in try unpacked(bytes) } != nil, "flipped \(index)")
        }
    }

    @Test func whatFollowsIsAnError() throws {
        for rest in [Array("more".utf8), [0, 0, 0, 0], Array(Self.first.dropLast())] {
            let file = try TemporaryFile(Self.first + rest)
            let error = failure { () throws(DataError) in try ByteSource(path: file.path).text() }
            guard case .corruptFile(file.path, "Zstandard", _) = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
            #expect(error?.exitCode == 65 && error?.description.hasPrefix(file.path) == true)
        }
    }

    @Test func aBombStopsAtTheLimit() throws {
        let outer = try TemporaryFile(Self.bomb)
        let inner = try TemporaryFile(try ByteSource(path: outer.path).rest(limit: 1 << 20), name: "bomb.csv.zst")
        let error = failure { () throws(DataError) in try CSV(path: inner.path).table() }
        guard case .packedTooClosely(_, let limit) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(limit <= 1 << 27)
    }
}
