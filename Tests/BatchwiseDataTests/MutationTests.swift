import Foundation
import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseData
@testable import Foundations

/// Damaged files are read or refused: never a crash, a hang, or memory beyond ten times the file (``MemoryBound``).
@Suite struct MutationTests {
    /// `scripts/nightly` sets BATCHWISE_SLOW.
    private static let inputs = ProcessInfo.processInfo.environment["BATCHWISE_SLOW"] == nil ? 2_000 : 100_000

    /// Bytes changed, cut out, repeated and put in, by a fixed series of numbers.
    private struct Mutator {
        var state: UInt64
        let words: [[UInt8]]

        mutating func below(_ limit: Int) -> Int {
            state &+= 0x9E37_79B9_7F4A_7C15
            return Int(CounterRandom.mix(state) >> 11) % max(limit, 1)
        }

        mutating func mutated(_ original: [UInt8]) -> [UInt8] {
            var bytes = original
            for _ in 0...below(4) {
                let at = below(bytes.count + 1)
                let length = min(below(8), bytes.count - at)
                switch below(6) {
                case 0 where at < bytes.count: bytes[at] = UInt8(below(256))
                case 1 where at < bytes.count: bytes[at] ^= 1 << below(8)
                case 2: bytes.removeSubrange(at..<at + length)
                case 3: bytes.insert(contentsOf: Array(bytes[at..<at + length]), at: below(bytes.count + 1))
                case 4: bytes.insert(contentsOf: words[below(words.count)], at: at)
                default: bytes.removeSubrange(at...)
                }
            }
            return bytes
        }
    }

    private func mutate(
        _ originals: [[UInt8]], words: [String], within bound: MemoryBound = MemoryBound(),
        _ read: ([UInt8]) throws(DataError) -> Void
    ) {
        mutate(originals, words: words.map { Array($0.utf8) }, bound, read)
    }

    /// Reads so many mutations of these files, some of which must be read and some refused.
    func mutate(
        _ originals: [[UInt8]], words: [[UInt8]], _ bound: MemoryBound = MemoryBound(),
        _ read: ([UInt8]) throws(DataError) -> Void
    ) {
        var mutator = Mutator(state: 7, words: words)
        var (whole, refused) = (0, 0)
        for number in 0..<Self.inputs {
            let bytes = mutator.mutated(originals[number % originals.count])
            let error = bound.hold(count: bytes.count, "\(bytes)") {
                failure { () throws(DataError) in try read(bytes) }
            }
            if error == nil { whole += 1 } else { refused += 1 }
        }
        // a parser that says yes or no to everything is not being tested
        #expect(whole > 0 && refused > 0, "\(whole) read, \(refused) refused")
    }

    @Test func tables() {
        let originals = [
            "a,b,c\n1,2,3\n4,,6\n", "\"x\",\"y \"\"z\"\"\"\r\n\"multi\nline\",2\r\n,?\r\n", "1;2,5;x\n3;4,5;y\n",
            "# note\nage\tname\n1e3\tAnn\n-2\tBob\n", "day,n\n2024-03-01,1\n2024-03-02T12:30:05.5+02:00,12345678.5\n",
        ].map { Array($0.utf8) }
        mutate(originals, words: ["\"", ",", "\n", "\r", "1e999", "NaN", "\u{FEFF}", ";;;;", "\0", "2024-02-30"]) {
            (bytes) throws(DataError) in
            var csv = try CSV(path: "t.csv", bytes: bytes, header: nil)
            let table = try csv.table()
            // the result is the same through windows that are smaller than a row; NaN is not equal to itself, but its
            // text is
            var (narrow, wide) = (try CSV(path: "t.csv", bytes: bytes, header: nil, room: 5).table(), table)
            #expect(narrow.notations == wide.notations)
            // a dictionary is shown in any order
            (narrow.notations, wide.notations) = ([:], [:])
            #expect("\(narrow)" == "\(wide)")
            // the mutation is also read before a file in which the header is a row, so that numbers meet texts
            try csv.append(CSV(path: "u.csv", bytes: bytes + [10] + bytes, header: csv.hasHeader))
            _ = try csv.table()
        }
    }

    @Test func sparseRows() {
        let originals = ["+1 1:0.5 4:-2e1\n-1 qid:3 2:7 # c\n", "0 0:1 5:1\r\n1 2:1\r\n\r\n"].map { Array($0.utf8) }
        mutate(originals, words: [":", " ", "\n", "1000000000", "1e999", "nan", "qid:", "#", "9:9"]) {
            (bytes) throws(DataError) in
            let rows = try LIBSVM(path: "r.svm", bytes: bytes)
            let preprocessing = Preprocessing(
                featureShape: rows.featureShape, features: try rows.fitted(rows: [], standardise: false), target: .none)
            _ = try rows.features(for: preprocessing)
        }
    }

    @Test func arrays() throws {
        let npy = NPYFixtures.bytes(NPYFixtures.types[1].file)
        let idx: [UInt8] = [0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 255]
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("batchwise-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let path = folder.appendingPathComponent("data").path
        mutate([npy, idx], words: ["\u{7F}\u{7F}\u{7F}\u{7F}", "(9,9)", "'", "\0", "True"]) {
            (bytes) throws(DataError) in
            guard overwrite(path, with: bytes) else { return }
            _ = try DataFormats.standard.open([path], Reading())
        }
    }

    /// Every second mutation has its PNG checksums corrected, for nearly every change breaks one.
    @Test func images() throws {
        let originals = try ImageFixture.all().map(\.bytes)
        let file = try TemporaryFile([])
        let decoder = ImageDecoder()
        var number = 0
        mutate(
            originals,
            words: ["\u{7F}\u{7F}\u{7F}\u{7F}", "\0\0\0\0", "IDAT", "PLTE", "tRNS", "eXIf", "Exif\0\0MM\0*", "\0"],
            within: .images
        ) {
            (bytes) throws(DataError) in
            number += 1
            let bytes = number % 2 == 0 ? withChecksums(bytes) : bytes
            guard FileManager.default.createFile(atPath: file.path, contents: Data(bytes)) else { return }
            let shape = try decoder.header(of: file.path).shape
            #expect(shape.count <= 3 * 8 * 1100 * (bytes.count + 1))
            _ = try ImageFiles(paths: [file.path], shape: shape).bytes(rows: [0], threads: 1) { _ in }
            let small = ImageShape(height: 3, width: 5, channels: 3)
            _ = try ImageFiles(paths: [file.path], shape: small).bytes(rows: [0], threads: 1) { _ in }
        }
    }
}
