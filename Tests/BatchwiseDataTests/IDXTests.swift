import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseData
@testable import Foundations

@Suite struct IDXTests {
    private func read(_ bytes: [UInt8]) throws(DataError) -> NumericArray {
        let file: TemporaryFile
        do { file = try TemporaryFile(bytes) } catch { throw .missingFile("\(error)") }
        return try IDX.read(try ByteSource(path: file.path))
    }

    private static let small: [UInt8] = [0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 255]

    @Test func bytesOfTwoDimensions() throws {
        #expect(try read(Self.small) == NumericArray(shape: [2, 3], storage: .bytes([1, 2, 3, 4, 5, 255])))
    }

    @Test func everyTypeIsBigEndian() throws {
        func one(_ type: UInt8, _ data: [UInt8]) throws -> NumericArray.Storage {
            try read([0, 0, type, 1, 0, 0, 0, 1] + data).storage
        }
        #expect(try one(0x08, [200]) == .bytes([200]))
        #expect(try one(0x09, [0xFE]) == .integers([-2]))
        #expect(try one(0x0B, [0xFF, 0xFE]) == .integers([-2]))
        #expect(try one(0x0C, [0, 1, 0, 2]) == .integers([65538]))
        #expect(try one(0x0D, [0x3F, 0xC0, 0, 0]) == .floats([1.5]))
        #expect(try one(0x0E, [0xBF, 0xF8, 0, 0, 0, 0, 0, 0]) == .doubles([-1.5]))
    }

    /// Any change of a byte of the header gives an array or an error, and never a crash.
    @Test func anyHeaderIsReadOrRefused() {
        for index in 0..<12 {
            for byte in 0...255 {
                var bytes = Self.small
                bytes[index] = UInt8(byte)
                _ = failure { () throws(DataError) in try read(bytes) }
            }
        }
    }

    @Test func everyTruncationIsAnErrorAndSoIsOneByteMore() {
        for length in Self.small.indices {
            #expect(
                failure { () throws(DataError) in try read(Array(Self.small[..<length])) } != nil, "cut at \(length)")
        }
        let error = failure { () throws(DataError) in try read(Self.small + [0]) }
        guard case .trailingBytes = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test(
        arguments: [
            [0, 0, 8, 3] + [UInt8](repeating: 0xFF, count: 12),
            [0, 0, 14, 2, 0x7F, 0xFF, 0xFF, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF],
            [0, 0, 8, 1, 0x3B, 0x9A, 0xCA, 0],
            [0, 0, 8, 255] + [UInt8](repeating: 0xFF, count: 1020),
            [0, 0, 8, 0], [0, 0, 7, 1, 0, 0, 0, 1, 1], [1, 0, 8, 1, 0, 0, 0, 1, 1],
        ] as [[UInt8]])
    func aHeaderThatClaimsTooMuchIsRefusedBeforeAllocating(bytes: [UInt8]) {
        #expect(failure { () throws(DataError) in try read(bytes) } != nil)
    }
}
