import Foundation
import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseData
@testable import Foundations

/// Converted data has the same examples, trains to the same bits, and every damage to it is seen.
@Suite struct ConvertedDataTests {
    /// A folder that is removed with the test.
    private final class Folder {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("batchwise-\(UUID().uuidString)").path
        init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
        deinit { try? FileManager.default.removeItem(atPath: path) }
        func file(_ name: String) -> String { path + "/" + name }
        func write(_ bytes: [UInt8], _ name: String) throws -> String {
            try Data(bytes).write(to: URL(fileURLWithPath: file(name)))
            return file(name)
        }
        func bytes(_ name: String) throws -> [UInt8] {
            Array(try Data(contentsOf: URL(fileURLWithPath: file(name))))
        }
    }

    private static let model = LayerList([Dense(8), ReLU(), Dense(.classes)])

    private func hash(_ source: DataSource, memory: Int = DataSource.usualMemory, loading: Int? = nil) throws -> String
    {
        let data = try source.load(seed: 3, memory: memory)
        var trainer = try Trainer(
            Recipe(model: Self.model, batch: Batch(size: 16), learningRate: .constant(0.05), epochs: 2),
            data: data.train, machine: Machine(loadingThreads: loading))
        return try trainer.run().parametersSHA256
    }

    private func idx(_ bytes: [UInt8], _ shape: [Int]) -> [UInt8] {
        [0, 0, 8, UInt8(shape.count)] + shape.flatMap { [0, 0, UInt8($0 >> 8), UInt8($0 & 255)] } + bytes
    }

    private static let table = """
        size,colour,price,kind
        1.5,red,10,a
        2,blue,,b
        ?,red,30,a
        4,"green, dark",40.25,b

        """ + (0..<60).map { "\($0),\(["red", "blue"][$0 % 2]),\($0 * 3 % 17),\(["a", "b", "c"][$0 % 3])\n" }.joined()

    @Test(arguments: ["kind", "price", "4"])
    func aTableTrainsToTheSameBits(target: String) throws {
        let folder = try Folder()
        var text = Self.table
        if target == "price" { text = text.replacingOccurrences(of: "2,blue,,b", with: "2,blue,5,b") }
        let csv = try folder.write(Array(text.utf8), "t.csv")
        try DataSource(train: csv).convert(to: folder.file("t.data"), shardRows: 25)
        let task: DataSource.Task? = target == "price" ? .regression : nil
        let expected = try DataSource(train: csv, target: target, task: task).load(seed: 3)
        let found = try DataSource(train: folder.file("t.data"), target: target, task: task).load(seed: 3)
        #expect(found.train == expected.train)
        #expect(found.test == expected.test)
        #expect(found.preprocessing == expected.preprocessing)
        // new rows may come in either form
        let rows = try expected.preprocessing.load(newRows: folder.file("t.data"), needsTarget: true)
        #expect(try rows == expected.preprocessing.load(newRows: csv, needsTarget: true))
    }

    private static let rules: [String: ColumnRule] = [
        "size": ColumnRule(.minMax), "colour": ColumnRule(missing: .mostFrequent),
        "price": ColumnRule(.log, missing: .mostFrequent), "rank": ColumnRule(.ordinal(["low", "mid", "high"])),
        "street": ColumnRule(.hash(features: 5)), "rooms": ColumnRule(.oneHot), "level": ColumnRule(.ordinal(nil)),
    ]

    /// Columns of every kind, in several files. One file alone does not tell the kind of `mixed`.
    private static let parts = (0..<3).map { part in
        "size,colour,price,rank,street,rooms,level,day,mixed,weight,kind\n"
            + (0..<90).map { place in
                let row = part * 90 + place
                return [
                    "\(row % 7).5", ["red", "", "blue", "?"][row % 4], row % 5 == 0 ? "" : "\(row * 37 % 101)",
                    ["mid", "low", "high"][row % 3], "\"Street \(row % 11), \(row % 2)\"", "\(row % 4 + 1)",
                    row % 6 == 1 ? "NA" : "\(row % 12)", "2024-0\(row % 9 + 1)-11",
                    part == 1 && row == 100 ? "x" : "\(row % 3)", "\(row % 3 + 1)", ["b", "a"][row * row % 5 % 2],
                ].joined(separator: ",") + "\n"
            }.joined()
    }

    /// A converted table is the same wherever its rows are, and so are features that a table in memory has no room for.
    @Test func aTableLargerThanMemoryTrainsToTheSameBits() throws {
        let folder = try Folder()
        for (place, part) in Self.parts.enumerated() { _ = try folder.write(Array(part.utf8), "part-\(place).csv") }
        var source = DataSource(train: folder.file("part-*.csv"), target: "kind", weights: "weight")
        source.columns.rules = Self.rules
        source.split.validation = 0.2
        try source.convert(to: folder.file("t.data"), shardRows: 100)
        let expected = try source.load(seed: 3)
        for converted in [false, true] {
            var same = source
            if converted { same.train = [folder.file("t.data")] }
            let found = try same.load(seed: 3, memory: 0)
            #expect(found.preprocessing == expected.preprocessing)
            for (part, whole) in [
                (found.train, expected.train), (found.test, expected.test), (found.validation, expected.validation),
            ] {
                let (part, whole) = (try #require(part), try #require(whole))
                guard case .streamed = part.features else {
                    Issue.record("the features are in memory")
                    return
                }
                #expect(part.targets == whole.targets)
                #expect(part.weights == whole.weights)
                for row in 0..<whole.count { #expect(features(part, row: row) == features(whole, row: row)) }
            }
            #expect(try hash(same, memory: 0, loading: 2) == hash(source))
            let rows = try expected.preprocessing.load(newRows: same.train[0], needsTarget: true, memory: 0)
            for row in 0..<270 {
                #expect(
                    try features(rows, row: row)
                        == features(expected.preprocessing.load(newRows: source.train[0]), row: row))
            }
        }
        // with a rule that only the source can follow, the rows differ
        var other = source
        other.columns.rules["size"] = ColumnRule(.asIs)
        #expect(try hash(other) != hash(source))
    }

    @Test func whatIsIgnoredIsNotConverted() throws {
        let folder = try Folder()
        let csv = try folder.write(Array(Self.table.utf8), "t.csv")
        var source = DataSource(train: csv, target: "kind")
        source.columns.ignore = ["colour"]
        source.columns.rules = ["price": ColumnRule(.oneHot)]
        try source.convert(to: folder.file("t.data"))
        let table = try ConvertedData(path: folder.file("t.data")).table(kinds: nil)
        #expect(table.columns.map(\.name) == ["size", "price", "kind"])
        // texts as they were written
        guard case .categorical(_, let levels) = table.columns[1].values else {
            Issue.record("prices are numbers")
            return
        }
        #expect(levels.contains("40.25"))
        source.columns.ignore = ["size", "colour", "price", "kind"]
        source.columns.rules = [:]
        #expect(throws: DataError.self) { try source.convert(to: folder.file("u.data")) }
        #expect(!FileManager.default.fileExists(atPath: folder.file("u.data")))
    }

    @Test func imagesTrainToTheSameBitsInMemoryAndStreamed() throws {
        let folder = try Folder()
        let images = folder.file("train-images-idx3-ubyte")
        let pixels = (0..<50 * 20).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) }
        _ = try folder.write(idx(pixels, [50, 4, 5]), "train-images-idx3-ubyte")
        _ = try folder.write(idx((0..<50).map { UInt8($0 % 3) }, [50]), "train-labels-idx1-ubyte")
        let expected = try hash(DataSource(train: images))
        let converted = folder.file("c.data")
        try DataSource(train: images).convert(to: converted, shardRows: 7)
        #expect(try FileManager.default.contentsOfDirectory(atPath: converted).count == 17)
        #expect(try hash(DataSource(train: converted)) == expected)
        for loading in [0, 1, 4] {
            #expect(try hash(DataSource(train: converted), memory: 0, loading: loading) == expected)
        }
        // the converted data is converted once more, with a split
        try DataSource(train: converted).convert(to: folder.file("d.data"))
        let half = DataSource(train: images, testFraction: 0.5)
        #expect(try hash(DataSource(train: folder.file("d.data"), testFraction: 0.5), memory: 0) == hash(half))
        #expect(try hash(half) != expected)
    }

    @Test(arguments: ["<f4", "<f8"])
    func numbersTrainToTheSameBitsWhereverTheyAre(descr: String) throws {
        let folder = try Folder()
        var bytes = NPYWriter.header(descr: descr, shape: [40, 3])
        for place in 0..<120 {
            let number = place % 3 == 1 ? 7 : Double(place * place % 101) / 7
            if descr == "<f4" {
                withUnsafeBytes(of: Float(number)) { bytes += $0 }
            } else {
                withUnsafeBytes(of: number) { bytes += $0 }
            }
        }
        let array = try folder.write(bytes, "x.npy")
        let labels = try folder.write(NPYWriter.encode((0..<40).map { Float($0 % 4) }, shape: [40]), "y.npy")
        let source = DataSource(train: array, labels: labels)
        let expected = try source.load(seed: 1)
        let streamed = try source.load(seed: 1, memory: 0)
        guard case .streamed = streamed.train.features else {
            Issue.record("the array was taken into memory")
            return
        }
        #expect(streamed.preprocessing == expected.preprocessing)
        for row in 0..<40 { #expect(features(streamed.train, row: row) == features(expected.train, row: row)) }
        #expect(try hash(source, memory: 0) == hash(source))
        try source.convert(to: folder.file("c.data"), shardRows: 11)
        #expect(try hash(DataSource(train: folder.file("c.data")), memory: 0) == hash(source))
        var plain = source
        plain.standardise = false
        #expect(try hash(plain, memory: 0) == hash(plain))
        #expect(try hash(plain) != hash(source))
    }

    @Test func sparseRowsTrainToTheSameBits() throws {
        let folder = try Folder()
        var text = "1 3:0.5 9:0\n"
        for row in 0..<40 { text += "\(row % 2) \(row % 4 + 1):\(row).25 7:-2 \(8 + row % 3):1e-3\n" }
        let rows = try folder.write(Array(text.utf8), "r.svm")
        try DataSource(train: rows).convert(to: folder.file("r.data"))
        let expected = try DataSource(train: rows).load(seed: 2)
        let found = try DataSource(train: folder.file("r.data")).load(seed: 2)
        #expect(found.train == expected.train)
        #expect(found.test == expected.test)
        #expect(found.preprocessing == expected.preprocessing)
        #expect(
            try expected.preprocessing.load(newRows: folder.file("r.data"))
                == expected.preprocessing.load(newRows: rows))
        // an index that does not ascend, with its checksum put right
        let indices = folder.file("r.data/indices-00000.npy")
        var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: indices)))
        bytes[bytes.count - 4] = 200
        _ = try folder.write(bytes, "r.data/indices-00000.npy")
        #expect(
            failure { () throws(DataError) in try DataSource(train: folder.file("r.data")).load(seed: 2) }
                == .badChecksum(file: indices))
    }

    @Test func damageIsSeenBeforeTraining() throws {
        let folder = try Folder()
        _ = try folder.write(idx([UInt8](0..<60), [15, 2, 2]), "train-images-idx3-ubyte")
        _ = try folder.write(idx((0..<15).map { UInt8($0 % 3) }, [15]), "train-labels-idx1-ubyte")
        let path = folder.file("c.data")
        try DataSource(train: folder.file("train-images-idx3-ubyte")).convert(to: path, shardRows: 6)
        #expect(throws: CheckpointError.cannotCreate(path: path, reason: "something is there already")) {
            try DataSource(train: folder.file("train-images-idx3-ubyte")).convert(to: path)
        }
        let source = DataSource(train: path)
        func damaged(_ name: String, _ change: (inout [UInt8]) -> Void) throws -> DataError? {
            let whole = try folder.bytes("c.data/" + name)
            var bytes = whole
            change(&bytes)
            _ = try folder.write(bytes, "c.data/" + name)
            defer { _ = try? folder.write(whole, "c.data/" + name) }
            return failure { () throws(DataError) in try source.load(seed: 1) }
        }
        for name in ["features-00001.npy", "target-00002.npy"] {
            #expect(try damaged(name) { $0[$0.count - 2] ^= 1 } == .badChecksum(file: path + "/" + name))
            #expect(try damaged(name) { $0.removeLast() } != nil)
            #expect(try damaged(name) { $0.append(0) } != nil)
            #expect(try damaged(name) { $0[8] ^= 1 } != nil)
        }
        #expect(try damaged(ConvertedManifest.fileName) { $0 = Array("{}".utf8) } != nil)
        #expect(try damaged("features-00000.npy") { _ in } == nil)
        try FileManager.default.removeItem(atPath: path + "/features-00000.npy")
        #expect(
            failure { () throws(DataError) in try source.load(seed: 1) } == .missingFile(path + "/features-00000.npy"))
    }

    /// A manifest may hold anything; its claims are checked against the files.
    @Test func manifestsAreNotBelieved() throws {
        let folder = try Folder()
        let csv = try folder.write(Array(Self.table.utf8), "t.csv")
        try DataSource(train: csv).convert(to: folder.file("t.data"))
        let whole = String(decoding: try folder.bytes("t.data/manifest.json"), as: UTF8.self)
        let source = DataSource(train: folder.file("t.data"), target: "kind")
        for (old, new) in [
            ("\"rows\" : 64", "\"rows\" : 65"), ("\"rows\" : 64", "\"rows\" : -1"),
            ("\"rows\" : 64", "\"rows\" : 4611686018427387904"),
            ("<f4", "<f8"), ("\"version\" : 2", "\"version\" : 3"), ("\"table\"", "\"array\""), ("\"red\"", "\"blue\""),
            ("\"shape\" : [", "\"shape\" : [1000000000, 1000000000, 1000000000,"), ("\"fields\"", "\"field\""),
        ] {
            let changed = whole.replacingOccurrences(of: old, with: new)
            #expect(changed != whole)
            _ = try folder.write(Array(changed.utf8), "t.data/manifest.json")
            let error = failure { () throws(DataError) in try source.load(seed: 1) }
            #expect(error?.exitCode == 65, "\(old) as \(new): \(String(describing: error))")
        }
    }
}
