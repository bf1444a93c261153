import Foundation
import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseData
@testable import Foundations

/// Converted data whose numbers are extreme, under right checksums, is loaded and described or refused.
@Suite struct ConvertedNumbersTests {
    /// `scripts/nightly` sets BATCHWISE_SLOW.
    private static let isSlowWanted = ProcessInfo.processInfo.environment["BATCHWISE_SLOW"] != nil
    private static let numbers = [
        0, -1, 2, 0.5, 1e19, -1e19, 1e300, -1e300, .greatestFiniteMagnitude, .leastNonzeroMagnitude, .infinity,
        -.infinity, .nan, 0x1p31, -0x1p31, 0x1p53, 0x1p63, -0x1p63, 0x1p64, 253_402_300_800, -62_167_219_201,
    ]
    private static let table =
        "day,x,kind,y\n" + (0..<20).map { "2024-03-\($0 + 10),\($0 * $0),\(["a", "b"][$0 % 2]),\($0)\n" }.joined()
    private static let sparse = (0..<20).map { "\($0 % 2) \($0 + 1):1.5 40:2\n" }.joined()

    /// The checksum of zlib, bit by bit.
    private static func crc(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        var checksum = UInt32.max
        for byte in bytes {
            checksum ^= UInt32(byte)
            for _ in 0..<8 { checksum = checksum & 1 == 0 ? checksum >> 1 : checksum >> 1 ^ 0xEDB8_8320 }
        }
        return ~checksum
    }

    /// A converted file that can be overwritten with other numbers, and its checksum with it.
    private struct Converted {
        let folder, file: String
        let bytes: [UInt8]
        let manifest: String
        /// The place behind the header of the array.
        let start: Int

        init(_ folder: String, _ name: String) throws {
            (self.folder, file) = (folder, "\(folder)/\(name)")
            bytes = Array(try Data(contentsOf: URL(fileURLWithPath: file)))
            manifest = try String(contentsOfFile: "\(folder)/manifest.json", encoding: .utf8)
            start = 10 + Int(bytes[8]) + Int(bytes[9]) << 8
        }

        func write(_ number: Double, at place: Int, size: Int) throws {
            var changed = bytes
            let value =
                size == 8
                ? withUnsafeBytes(of: number) { Array($0) } : withUnsafeBytes(of: Float(number)) { Array($0) }
            changed.replaceSubrange(start + place * size..<start + (place + 1) * size, with: value)
            try Data(changed).write(to: URL(fileURLWithPath: file))
            let (old, new) = (ConvertedNumbersTests.crc(bytes[start...]), ConvertedNumbersTests.crc(changed[start...]))
            #expect(manifest.contains("\(old)"))
            try manifest.replacingOccurrences(of: "\(old)", with: "\(new)")
                .write(toFile: "\(folder)/manifest.json", atomically: true, encoding: .utf8)
        }
    }

    private func read(_ folder: String, target: String?) -> Bool {
        var isRead = false
        do {
            for memory in [0, DataSource.usualMemory] {
                var source = DataSource(train: folder)
                if let target { source.columns.target = target }
                source.split.test = 0.2
                let data = try source.load(seed: 1, memory: memory)
                _ = try data.preprocessing.load(newRows: folder)
                isRead = true
            }
        } catch {
            #expect(error.exitCode == 65, "\(error)")
        }
        do {
            for column in try DataDescription(of: folder).columns {
                if case .dates(let earliest, let latest, _) = column.content {
                    #expect(!CSVDate.text(earliest).isEmpty && !CSVDate.text(latest).isEmpty)
                }
            }
        } catch {
            #expect(error.exitCode == 65)
        }
        return isRead
    }

    @Test(arguments: ["rows-00000.npy", "target-00000.npy", "ends-00000.npy", "values-00000.npy"])
    func extremeNumbers(file: String) throws {
        let isTable = file.hasPrefix("rows")
        let original = try TemporaryFile(isTable ? Self.table : Self.sparse, name: isTable ? "t.csv" : "t.svm")
        let folder = URL(fileURLWithPath: original.path).deletingLastPathComponent().appendingPathComponent("t.data")
            .path
        try DataSource(train: original.path).convert(to: folder)
        let converted = try Converted(folder, file)
        let size = file.hasPrefix("values") ? 4 : 8
        let places = (converted.bytes.count - converted.start) / size
        var (whole, refused) = (0, 0)
        for place in stride(from: 0, to: places, by: Self.isSlowWanted ? 1 : 7) {
            for number in Self.numbers {
                try converted.write(number, at: place, size: size)
                for target in isTable ? ["y", "kind", "day"] : [nil] as [String?] {
                    if read(folder, target: target) { whole += 1 } else { refused += 1 }
                }
            }
        }
        #expect(whole > 0 && refused > 0, "\(whole) read, \(refused) refused")
    }
}
