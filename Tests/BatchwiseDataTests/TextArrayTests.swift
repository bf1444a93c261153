import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseData

/// Arrays of texts that NumPy 2.4 wrote.
@Suite struct TextArrayTests {
    /// `np.array(["spam", "ham", "spam", "été"])`
    static let wide = NPYFixtures.bytes(
        """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPFU0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDQsKSwgfSAgICAgICAgICAgICAg
        ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIApzAAAAcAAAAGEAAABtAAAAaAAAAGEAAABtAAAAAAAAAHMA
        AABwAAAAYQAAAG0AAADpAAAAdAAAAOkAAAAAAAAA
        """)
    /// The same as `>U4`.
    static let wideBigEndian = NPYFixtures.bytes(
        """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPlU0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDQsKSwgfSAgICAgICAgICAgICAg
        ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAABzAAAAcAAAAGEAAABtAAAAaAAAAGEAAABtAAAAAAAA
        AHMAAABwAAAAYQAAAG0AAADpAAAAdAAAAOkAAAAA
        """)
    /// `np.array([b"spam", b"ham", b"spam", b"x"])`
    static let narrow = NPYFixtures.bytes(
        """
        k05VTVBZAQB2AHsnZGVzY3InOiAnfFM0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDQsKSwgfSAgICAgICAgICAgICAg
        ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIApzcGFtaGFtAHNwYW14AAAA
        """)
    /// `np.array([["yes"], ["no"], ["yes"]])`
    static let column = NPYFixtures.bytes(
        """
        k05VTVBZAQB2AHsnZGVzY3InOiAnPFUzJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDMsIDEpLCB9ICAgICAgICAgICAg
        ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAp5AAAAZQAAAHMAAABuAAAAbwAAAAAAAAB5AAAAZQAAAHMA
        AAA=
        """)

    private func read(_ bytes: [UInt8], name: String = "y.npy") throws -> TextArray? {
        let file = try TemporaryFile(bytes, name: name)
        return try TextArray.read([file.path])
    }

    @Test(arguments: [wide, wideBigEndian])
    func texts(bytes: [UInt8]) throws {
        #expect(
            try read(bytes) == TextArray(shape: [4], codes: [1, 0, 1, 2], levels: ["ham", "spam", "été"]))
    }

    @Test func bytesAndColumns() throws {
        #expect(try read(Self.narrow) == TextArray(shape: [4], codes: [1, 0, 1, 2], levels: ["ham", "spam", "x"]))
        #expect(try read(Self.column) == TextArray(shape: [3, 1], codes: [1, 0, 1], levels: ["no", "yes"]))
        #expect(try read(NPYFixtures.bytes(NPYFixtures.version2)) == nil)
    }

    @Test func severalFilesAreOneArray() throws {
        let folder = try TemporaryFolder()
        try folder.write(Self.narrow, to: "y-1.npy")
        try folder.write(Self.wide, to: "y-2.npy")
        #expect(
            try TextArray.read([folder.at("y-*.npy")])
                == TextArray(
                    shape: [8], codes: [1, 0, 1, 2, 1, 0, 1, 3], levels: ["ham", "spam", "x", "été"]))
    }

    @Test func archivesHaveLabelsToo() throws {
        let member = NPZFixtures.archive(of: Self.wide)
        let file = try TemporaryFile(member, name: "a.npz")
        #expect(try TextArray.read([file.path + ":x"])?.levels == ["ham", "spam", "été"])
        let described = try DataDescription(of: file.path)
        #expect(described.columns.first?.shape == [4])
        #expect(
            described.columns.first?.content
                == .texts([
                    .init(name: "spam", count: 2), .init(name: "ham", count: 1), .init(name: "été", count: 1),
                ]))
    }

    /// Texts are read as labels or refused, whatever the header claims, and never trap.
    @Test func anyChangeIsReadOrRefused() throws {
        for original in [Self.wide, Self.narrow, Self.column] {
            // what is too short for NPY's first bytes is left to other readers
            for length in 6..<original.count {
                #expect(throws: DataError.self) { try read(Array(original[..<length])) }
            }
            #expect(throws: DataError.self) { try read(original + [0]) }
            for index in 0..<original.count {
                for byte in [0, 0x20, 0x27, 0x28, 0x2C, 0x30, 0x39, 0x53, 0x55, 0xD8, 0xFF] as [UInt8] {
                    var bytes = original
                    bytes[index] = byte
                    let file = try TemporaryFile(bytes, name: "y.npy")
                    do throws(DataError) { _ = try TextArray.read([file.path]) } catch {}
                }
            }
        }
        let header = NPYWriter.header(descr: "<U99999999999999999999", shape: [1])
        #expect(throws: DataError.self) { try read(header) }
        #expect(throws: DataError.self) { try read(NPYWriter.header(descr: "<U1048576", shape: [1 << 50])) }
        #expect(throws: DataError.self) { try read(NPYWriter.header(descr: "<U0", shape: [1 << 62])) }
    }
}
