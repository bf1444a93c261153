import Foundation
import Testing

@testable import Foundations

/// The bytes of a file with this header, padded as the format asks, and this data.
private func file(_ header: String, data: [UInt8] = []) -> [UInt8] {
    var header = Array(header.utf8)
    while !header.count.isMultiple(of: 8) { header.append(UInt8(ascii: " ")) }
    return withUnsafeBytes(of: UInt64(header.count).littleEndian, Array.init) + header + data
}

private func bytes(of values: [Float]) -> [UInt8] {
    values.flatMap { withUnsafeBytes(of: $0.bitPattern.littleEndian, Array.init) }
}

@Suite struct SafetensorsTests {
    @Test func roundTrip() throws {
        let infinite: [Float] = [.infinity, -.infinity, -0.0, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 0.1]
        let written = Safetensors(
            tensors: [
                "0.weight": try .init(shape: [2, 3], values: infinite),
                "0.bias": try .init(shape: [2], values: [0.5, -1]),
                "1.num_batches_tracked": .init(scalar: .min),
                "steps": try .init(shape: [3], elements: .integer([1, -1, .max])),
                "empty": try .init(shape: [0, 7], values: []),
                "scalar": try .init(shape: [], values: [3]),
                "quote\" slash\\ tab\t nul\u{0} é 🙂": try .init(shape: [1], values: [1]),
            ],
            metadata: ["format": "pt", "note": "two\nlines"])
        let read = try Safetensors(bytes: try written.encoded())
        #expect(read == written)
        #expect(try read.encoded() == written.encoded())
        #expect(read.tensors["1.num_batches_tracked"]?.integers == [.min])
        #expect(read.tensors["1.num_batches_tracked"]?.values == nil)
    }

    @Test func notANumberKeepsItsBits() throws {
        let value = Float(bitPattern: 0x7fc1_2345)
        let file = Safetensors(tensors: ["a": try .init(shape: [1], values: [value])])
        let read = try Safetensors(bytes: try file.encoded())
        #expect(read.tensors["a"]?.values?.map(\.bitPattern) == [0x7fc1_2345])
    }

    /// The file written out by hand: 8-byte numbers first, then names in the order of their bytes, `Z` before `a`.
    @Test func bytesAreThoseOfTheFormat() throws {
        let tensors: [String: Safetensors.Tensor] = [
            "a": try .init(shape: [2, 1], values: [1, -2]),
            "Z": try .init(shape: [], values: [0.5]),
            "n": .init(scalar: 258),
        ]
        let header =
            #"{"__metadata__":{"format":"pt"},"n":{"dtype":"I64","shape":[],"data_offsets":[0,8]},"#
            + #""Z":{"dtype":"F32","shape":[],"data_offsets":[8,12]},"#
            + #""a":{"dtype":"F32","shape":[2,1],"data_offsets":[12,20]}}"#
        let data: [UInt8] = [2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x3f, 0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0]
        #expect(try Safetensors(tensors: tensors).encoded() == file(header, data: data))
        #expect(try Safetensors(tensors: tensors, metadata: [:]).encoded() == file(header, data: data))
    }

    @Test func noTensorsAreAFileToo() throws {
        #expect(try Safetensors(bytes: file("{}")) == Safetensors(tensors: [:], metadata: [:]))
        #expect(try Safetensors().encoded() == file(#"{"__metadata__":{"format":"pt"}}"#))
    }

    /// safetensors 0.8.0 for Python wrote this:
    /// `safetensors.numpy.save({"0.weight": np.array([[1,-2.5,3e-5],[0,-0.0,np.inf]], dtype=np.float32), "0.bias":
    /// np.array([0.5,1e-40], dtype=np.float32), "1.num_batches_tracked": np.array(1234567890123, dtype=np.int64),
    /// "é\"\n": np.zeros((0,3), np.float32)}, metadata={"format":"pt"})`
    @Test func filesOfThePythonLibraryAreReadAndWrittenTheSame() throws {
        let python = try #require(
            Data(
                base64Encoded: """
                    KAEAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJmb3JtYXQiOiJwdCJ9LCIxLm51bV9iYXRjaGVzX3RyYWNrZWQiOnsiZHR5cGUi\
                    OiJJNjQiLCJzaGFwZSI6W10sImRhdGFfb2Zmc2V0cyI6WzAsOF19LCIwLmJpYXMiOnsiZHR5cGUiOiJGMzIiLCJzaGFwZSI6\
                    WzJdLCJkYXRhX29mZnNldHMiOls4LDE2XX0sIjAud2VpZ2h0Ijp7ImR0eXBlIjoiRjMyIiwic2hhcGUiOlsyLDNdLCJkYXRh\
                    X29mZnNldHMiOlsxNiw0MF19LCLDqVwiXG4iOnsiZHR5cGUiOiJGMzIiLCJzaGFwZSI6WzAsM10sImRhdGFfb2Zmc2V0cyI6\
                    WzQwLDQwXX19ICAgICAgIMsE+3EfAQAAAAAAP8IWAQAAAIA/AAAgwIKo+zcAAAAAAAAAgAAAgH8=
                    """))
        let tensors: [String: Safetensors.Tensor] = [
            "0.weight": try .init(shape: [2, 3], values: [1, -2.5, 3e-5, 0, -0.0, .infinity]),
            "0.bias": try .init(shape: [2], values: [0.5, Float(bitPattern: 0x1_16c2)]),
            "1.num_batches_tracked": .init(scalar: 1_234_567_890_123),
            "é\"\n": try .init(shape: [0, 3], values: []),
        ]
        #expect(try Safetensors(bytes: Array(python)) == Safetensors(tensors: tensors))
        #expect(try Safetensors(tensors: tensors).encoded() == Array(python))
    }

    /// The same library wrote this from `{"h": np.array([1.5,-65504,6e-8,np.nan], dtype=np.float16), "d":
    /// np.array([0.1,-1e300])}`; -1e300 is too large and -1e30 takes its place below.
    @Test func otherFloatsBecomeFloat() throws {
        let halves: [UInt8] = [0x00, 0x3e, 0xff, 0xfb, 0x01, 0x00, 0x00, 0x7e, 0x00, 0xfc, 0x00, 0x80, 0xff, 0x03]
        let read = try Safetensors(
            bytes: file(
                #"{"h":{"dtype":"F16","shape":[7],"data_offsets":[0,14]},"#
                    + #""b":{"dtype":"BF16","shape":[2],"data_offsets":[14,18]},"#
                    + #""d":{"dtype":"F64","shape":[2],"data_offsets":[18,34]}}"#,
                data: halves + [0x80, 0x3f, 0x49, 0xc0]
                    + [0.1, -1e30].flatMap { (value: Double) in withUnsafeBytes(of: value, Array.init) }))
        let values = try #require(read.tensors["h"]?.values)
        #expect(Array(values[..<3]) == [1.5, -65504, 0x1p-24])
        #expect(values[3].isNaN)
        #expect(Array(values[4...]) == [-.infinity, 0, 1023 * 0x1p-24])
        #expect(values[5].sign == .minus)
        #expect(read.tensors["b"]?.values == [1, -3.140625])
        #expect(read.tensors["d"]?.values == [0.1, -1e30])
        #expect(read.metadata.isEmpty)
    }

    @Test func doublesBeyondFloatAreRefused() {
        let data = withUnsafeBytes(of: -1e300, Array.init)
        expectMalformed(file(#"{"d":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}"#, data: data), "too large")
    }

    #if arch(arm64) || os(Linux)
        @Test func everyHalfIsConvertedExactly() throws {
            let data = (0...UInt16.max).flatMap { withUnsafeBytes(of: $0.littleEndian, Array.init) }
            let read = try Safetensors(
                bytes: file(#"{"h":{"dtype":"F16","shape":[65536],"data_offsets":[0,131072]}}"#, data: data))
            let values = try #require(read.tensors["h"]?.values)
            for (bits, value) in values.enumerated() {
                let expected = Float(Float16(bitPattern: UInt16(bits)))
                #expect(value.bitPattern == expected.bitPattern || value.isNaN && expected.isNaN)
            }
        }
    #endif

    @Test func truncationAnywhereIsRefused() throws {
        let whole = try Safetensors(tensors: [
            "a": try .init(shape: [2], values: [1, 2]), "n": .init(scalar: 1), "é": try .init(shape: [0], values: []),
        ]).encoded()
        for length in whole.indices {
            #expect(throws: FileError.self) { try Safetensors(bytes: Array(whole[..<length])) }
        }
    }

    /// Any one byte changed to any value: the result is an error or a file, never a trap.
    @Test func changedBytesNeverTrap() throws {
        let whole = try Safetensors(tensors: ["a\"": try .init(shape: [2], values: [1, 2])]).encoded()
        for index in whole.indices {
            for byte in 0...255 as ClosedRange<UInt8> {
                var changed = whole
                changed[index] = byte
                _ = try? Safetensors(bytes: changed)
            }
        }
    }
}

private func expectMalformed(_ bytes: [UInt8], _ reason: String, sourceLocation: SourceLocation = #_sourceLocation) {
    do throws(FileError) {
        let read = try Safetensors(bytes: bytes)
        Issue.record("was read: \(read)", sourceLocation: sourceLocation)
    } catch {
        #expect(error.exitCode == 65, sourceLocation: sourceLocation)
        #expect(error.description.contains(reason), "\(error)", sourceLocation: sourceLocation)
    }
}

@Suite struct SafetensorsRefusalTests {
    /// A header of one tensor `a` with these fields.
    private static func one(
        dtype: String = #""F32""#, shape: String = "[1]", offsets: String = "[0,4]", more: String = ""
    ) -> String {
        #"{"a":{"dtype":\#(dtype),"shape":\#(shape),"data_offsets":\#(offsets)\#(more)}}"#
    }

    /// A header of tensor `a` with this shape and these offsets, and another of those.
    private static func two(
        _ shape: String, _ offsets: String, _ otherShape: String, _ otherOffsets: String, named other: String = "b"
    ) -> String {
        #"{"a":{"dtype":"F32","shape":\#(shape),"data_offsets":\#(offsets)},"#
            + #""\#(other)":{"dtype":"F32","shape":\#(otherShape),"data_offsets":\#(otherOffsets)}}"#
    }

    @Test func theFormItselfIsRead() throws {
        #expect(try Safetensors(bytes: file(Self.one(), data: bytes(of: [3]))).tensors["a"]?.values == [3])
        let both = try Safetensors(bytes: file(Self.two("[1]", "[0,4]", "[1]", "[4,8]"), data: bytes(of: [3, 4])))
        #expect(both.tensors["b"]?.values == [4])
    }

    @Test(arguments: [
        // Where the tensors lie
        (one(offsets: "[4,8]"), 8, "after a hole"),
        (one(offsets: "[0,4]"), 8, "8 follow the header"),
        (one(offsets: "[0,4]"), 3, "3 follow the header"),
        (one(shape: "[2]", offsets: "[0,8]"), 4, "4 follow the header"),
        (one(shape: "[0]", offsets: "[4,0]"), 4, "after a hole"),
        (one(shape: "[0]", offsets: "[0,0],"), 0, "'\"'"),
        (two("[2]", "[0,8]", "[1]", "[4,8]"), 8, "inside another tensor"),
        (two("[1]", "[0,4]", "[1]", "[8,12]"), 12, "after a hole"),
        (two("[1]", "[0,4]", "[1]", "[0,4]"), 4, "inside another tensor"),
        (two("[1]", "[0,4]", "[0]", "[4,0]"), 4, "ends before it begins"),
        // Shapes
        (one(shape: "[2]"), 4, "not its shape"),
        (one(shape: "[]", offsets: "[0,0]"), 0, "not its shape"),
        (one(dtype: #""F64""#), 4, "not its shape"),
        (one(shape: "[4611686018427387904,2]"), 4, "not its shape"),
        (one(shape: "[4611686018427387904,4,0]", offsets: "[0,0]"), 0, "not its shape"),
        (one(shape: "[4611686018427387905]"), 4, "not its shape"),
        (one(shape: "[" + String(repeating: "1,", count: 64) + "1]"), 4, "more than 64 numbers"),
        // Types
        (one(dtype: #""F8""#), 4, "none of"),
        (one(dtype: #""f32""#), 4, "none of"),
        (one(dtype: "4"), 4, "'\"' should be"),
        (one(dtype: "null"), 4, "'\"' should be"),
        // Numbers
        (one(shape: "[-1]"), 4, "digits alone"),
        (one(shape: "[+1]"), 4, "digits alone"),
        (one(shape: "[1.0]"), 4, "not written as an integer"),
        (one(shape: "[1e0]"), 4, "not written as an integer"),
        (one(shape: "[1E0]"), 4, "not written as an integer"),
        (one(shape: "[01]"), 4, "begins with 0"),
        (one(shape: "[9223372036854775808]"), 4, "too large"),
        (one(shape: "[18446744073709551617]"), 4, "too large"),
        (one(offsets: "[0,18446744073709551620]"), 4, "too large"),
        (one(shape: #"["1"]"#), 4, "digits alone"),
        (one(shape: "[1,]"), 4, "digits alone"),
        (one(shape: "[,1]"), 4, "digits alone"),
        (one(shape: "[1 1]"), 4, "']' should be"),
        (one(shape: "1"), 4, "'[' should be"),
        (one(offsets: "[0]"), 4, "two data_offsets"),
        (one(offsets: "[0,4,4]"), 4, "more than 2 numbers"),
        // Keys
        (one(more: #","dtype":"F32""#), 4, "appears twice"),
        (one(more: #","d\u0074ype":"F32""#), 4, "appears twice"),
        (one(more: #","strides":[1]"#), 4, "no key"),
        (one(more: ","), 4, "'\"' should be"),
        (#"{"a":{"dtype":"F32","shape":[1]}}"#, 4, "two data_offsets"),
        (#"{"a":{"shape":[1],"data_offsets":[0,4]}}"#, 4, "needs dtype"),
        (#"{"a":{"dtype":"F32","data_offsets":[0,4]}}"#, 4, "needs dtype"),
        (two("[1]", "[0,4]", "[1]", "[4,8]", named: "a"), 8, "\"a\" appears twice"),
        (#"{"__metadata__":{},"__metadata__":{}}"#, 0, "appears twice"),
        (#"{"__metadata__":{"a":"1","a":"2"}}"#, 0, "appears twice"),
        (#"{"__metadata__":{"a":1}}"#, 0, "'\"' should be"),
        (#"{"__metadata__":[]}"#, 0, "'{' should be"),
        // The JSON around them
        ("\u{feff}{}", 0, "does not begin with {"),
        (" {}", 0, "does not begin with {"),
        ("[]", 0, "does not begin with {"),
        ("", 0, "does not begin with {"),
        ("{", 0, "it ends"),
        ("{}{}", 0, "nothing more"),
        ("{}\u{0}", 0, "nothing more"),
        ("{,}", 0, "'\"' should be"),
        ("{a:1}", 0, "'\"' should be"),
        (#"{"a"}"#, 0, "':' should be"),
        ("{\"a\n\":{}}", 0, "control character"),
        (#"{"\x":{}}"#, 0, "escape is unknown"),
        (#"{"\u12g4":{}}"#, 0, "hexadecimal"),
        (#"{"\ud800":{}}"#, 0, "half a character"),
        (#"{"\udc00\ud800":{}}"#, 0, "half a character"),
        (#"{"\ud800\u0041":{}}"#, 0, "half a character"),
        (#"{"a":"# + String(repeating: "[", count: 129) + String(repeating: "]", count: 129) + "}", 0, "'{' should be"),
        (one(more: #","x":"# + String(repeating: "[", count: 129)), 4, "no key"),
        (one(shape: String(repeating: "[", count: 1_000_000)), 4, "digits alone"),
    ])
    func isRefused(header: String, data: Int, reason: String) {
        expectMalformed(file(header, data: [UInt8](repeating: 0, count: data)), reason)
    }

    @Test func lengthsAreCheckedBeforeTheyAreUsed() {
        for length: UInt64 in [100_000_001, .max, 1 << 63] {
            let bytes = withUnsafeBytes(of: length.littleEndian, Array.init) + Array("{}".utf8)
            expectMalformed(bytes, "100000000 are allowed")
        }
        let bytes = withUnsafeBytes(of: UInt64(100_000_000).littleEndian, Array.init) + Array("{}".utf8)
        expectMalformed(bytes, "the file ends at 10")
        expectMalformed([], "it has 0 bytes")
    }

    @Test func bytesThatAreNotUTF8AreRefused() {
        for bad: [UInt8] in [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xe2, 0x82]] {
            let header = Array("{\"".utf8) + bad + Array("\":{}}".utf8)
            let length = withUnsafeBytes(of: UInt64(header.count).littleEndian, Array.init)
            expectMalformed(length + header, "not UTF-8")
        }
    }

    @Test func escapesAreResolved() throws {
        let read = try Safetensors(
            bytes: file(#"{"__metadata__" : { "\u00e9\/\b\f\n\r\t\"\\" :"\ud83d\ude42" } }"# + "\n\t\r "))
        #expect(read.metadata == ["é/\u{8}\u{c}\n\r\t\"\\": "🙂"])
    }

    @Test func tensorsMustFitTheirShapes() {
        for shape in [[2], [], [-1], [Int.max, 2], [0]] {
            #expect(throws: FileError.self) { try Safetensors.Tensor(shape: shape, values: [1, 2, 3]) }
        }
    }

    @Test func theNameOfTheMetadataIsTaken() {
        #expect(throws: FileError.self) {
            try Safetensors(tensors: ["__metadata__": .init(scalar: 1)]).encoded()
        }
    }
}

@Suite struct AtomicFileTests {
    /// Calls `body` with a new folder, and removes it afterwards.
    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("atomic-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    private func contents(of folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    }

    @Test func writesReplacesAndLeavesNothingElse() throws {
        try withFolder { folder in
            let path = folder + "/model.safetensors"
            for value: Float in [1, 2] {
                let file = Safetensors(tensors: ["a": try .init(shape: [1], values: [value])])
                try file.write(to: path)
                #expect(try Safetensors(path: path) == file)
            }
            try AtomicFile.write([], to: folder + "/empty")
            #expect(try contents(of: folder) == ["empty", "model.safetensors"])
        }
    }

    /// A limit on the size of files makes the write fail half way, as a full disk does. Limits last as long as the
    /// process, which is therefore another one.
    @Test func aFailedWriteLeavesTheOldFile() async throws {
        await #expect(processExitsWith: .exitCode(74)) {
            try AtomicFileTests().withFolder { folder in
                try AtomicFile.write([1, 2, 3], to: folder + "/old")
                var limit = rlimit(rlim_cur: 4096, rlim_max: 4096)
                signal(SIGXFSZ, SIG_IGN)
                setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
                let error = #expect(throws: FileError.self) {
                    try AtomicFile.write([UInt8](repeating: 7, count: 1 << 20), to: folder + "/old")
                }
                #expect(try Data(contentsOf: URL(fileURLWithPath: folder + "/old")) == Data([1, 2, 3]))
                #expect(try AtomicFileTests().contents(of: folder) == ["old"])
                try FileManager.default.removeItem(atPath: folder)
                exit(error?.exitCode ?? 0)
            }
        }
    }

    @Test func aFailedRenameLeavesNothing() throws {
        try withFolder { folder in
            try FileManager.default.createDirectory(atPath: folder + "/taken/inside", withIntermediateDirectories: true)
            let error = #expect(throws: FileError.self) { try AtomicFile.write([1], to: folder + "/taken") }
            #expect(error?.exitCode == 73)
            #expect(error?.description.contains(folder + "/taken") == true)
            #expect(try contents(of: folder) == ["taken"])
        }
    }

    @Test func aMissingFolderCannotBeWrittenTo() throws {
        try withFolder { folder in
            let error = #expect(throws: FileError.self) { try AtomicFile.write([1], to: folder + "/no/file") }
            #expect(error == .cannotCreate(path: folder + "/no/file", reason: "No such file or directory"))
        }
    }

    @Test func leftoversOfADeadProcessAreNotInTheWay() throws {
        try withFolder { folder in
            let leftover = "\(folder)/.batchwise-\(getpid())-0.partial"
            try Data([9]).write(to: URL(fileURLWithPath: leftover))
            try AtomicFile.write([1], to: folder + "/file")
            #expect(try Data(contentsOf: URL(fileURLWithPath: leftover)) == Data([9]))
            #expect(try Data(contentsOf: URL(fileURLWithPath: folder + "/file")) == Data([1]))
        }
    }

    @Test func readingSaysWhatIsWrong() throws {
        try withFolder { folder in
            let missing = #expect(throws: FileError.self) { try Safetensors(path: folder + "/none") }
            #expect(missing?.exitCode == 66)
            let directory = #expect(throws: FileError.self) { try Safetensors(path: folder) }
            #expect(directory?.exitCode == 74)
            try AtomicFile.write([1, 2], to: folder + "/short")
            let short = #expect(throws: FileError.self) { try Safetensors(path: folder + "/short") }
            #expect(short?.exitCode == 65)
            #expect(short?.description.hasPrefix(folder + "/short: ") == true)
        }
    }
}
