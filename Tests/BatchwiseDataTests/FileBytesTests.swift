import Foundation
import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseData
@testable import Foundations

#if canImport(Glibc)
    import Glibc
#endif

@Suite struct FileBytesTests {
    @Test func whatIsNoFileIsToldApart() throws {
        let empty = try TemporaryFile([])
        let folder = URL(fileURLWithPath: empty.path).deletingLastPathComponent().path
        let pipe = folder + "/pipe"
        try #require(mkfifo(pipe, 0o600) == 0)
        #expect(failure { () throws(DataError) in try InputFile("/no/such/file") } == .missingFile("/no/such/file"))
        #expect(failure { () throws(DataError) in try InputFile("") } == .missingFile(""))
        #expect(failure { () throws(DataError) in try InputFile(empty.path + "\0.csv") } != nil)
        #expect(failure { () throws(DataError) in try InputFile(empty.path + "/x") } == .missingFile(empty.path + "/x"))
        #expect(failure { () throws(DataError) in try InputFile(folder) } == .directory(folder))
        #expect(failure { () throws(DataError) in try InputFile(empty.path) } == .emptyFile(empty.path))
        #expect(failure { () throws(DataError) in try InputFile(pipe) } == .specialFile(pipe))
        #expect(failure { () throws(DataError) in try InputFile("/dev/null") } == .specialFile("/dev/null"))
    }

    @Test func exitCodesAreThoseOfSysexits() {
        #expect(DataError.missingFile("a").exitCode == 66)
        #expect(DataError.directory("a").exitCode == 65)
        #expect(DataError.emptyFile("a").exitCode == 65)
        #expect(DataError.readFailed(file: "a", reason: "b").exitCode == 74)
    }

    @Test func descriptionsAreOneLineWithoutControlCharacters() {
        let error = DataError.notANumber(file: "a\n.csv", line: 3, column: "x", found: "\u{1B}[31m\u{202E}red")
        #expect(error.description == #"a\n.csv, line 3, column "x": a number expected, "\u{1b}[31m\u{202e}red" found"#)
    }

    @Test func aFileLargerThanTheLimitIsRefused() throws {
        let file = try TemporaryFile("1,2\n3,4\n")
        let error = failure { () throws(DataError) in try ByteSource(path: file.path).rest(limit: 7) }
        #expect(error == .tooLarge(file: file.path, bytes: 8, limit: 7))
        #expect(try ByteSource(path: file.path).rest(limit: 8) == Array("1,2\n3,4\n".utf8))
    }
}
