import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseData
@testable import Foundations

@Suite struct NPYTests {
    private func read(_ bytes: [UInt8]) throws(DataError) -> NumericArray {
        let file: TemporaryFile
        do { file = try TemporaryFile(bytes, name: "a.npy") } catch { throw .missingFile("\(error)") }
        return try NPY.read(try ByteSource(path: file.path))
    }

    @Test(arguments: NPYFixtures.types)
    func numPysTypes(descr: String, file: String) throws {
        let array = try read(NPYFixtures.bytes(file))
        #expect(array.shape == [2, 3])
        let expected: NumericArray.Storage =
            switch descr {
            case "|b1": .booleans([0, 1, 0, 1, 0, 1])
            case "|u1": .bytes([0, 1, 2, 3, 4, 5])
            case "<u2", "<u4", ">u8": .integers([0, 1, 2, 3, 4, 5])
            case "<f2", ">f2", "<f4", ">f4": .floats([-1, -0.5, 0, 0.5, 1, 1.5])
            case "<f8", ">f8": .doubles([-1, -0.5, 0, 0.5, 1, 1.5])
            default: .integers([-2, -1, 0, 1, 2, 3])
            }
        #expect(array.storage == expected)
    }

    @Test func fortranOrderBecomesRowMajor() throws {
        let array = try read(NPYFixtures.bytes(NPYFixtures.fortran))
        #expect(array == NumericArray(shape: [2, 3, 4], storage: .floats((0..<24).map { Float($0) })))
    }

    @Test(arguments: [NPYFixtures.version2, NPYFixtures.version3])
    func laterVersions(file: String) throws {
        #expect(try read(NPYFixtures.bytes(file)) == NumericArray(shape: [3], storage: .floats([0, 1, 2])))
    }

    @Test func objectsAndTextAreRefused() {
        for file in [NPYFixtures.objects, NPYFixtures.text] {
            let error = failure { () throws(DataError) in try read(NPYFixtures.bytes(file)) }
            guard case .unsupported = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
        }
    }

    @Test func everyTruncationIsAnErrorAndSoIsOneByteMore() {
        let whole = NPYFixtures.bytes(NPYFixtures.fortran)
        for length in whole.indices {
            #expect(failure { () throws(DataError) in try read(Array(whole[..<length])) } != nil, "cut at \(length)")
        }
        #expect(failure { () throws(DataError) in try read(whole + [0]) } != nil)
    }

    /// Any change of a byte of the header gives an array or an error, and never a crash.
    @Test func anyHeaderIsReadOrRefused() {
        let whole = NPYFixtures.bytes(NPYFixtures.fortran)
        for index in 0..<128 {
            for byte in [0, 0x20, 0x27, 0x28, 0x29, 0x2C, 0x30, 0x39, 0x4C, 0x7D, 0xFF] as [UInt8] {
                var bytes = whole
                bytes[index] = byte
                _ = failure { () throws(DataError) in try read(bytes) }
            }
        }
    }

    @Test(arguments: [
        (0x0001, 5.960464477539063e-08), (0x7BFF, 65504), (0x2E66, 0.0999755859375), (0x03FF, 6.097555160522461e-05),
        (0xBC00, -1),
    ])
    func halfPrecisionIsExact(bits: UInt16, value: Float) {
        #expect(NPY.float(half: bits) == value)
        #expect(NPY.float(half: 0x7C00) == .infinity)
        #expect(NPY.float(half: 0x7E00).isNaN)
    }

    @Test(arguments: [
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000, 1000000000, 1000000000), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000,), }",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (4611686018427387904, 2), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'extra': (1,)}",
        "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,)}",
        "{'descr': '<f4', 'shape': (1,)}", "{'descr': '<f4' 'fortran_order': False, 'shape': (1,)}",
        "{'descr': '', 'fortran_order': False, 'shape': (1,)}",
        "{'descr': '<f16', 'fortran_order': False, 'shape': (1,)}",
        "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}", "{}", "", "{", "{'", "__import__('os')",
    ])
    func aBadHeaderIsRefused(header: String) {
        let bytes = [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0] + Array(header.utf8)
        #expect(failure { () throws(DataError) in try read(bytes + [0, 0, 0, 0]) } != nil)
    }

    /// The bytes are those of `np.save(f, np.arange(3, dtype="<f4"))`.
    @Test func writingMatchesNumPy() throws {
        var numpys = NPYFixtures.bytes(NPYFixtures.version2)
        numpys.replaceSubrange(6..<12, with: [1, 0, 0x76, 0])
        numpys.insert(contentsOf: [0x20, 0x20], at: numpys.count - 13)
        #expect(try NPYWriter.encode([0, 1, 2], shape: [3]) == numpys)
        let matrix = try NPYWriter.encode([0.5, -1, 2, 3], shape: [2, 2])
        #expect(try read(matrix) == NumericArray(shape: [2, 2], storage: .floats([0.5, -1, 2, 3])))
        #expect(failure { () throws(DataError) in try NPYWriter.encode([1], shape: [2]) } != nil)
    }
}
