import Foundation
import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseData
@testable import Foundations

@Suite struct DataSourceTests {
    private func error(_ text: String, _ change: (inout DataSource) -> Void) throws -> DataError? {
        let file = try TemporaryFile(text)
        var source = DataSource(train: "data.csv", target: "y")
        change(&source)
        let final = source
        let folder = URL(fileURLWithPath: file.path).deletingLastPathComponent().path
        return failure { () throws(DataError) in try final.load(seed: 1, relativeTo: folder) }
    }

    private func task(_ targets: [String]) throws -> DataSource.Task {
        let file = try TemporaryFile("x,y\n" + targets.enumerated().map { "\($0),\($1)\n" }.joined())
        let loaded = try DataSource(train: file.path, target: "y", header: true).load(seed: 1)
        return loaded.train.classCount == nil ? .regression : .classification
    }

    @Test func theTargetDecidesTheTask() throws {
        #expect(try task(["a", "b", "a"]) == .classification)
        #expect(try task(["true", "false", "true"]) == .classification)
        #expect(try task(["0", "1", "1.0"]) == .classification)
        #expect(try task((0..<100).map { "\($0 % 20)" }) == .classification)
        #expect(try task((0..<40).map { "\($0 % 20)" }) == .regression)
        #expect(try task(["0.5", "1", "2"]) == .regression)
    }

    @Test func aRecipeCanForceTheTask() throws {
        let file = try TemporaryFile("x,y\n1,10\n2,9\n3,10\n")
        var source = DataSource(train: file.path, target: "y", testFraction: 0)
        // Numbers are sorted as numbers.
        #expect(try source.load(seed: 1).train.targets == .classes([1, 0, 1], names: ["9", "10"]))
        source.task = .regression
        #expect(try source.load(seed: 1).train.classCount == nil)
    }

    @Test func errorsSayWhatToDo() throws {
        let text = "x,y,w\n1,a,1\n2,b,2\n"
        #expect(
            try error(text) { $0.columns.target = "yy" }?.description.hasSuffix(
                "has no column \"yy\" (did you mean \"y\"?); its columns are x, y, w") == true)
        #expect(try error(text) { $0.columns.target = nil }?.description.contains("data.target") == true)
        #expect(try error(text) { $0.columns.target = "4" } != nil)
        #expect(try error(text) { $0.columns.target = "0" } != nil)
        #expect(try error(text) { $0.split.test = 1 } != nil)
        #expect(try error(text) { $0.split.test = .nan } != nil)
        #expect(try error(text) { $0.split.test = 0.9 } != nil)
        #expect(try error(text) { $0.kind = .arrays(.init(train: ["labels"])) } != nil)
        #expect(try error(text) { $0.task = .regression } != nil)
        #expect(try error(text) { $0.columns.ignore = ["x", "w"] } != nil)
        #expect(try error(text) { $0.train = ["none.csv"] }?.exitCode == 66)
        #expect(try error("x,y\n1,\n2,\n") { _ in }?.description.contains("line 2, column \"y\"") == true)
        #expect(try error("x,y\n1,a\n2,a\n") { _ in }?.description.contains("every example") == true)
        #expect(
            try error("x,y,w\n1,a,1\n2,b,-2\n") { $0.columns.weights = "w" }?.description.contains("line 3") == true)
    }

    /// Rows without a target are left out, counted, and neither trained on nor tested with.
    @Test(arguments: [0, 0.5])
    func rowsWithoutATargetAreLeftOut(test: Double) throws {
        func loaded(_ text: String) throws -> LoadedData {
            let file = try TemporaryFile(text)
            return try DataSource(train: file.path, target: "y", testFraction: test).load(seed: 5)
        }
        let gaps = try loaded("x,y\n1,a\n2,\n3,b\n4,NA\n5,a\n6,b\n")
        #expect(gaps.train.count + (gaps.test?.count ?? 0) == 4)
        #expect(gaps.notices.count == 1)
        #expect(
            gaps.notices[0].hasSuffix("line 3, column \"y\": no value to learn; this row and 1 more of 6 are left out"))
        // the same as a file without these rows
        let whole = try loaded("x,y\n1,a\n3,b\n5,a\n6,b\n")
        #expect(gaps.train.targets == whole.train.targets && gaps.preprocessing == whole.preprocessing)
        #expect(whole.notices == [])
    }

    @Test func identifiersAreNoCategories() throws {
        let rows = (0..<1500).map { "name\($0),\($0 % 2)\n" }.joined()
        let text = "x,y\n" + rows
        let found = try error(text) { _ in }
        guard case .tooManyLevels(_, "x", 1200, 1000, _, _) = found else {
            Issue.record("not refused")
            return
        }
        #expect(found?.description.contains("the first \"name") == true)
    }

    @Test func weightsAndIgnoredColumnsAreNotFeatures() throws {
        let file = try TemporaryFile("x,y,w,id\n1,a,0.5,u\n2,b,2,v\n")
        let loaded = try DataSource(
            train: file.path, target: "y", testFraction: 0, weights: "w", ignore: ["id"]
        ).load(seed: 1)
        #expect(loaded.train.featureShape == [1])
        #expect(loaded.train.weights == [0.5, 2])
    }

    @Test func arraysWithLabels() throws {
        let file = try TemporaryFile(try NPYWriter.encode([1, 5, 3, 5, 1, 5, 3, 5], shape: [4, 2]), name: "x.npy")
        let labels = try TemporaryFile(
            [0, 0, 8, 1, 0, 0, 0, 4, 7, 3, 7, 3], name: "y")
        let loaded = try DataSource(train: file.path, labels: labels.path).load(seed: 1)
        #expect(loaded.test == nil)
        #expect(loaded.train.targets == .classes([1, 0, 1, 0], names: ["3", "7"]))
        // 1, 3, 1, 3: mean 2, deviation 1; the second feature is constant.
        #expect(loaded.train.features == .floats([-1, 0, 1, 0, -1, 0, 1, 0]))
        #expect(loaded.preprocessing.features == .perFeature(means: [2, 5], deviations: [1, 1]))
        #expect(try loaded.preprocessing.load(newRows: file.path).targets == .none)
        #expect(
            failure { () throws(DataError) in try DataSource(train: file.path).load(seed: 1) }
                == .labelsMissing(file: file.path))
        let few = try TemporaryFile([0, 0, 8, 1, 0, 0, 0, 3, 7, 3, 7], name: "y")
        #expect(
            failure { () throws(DataError) in try DataSource(train: file.path, labels: few.path).load(seed: 1) }
                == .countsDiffer(file: file.path, count: 4, other: few.path, otherCount: 3))
        let wide = try TemporaryFile(try NPYWriter.encode([1, 5, 3], shape: [1, 3]), name: "x.npy")
        #expect(
            failure { () throws(DataError) in try loaded.preprocessing.load(newRows: wide.path) }
                == .shapeDiffers(file: wide.path, expected: [2], found: [3]))
        let nan = try TemporaryFile(try NPYWriter.encode([1, .nan], shape: [1, 2]), name: "x.npy")
        #expect(
            failure { () throws(DataError) in try loaded.preprocessing.load(newRows: nan.path) }
                == .nonFinite(in: "features in \(nan.path)", row: 0, found: "nan"))
    }

    @Test func severalNumbersAnExample() throws {
        let file = try TemporaryFile(try NPYWriter.encode([1, 2], shape: [2, 1]), name: "x.npy")
        let targets = try TemporaryFile(try NPYWriter.encode([0, 4, 2, 2], shape: [2, 2]), name: "y.npy")
        let loaded = try DataSource(train: file.path, labels: targets.path).load(seed: 1)
        // 0 and 2, 4 and 2: each number has moments of its own.
        #expect(loaded.preprocessing.target == .regression(means: [1, 3], deviations: [1, 1]))
        #expect(loaded.train.targets == .values([-1, 1, 1, -1], width: 2, means: [1, 3], deviations: [1, 1]))
    }

    @Test func siblingsOfImagesAreFound() throws {
        let images: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 0, 255]
        let labels: [UInt8] = [0, 0, 8, 1, 0, 0, 0, 2, 0, 1]
        let file = try TemporaryFile(images, name: "train-images-idx3-ubyte")
        let folder = URL(fileURLWithPath: file.path).deletingLastPathComponent()
        try Data(labels).write(to: folder.appendingPathComponent("train-labels-idx1-ubyte"))
        #expect(try DataSource(train: file.path).load(seed: 1).test == nil)
        try Data(images).write(to: folder.appendingPathComponent("t10k-images-idx3-ubyte"))
        try Data(labels).write(to: folder.appendingPathComponent("t10k-labels-idx1-ubyte"))
        let loaded = try DataSource(train: "train-images-idx3-ubyte").load(seed: 1, relativeTo: folder.path)
        #expect(loaded.train == loaded.test)
        #expect(loaded.train.featureShape == [1, 1, 1])
        #expect(features(loaded.train, row: 0) == [-1])
        #expect(try DataSource(train: file.path, testFraction: 0.5).load(seed: 1).test?.count == 1)
    }

    @Test(arguments: [
        "\"digits\"", #"{"train":"a.csv","target":"price","split":{"test":0.2}}"#,
        #"{"train":"x.npy","labels":"y.npy","test":"u.npy","test-labels":"v.npy","task":"regression"}"#,
        #"{"train":"a.csv","target":3,"header":false,"weights":4,"ignore":["id",7]}"#,
    ])
    func theSectionIsReadAndWritten(json: String) throws {
        let source = try JSONDecoder().decode(DataSource.self, from: Data(json.utf8))
        let again = try JSONDecoder().decode(DataSource.self, from: JSONEncoder().encode(source))
        #expect(again == source)
        if json.contains("price") { #expect(source.split.test == 0.2 && source.columns.target == "price") }
        if json.contains("false") { #expect(source.columns.target == "3" && source.columns.ignore == ["id", "7"]) }
    }

    @Test func otherFormatsAreNamed() throws {
        #expect(try error("PK\u{3}\u{4}") { _ in }?.description.contains("zip") == true)
    }
}
