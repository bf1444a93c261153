import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseData
@testable import Foundations

@Suite struct NPZTests {
    private func open(_ bytes: [UInt8]) throws -> (npz: NPZ, file: TemporaryFile) {
        let file = try TemporaryFile(bytes, name: "a.npz")
        return (try NPZ(path: file.path), file)
    }

    /// Opens an archive and reads all that is in it.
    private func error(of bytes: [UInt8]) throws -> DataError? {
        let file = try TemporaryFile(bytes, name: "a.npz")
        return failure { () throws(DataError) in
            let npz = try NPZ(path: file.path)
            for name in npz.names { _ = try npz.array(name) }
        }
    }

    @Test(arguments: [NPZFixtures.plain, NPZFixtures.zip64])
    func storedArrays(bytes: [UInt8]) throws {
        let (npz, file) = try open(bytes)
        #expect(npz.names == ["x", "y"] && InputFile.exists(file.path))
        #expect(try npz.array("x") == NumericArray(shape: [3, 2], storage: .bytes([0, 1, 2, 3, 4, 5])))
        #expect(try npz.array("y") == NumericArray(shape: [3], storage: .integers([0, 1, 1])))
    }

    @Test func deflatedArrays() throws {
        let (npz, file) = try open(NPZFixtures.keras)
        #expect(npz.names == ["x_train", "y_train", "x_test", "y_test"] && InputFile.exists(file.path))
        let floats = (0..<8).map { Float($0) }
        #expect(try npz.array("x_train") == NumericArray(shape: [4, 2], storage: .floats(floats)))
        #expect(try npz.array("x_test") == NumericArray(shape: [2, 2], storage: .floats([10, 11, 12, 13])))
        #expect(try npz.array("y_test") == NumericArray(shape: [2], storage: .bytes([1, 0])))
        #expect(try open(NPZFixtures.streamed).npz.names == ["x"])
        let streamed = try TemporaryFile(NPZFixtures.streamed)
        #expect(try NPZ(path: streamed.path).array("x") == NumericArray(shape: [3], storage: .bytes([0, 1, 2])))
    }

    @Test func trainingAndTestArraysAreFound() throws {
        let file = try TemporaryFile(NPZFixtures.keras, name: "k.npz")
        let loaded = try DataSource(train: file.path, standardise: false).load(seed: 1)
        #expect(loaded.train.count == 4 && loaded.test?.count == 2)
        #expect(loaded.train.targets == .classes([0, 1, 0, 1], names: ["0", "1"]))
        #expect(loaded.test?.targets == .classes([1, 0], names: ["0", "1"]))
        #expect(try features(#require(loaded.test), row: 1) == [12, 13])
        // New rows are the test arrays; any array can be named.
        #expect(try loaded.preprocessing.load(newRows: file.path, needsTarget: true) == loaded.test)
        let named = try loaded.preprocessing.load(newRows: file.path + ":x_train", needsTarget: true)
        #expect(named == loaded.train)
    }

    @Test func arraysAreNamedWhereNamesDoNotTell() throws {
        let file = try TemporaryFile(NPZFixtures.plain, name: "p.npz")
        let source = DataSource(train: file.path + ":x", labels: file.path + ":y", standardise: false)
        #expect(try source.load(seed: 1).train.targets == .classes([0, 1, 1], names: ["0", "1"]))
        #expect(try DataSource(train: file.path, standardise: false).load(seed: 1).train == source.load(seed: 1).train)
        let unknown = failure { () throws(DataError) in try DataSource(train: file.path + ":xs").load(seed: 1) }
        #expect(
            unknown
                == .unknownArray(file: file.path, name: "xs", nearest: "x", arrays: ["x [3, 2]", "y [3]"]))
        // x becomes q in both of its headers, so that no name is one of features.
        let other = try TemporaryFile(NPZFixtures.plain.replacing("x.npy", by: "q.npy"), name: "p.npz")
        let unclear = failure { () throws(DataError) in try DataSource(train: other.path).load(seed: 1) }
        #expect(unclear == .arrayUnclear(file: other.path, purpose: "features", arrays: ["q [3, 2]", "y [3]"]))
        #expect(unclear?.exitCode == 65 && unclear?.description.contains("q [3, 2], y [3]") == true)
    }

    @Test func allArraysAreDescribed() throws {
        let file = try TemporaryFile(NPZFixtures.plain, name: "p.npz")
        let description = try DataDescription(of: file.path)
        #expect(description.format == .npz && description.columns.map(\.name) == ["x", "y"])
        #expect(description.columns.map(\.shape) == [[3, 2], [3]])
        guard case .numbers(0, 5, 2.5, _, 6) = description.columns[0].content else {
            Issue.record("\(description.columns[0])")
            return
        }
    }

    @Test(arguments: [NPZFixtures.plain, NPZFixtures.keras, NPZFixtures.zip64, NPZFixtures.streamed])
    func everyTruncationIsAnError(whole: [UInt8]) throws {
        for length in 1..<whole.count {
            #expect(try error(of: Array(whole[..<length])) != nil, "cut at \(length)")
        }
        #expect(try error(of: whole + [0]) != nil)
        #expect(try error(of: whole) == nil)
    }

    /// A flipped bit of the data is found by the checksum.
    @Test func everyFlippedByteOfDataIsAnError() throws {
        let start = NPZFixtures.plain.count - 22 - 102 - 152
        for index in start..<start + 152 {
            var bytes = NPZFixtures.plain
            bytes[index] ^= 4
            #expect(try error(of: bytes) != nil, "flipped \(index)")
        }
    }

    /// Headers that lie: the place is counted from the end of the archive, whose list begins 124 bytes before it.
    private static let lies: [(what: String, at: Int, bytes: [UInt8], says: String)] = [
        (what: "encrypted", at: -124 + 8, bytes: [1, 0], says: "encrypted"),
        (what: "method 12", at: -124 + 10, bytes: [12, 0], says: "method 12"),
        (what: "checksum", at: -124 + 16, bytes: [0, 0, 0, 0], says: "disagree"),
        (what: "packed size", at: -124 + 20, bytes: [7, 0, 0, 0], says: "disagree"),
        (what: "unpacked size", at: -124 + 24, bytes: [7, 0, 0, 0], says: "disagree"),
        (what: "both sizes", at: -124 + 20, bytes: [7, 0, 0, 0, 7, 0, 0, 0], says: "disagree"),
        (what: "length of the name", at: -124 + 28, bytes: [4], says: "torn"),
        (what: "no zip64 field", at: -124 + 24, bytes: [255, 255, 255, 255], says: "zip64"),
        (what: "place of the header", at: -124 + 42, bytes: [1], says: "not where"),
        (what: "place beyond the file", at: -124 + 42, bytes: [0, 0, 0, 99], says: "not where"),
        (what: "two places are one", at: -73 + 42, bytes: [0], says: "another header"),
        (what: "number of members", at: -22 + 8, bytes: [3, 0, 3, 0], says: "3 members"),
        (what: "absurd number of members", at: -22 + 8, bytes: [0, 255, 0, 255], says: "65280 members"),
        (what: "two disks", at: -22 + 4, bytes: [1, 0], says: "split"),
        (what: "size of the list", at: -22 + 12, bytes: [96, 0], says: "torn"),
        (what: "list beyond the file", at: -22 + 16, bytes: [0, 0, 0, 1], says: "outside"),
    ]

    @Test(arguments: lies)
    func aHeaderThatLiesIsRefused(what: String, at: Int, bytes: [UInt8], says: String) throws {
        var archive = NPZFixtures.plain
        archive.replaceSubrange(archive.count + at..<archive.count + at + bytes.count, with: bytes)
        let found = try #require(try error(of: archive), "\(what)")
        #expect(found.description.contains(says), "\(what): \(found)")
        #expect(found.exitCode == 65 && found.description.contains("a.npz"))
    }

    @Test func twoMembersOfOneNameAreRefused() throws {
        let found = try error(of: NPZFixtures.plain.replacing("y.npy", by: "x.npy"))
        #expect(found?.description.contains("two members have the name x.npy") == true)
    }

    /// A member that claims to hold a gigabyte, in both of its headers, is refused before memory is taken.
    @Test func aBombIsRefused() throws {
        var archive = NPZFixtures.streamed
        archive.replaceSubrange(archive.count - 22 - 51 + 24..<archive.count - 22 - 51 + 28, with: [0, 0, 0, 64])
        let found = try error(of: archive)
        #expect(found?.description.contains("claims 1073741824 bytes from 71") == true, "\(String(describing: found))")
    }

    @Test func anArchiveWithoutArraysIsRefused() throws {
        let found = try error(of: NPZFixtures.plain.replacing(".npy", by: ".txt"))
        guard case .unsupported = found else {
            Issue.record("\(String(describing: found))")
            return
        }
    }
}

extension [UInt8] {
    /// The bytes with every occurrence of one text replaced by another of the same length.
    func replacing(_ old: String, by new: String) -> [UInt8] {
        var result = self
        for at in 0...count - old.utf8.count where self[at..<at + old.utf8.count].elementsEqual(old.utf8) {
            result.replaceSubrange(at..<at + old.utf8.count, with: new.utf8)
        }
        return result
    }
}
