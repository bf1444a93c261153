import Foundation
import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseData
@testable import Foundations

/// Arrays of images with their channels first, as PyTorch keeps them.
@Suite struct ChannelOrderTests {
    /// Six images of 9 lines of 8 pixels with 3 channels. Every number says where it belongs.
    private static let shape = (count: 6, channels: 3, height: 9, width: 8)

    private static func number(_ image: Int, _ y: Int, _ x: Int, _ channel: Int) -> UInt8 {
        UInt8((image * 83 + y * 29 + x * 7 + channel * 101) % 251)
    }

    private static let first = (0..<shape.count).flatMap { image in
        (0..<shape.channels).flatMap { channel in
            (0..<shape.height).flatMap { y in (0..<shape.width).map { x in number(image, y, x, channel) } }
        }
    }
    private static let last = (0..<shape.count).flatMap { image in
        (0..<shape.height).flatMap { y in
            (0..<shape.width).flatMap { x in (0..<shape.channels).map { channel in number(image, y, x, channel) } }
        }
    }

    private static func npy(_ numbers: [UInt8], _ shape: [Int], _ descr: String) -> [UInt8] {
        let bytes: [UInt8] = numbers.flatMap { number in
            switch descr {
            case "<f4": withUnsafeBytes(of: Float(number)) { Array($0) }
            case "<f8": withUnsafeBytes(of: Double(number)) { Array($0) }
            case "<i4": withUnsafeBytes(of: Int32(number)) { Array($0) }
            case "<i8": withUnsafeBytes(of: Int64(number)) { Array($0) }
            default: [number]
            }
        }
        return NPYWriter.header(descr: descr, shape: shape) + bytes
    }

    /// A folder with `first.npy`, `last.npy` and the labels of both in `y.npy`.
    private func folder(_ descr: String = "|u1") throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try folder.write(Self.npy(Self.first, [6, 3, 9, 8], descr), to: "first.npy")
        try folder.write(Self.npy(Self.last, [6, 9, 8, 3], descr), to: "last.npy")
        try folder.write(Self.npy([0, 1, 0, 1, 0, 1], [6], "|u1"), to: "y.npy")
        return folder
    }

    private func source(
        _ folder: TemporaryFolder, _ name: String, _ channels: DataSource.ChannelAxis? = nil
    ) -> DataSource {
        DataSource(
            train: "\(folder.path)/\(name)", labels: folder.path + "/y.npy", testFraction: 0, channels: channels)
    }

    @Test(
        arguments: [
            ([3, 32, 32], true), ([1, 28, 28], true), ([4, 84, 84], true), ([3, 24, 40], true), ([1, 8, 8], true),
            ([3, 100, 25], true),
            // one pixel too few, and too long for an image
            ([3, 7, 8], false), ([3, 8, 33], false),
            // channels that may as well be last
            ([3, 32, 3], false), ([3, 3, 32], false), ([4, 4, 4], false), ([1, 32, 3], false),
        ] as [([Int], Bool)]) func shapesThatMayHaveTheirChannelsFirst(shape: [Int], isFirst: Bool) throws
    {
        let found = try ChannelOrder().found(shape, in: "x.npy")
        #expect(found.axis == (isFirst ? .first : .last))
        let text = shape.map(String.init).joined(separator: "x")
        #expect(found.notice?.hasPrefix("x.npy: \(text) is read as images of ") == true, "\(found)")
        #expect(found.notice?.contains("data.channels: \(isFirst ? "last" : "first") reads") == true, "\(found)")
        // where the recipe says it, there is nothing to say
        for axis in DataSource.ChannelAxis.allCases {
            let chosen = try ChannelOrder(axis: axis).found(shape, in: "x.npy")
            #expect(chosen.axis == axis && chosen.notice == nil)
        }
    }

    @Test(arguments: [
        [32, 32, 3], [28, 28, 1], [8, 8, 4], [2, 32, 32], [16, 8, 8], [1, 1, 10], [3, 2, 2], [4, 4, 1], [3, 32], [10],
        [],
        [2, 3, 8, 8],
    ]) func shapesThatHaveThemLast(shape: [Int]) throws {
        let found = try ChannelOrder().found(shape, in: "x.npy")
        #expect(found.axis == .last && found.notice == nil)
    }

    @Test(arguments: ["|u1", "<f4", "<f8", "<i4", "<i8"], [DataSource.usualMemory, 0])
    func bothOrdersGiveTheSameFeatures(descr: String, memory: Int) throws {
        let folder = try folder(descr)
        let first = try source(folder, "first.npy").load(seed: 1, memory: memory)
        let last = try source(folder, "last.npy").load(seed: 1, memory: memory)
        #expect(first.train.featureShape == [9, 8, 3])
        #expect(first.preprocessing.features == last.preprocessing.features)
        #expect(first.preprocessing.channels == .first && last.preprocessing.channels == nil)
        #expect(first.notices.count == 1 && first.notices[0].contains("whose 3 channels stand first"))
        #expect(last.notices.isEmpty)
        let (ours, theirs) = (try numbers(first.train), try numbers(last.train))
        #expect(ours == theirs)
        // and without the library's own reading of the other file
        let plain = DataSource(
            train: folder.path + "/first.npy", labels: folder.path + "/y.npy", testFraction: 0, standardise: false)
        #expect(try numbers(plain.load(seed: 1, memory: memory).train) == Self.last.map(Float.init))
    }

    private func numbers(_ data: Dataset) throws -> [Float] {
        var numbers = [Float](repeating: 0, count: data.count * data.featureCount)
        try numbers.withUnsafeMutableBufferPointer { try data.fill($0, rows: Array(0..<data.count)) }
        return numbers
    }

    @Test func theKeyDecides() throws {
        let folder = try folder()
        let last = try source(folder, "first.npy", .last).load(seed: 1)
        #expect(last.train.featureShape == [3, 9, 8] && last.notices.isEmpty && last.preprocessing.channels == nil)
        let first = try source(folder, "last.npy", .first).load(seed: 1)
        #expect(first.train.featureShape == [8, 3, 9] && first.notices.isEmpty)
        let error = failure { () throws(DataError) in
            try DataSource(train: folder.path + "/y.npy", labels: folder.path + "/y.npy", channels: .first).load(
                seed: 1)
        }
        #expect(error?.description.contains("data.channels: first is for arrays of images") == true)
        let rows = try TemporaryFile("1 1:2\n0 2:1\n")
        let sparse = DataSource(train: [rows.path], kind: .arrays(.init(), channels: .first))
        #expect(failure { () throws(DataError) in try sparse.load(seed: 1) }?.exitCode == 65)
    }

    @Test func newArraysAreReadInTheOrderThatFitsTheModel() throws {
        let folder = try folder()
        for name in ["first.npy", "last.npy"] {
            let loaded = try source(folder, name).load(seed: 1)
            let kept = try JSONDecoder().decode(
                Preprocessing.self, from: JSONEncoder().encode(loaded.preprocessing))
            #expect(kept == loaded.preprocessing)
            for new in ["first.npy", "last.npy"] {
                #expect(try numbers(kept.load(newRows: "\(folder.path)/\(new)")) == numbers(loaded.train))
            }
        }
        // where both orders fit, the training array decides
        let cube = (0..<54).map { UInt8($0 * 5 % 256) }
        try folder.write(Self.npy(cube, [2, 3, 3, 3], "|u1"), to: "cube.npy")
        try folder.write(Self.npy([0, 1], [2], "|u1"), to: "y.npy")
        for (axis, place) in [(DataSource.ChannelAxis.first, 9), (.last, 1)] {
            let loaded = try source(folder, "cube.npy", axis).load(seed: 1)
            let new = try loaded.preprocessing.load(newRows: folder.path + "/cube.npy")
            guard case .bytes(let bytes, _, _) = new.features else { throw DataError.noExamples }
            // the second channel of the first pixel
            #expect(bytes[1] == cube[place] && new.features == loaded.train.features)
        }
        let loaded = try source(folder, "cube.npy", .first).load(seed: 1)
        let error = failure { () throws(DataError) in
            try loaded.preprocessing.load(newRows: folder.path + "/last.npy")
        }
        #expect(error == .shapeDiffers(file: folder.path + "/last.npy", expected: [3, 3, 3], found: [9, 8, 3]))
    }

    @Test func rowsOfNumbersAreInTheOrderOfTraining() throws {
        let folder = try folder()
        var predictions: [[Float]] = []
        for (name, planes) in [("first.npy", Self.first), ("last.npy", Self.last)] {
            let loaded = try source(folder, name).load(seed: 1)
            let recipe = Recipe(model: LayerList { Dense(.classes, initialisation: .he) }, epochs: 1)
            var trainer = try Trainer(recipe, data: loaded.train, machine: Machine(threads: 1))
            var model = try trainer.run()
            try model.keep(loaded.preprocessing)
            let predictor = try RowPredictor(model)
            predictions.append(try predictor.predictor.outputs(of: numbers(loaded.train)))
            let numbers = try predictor.predictions(numbers: planes.map(Double.init))
            let expected = Predictions(outputs: predictions[0], width: 2, loaded.preprocessing)
            // a product and a sum are rounded once or twice
            #expect(zip(numbers.numbers, expected.numbers).allSatisfy { abs($0 - $1) < 1e-5 })
            #expect(throws: PredictionError.self) { try predictor.predictions(numbers: [1, 2, 3]) }
        }
        #expect(predictions[0] == predictions[1])
    }

    @Test func convertedArraysHaveTheirChannelsLast() throws {
        let folder = try folder("<f4")
        for name in ["first", "last"] {
            try source(folder, name + ".npy").convert(to: "\(folder.path)/\(name).data", shardRows: 4)
        }
        let (first, last) = (folder.path + "/first.data", folder.path + "/last.data")
        for file in ["00000.npy", "00001.npy"] {
            let files = try [first, last].map { try Data(contentsOf: URL(fileURLWithPath: "\($0)/features-\(file)")) }
            #expect(files[0] == files[1])
        }
        #expect(try DataSource(train: first, testFraction: 0).load(seed: 1).train.featureShape == [9, 8, 3])
    }

    @Test func descriptionsSaySo() throws {
        let folder = try folder()
        let first = try DataDescription(of: folder.path + "/first.npy", labels: folder.path + "/y.npy")
        #expect(first.shape == [9, 8, 3] && first.notices.count == 1, "\(first)")
        let last = try DataDescription(of: folder.path + "/last.npy", labels: folder.path + "/y.npy")
        #expect(last.shape == [9, 8, 3] && last.notices.isEmpty)
        #expect(last.columns == first.columns)

        let archive = try TemporaryFile(
            NPZFixtures.archive(of: Self.npy(Self.first, [6, 3, 9, 8], "|u1")), name: "a.npz")
        let arrays = try DataDescription(of: archive.path)
        #expect(arrays.columns[0].shape == [6, 3, 9, 8])
        #expect(arrays.notices.first?.hasPrefix(archive.path + ":x: 3x9x8 is read as images of 9x8 pixels") == true)
        #expect(try DataDescription(of: archive.path + ":x").shape == [9, 8, 3])
    }

    @Test func theKeyIsReadAndWritten() throws {
        let source = try DataSource(notation: RecipeValue(yaml: "{train: x.npy, labels: y.npy, channels: first}"))
        #expect(source.kind == .arrays(.init(train: ["y.npy"]), channels: .first))
        #expect(try DataSource(notation: source.notation) == source)
        #expect(source.mapPaths { $0 } == source)
        let alone = try DataSource(notation: RecipeValue(yaml: "{train: x.npz, channels: last}"))
        #expect(alone.kind == .arrays(.init(), channels: .last))
        #expect(try DataSource(notation: alone.notation) == alone)
        for keys in ["channels: middle", "channels: 2", "channels: true", "channels: first, target: y"] {
            let error = #expect(throws: RecipeError.self) {
                try DataSource(notation: RecipeValue(yaml: "{train: x.npy, \(keys)}"))
            }
            #expect(error?.description.contains("first or last") == true, "\(String(describing: error))")
        }
    }
}
