import Foundation
import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseData
@testable import Foundations

@Suite struct ImageSourceTests {
    /// An image of one gray.
    private func flat(_ value: UInt8, _ height: Int = 4, _ width: Int = 4) -> [UInt8] {
        png(height: height, width: width, [UInt8](repeating: value, count: height * width))
    }

    private func bytes(_ dataset: Dataset?) -> [UInt8]? {
        if case .bytes(let bytes, _, _) = dataset?.features { bytes } else { nil }
    }

    private func source(_ folder: TemporaryFolder, _ name: String = "", test: Double? = 0) -> DataSource {
        DataSource(train: folder.path + "/" + name, testFraction: test)
    }

    private func error(_ source: DataSource) -> String {
        failure { () throws(DataError) in try source.load(seed: 1) }?.description ?? "no error"
    }

    @Test func classesAreFoldersInTheOrderOfTheirBytes() throws {
        let folder = try TemporaryFolder()
        for (name, value) in [("b/2.png", 4), ("b/10.PNG", 3), ("Z/x.png", 1), ("a/y.png", 2), ("é/q.png", 5)] {
            try folder.write(flat(UInt8(value), 1, 1), to: name)
        }
        for name in ["b/notes.txt", "b/.hidden.png", "b/inner/x.png", "readme.md", ".git/x", "loose.png"] {
            try folder.write(flat(9), to: name)
        }
        let loaded = try source(folder).load(seed: 1)
        #expect(loaded.train.targets == .classes([0, 1, 2, 2, 3], names: ["Z", "a", "b", "é"]))
        #expect(bytes(loaded.train) == [1, 2, 3, 4, 5])
        #expect(loaded.train.featureShape == [1, 1, 1])
        #expect(loaded.test == nil)
        #expect(loaded.notices.count == 1 && loaded.notices[0].contains(": 6 of its"), "\(loaded.notices)")
        // mean 3, deviation sqrt(2)
        guard case .uniform(let scale, let shift) = loaded.preprocessing.features else {
            Issue.record("\(loaded.preprocessing)")
            return
        }
        #expect(abs(scale - 0.70710678) < 1e-7 && abs(shift + 2.1213203) < 1e-6)
    }

    @Test func aFifthIsKeptForTestingUnlessThereIsATestFolder() throws {
        let folder = try TemporaryFolder()
        for image in 0..<10 { try folder.write(flat(UInt8(image)), to: "\(image % 2)/\(image).png") }
        let split = try source(folder, test: nil).load(seed: 3)
        #expect(split.train.count == 8 && split.test?.count == 2)
        let all = (bytes(split.train) ?? []) + (bytes(split.test) ?? [])
        #expect(Set(all) == Set(0..<10))

        let halves = try TemporaryFolder()
        for image in 0..<4 { try halves.write(flat(UInt8(image)), to: "train/\(image % 2)/\(image).png") }
        for name in ["val", "test"] {
            try halves.write(flat(77), to: "\(name)/1/x.png")
            let found = try source(halves, test: nil).load(seed: 3)
            #expect(found.train.count == 4)
            #expect(found.test?.targets == .classes([1], names: ["0", "1"]))
            #expect(bytes(found.test) == [UInt8](repeating: 77, count: 16))
        }
        // where a part is asked for, the test folder is not used
        #expect(try source(halves, test: 0.25).load(seed: 3).train.count == 3)
        try halves.write(flat(77), to: "test/2/x.png")
        #expect(error(source(halves, test: nil)).contains("folder 2: the class \"2\" is not in the training data"))
    }

    @Test func aLayoutThatCannotServeSaysWhatItMustBe() throws {
        let folder = try TemporaryFolder()
        #expect(error(source(folder)).contains("class/name.png"))
        try folder.write(flat(1), to: "x.png")
        #expect(error(source(folder)).contains("holds no folder of images"))
        try folder.write(flat(1), to: "a/x.png")
        #expect(error(source(folder)).contains("every example is of the class \"a\""))
        try folder.write([1], to: "b/readme")
        #expect(error(source(folder)).contains("b/: is a directory that holds no image"))
        var wrong = source(folder)
        wrong.columns.target = "x"
        #expect(error(wrong).contains("only train, test"))
        #expect(error(DataSource(train: folder.path + "/x.png")).contains("is an image"))
        wrong = DataSource(train: "digits", images: .init(size: .init(height: 2, width: 2)))
        #expect(error(wrong).contains("complete"))
    }

    @Test func sizesThatDifferAreMadeOne() throws {
        let folder = try TemporaryFolder()
        try folder.write(flat(10, 4, 2), to: "a/1.png")
        try folder.write(flat(20, 4, 2), to: "a/2.png")
        try folder.write(png(height: 2, width: 2, [0, 100, 0, 100]), to: "b/1.png")
        let common = try source(folder).load(seed: 1)
        #expect(common.train.featureShape == [4, 2, 1])
        #expect(
            common.notices.first?.contains("1 of 3 are resized to the most common, 4x2") == true, "\(common.notices)")
        #expect(bytes(common.train)?.suffix(8) == [0, 100, 0, 100, 0, 100, 0, 100])
        var chosen = source(folder)
        chosen.kind = .images(.init(size: .init(height: 1, width: 2), channels: 3))
        let small = try chosen.load(seed: 1)
        #expect(small.train.featureShape == [1, 2, 3] && small.notices.isEmpty)
        #expect(bytes(small.train)?.suffix(6) == [0, 0, 0, 100, 100, 100])
    }

    /// 1.3 TB of pixels are refused before any is asked for.
    @Test func imagesMustFitIntoMemory() throws {
        let folder = try TemporaryFolder()
        for image in 0..<100 { try folder.write(flat(1), to: "\(image % 2)/\(image).png") }
        var source = source(folder)
        source.kind = .images(.init(size: .init(height: 65_500, width: 65_500), channels: 3))
        #expect(error(source).contains("needs 1287075000000 bytes"), "\(error(source))")
    }

    @Test func oneColourImageMakesAllOfThemRGB() throws {
        let folder = try TemporaryFolder()
        try folder.write(flat(10, 1, 1), to: "a/1.png")
        try folder.write(png(height: 1, width: 1, channels: 3, [10, 20, 30]), to: "b/1.png")
        var source = source(folder)
        #expect(try bytes(source.load(seed: 1).train) == [10, 10, 10, 10, 20, 30])
        source.kind = .images(.init(channels: 1))
        #expect(try bytes(source.load(seed: 1).train) == [10, 18])
    }

    @Test func aListNamesPathsAndTargets() throws {
        let folder = try TemporaryFolder()
        for image in 0..<4 { try folder.write(flat(UInt8(image), 1, 1), to: "in/\(image).png") }
        try folder.write(
            Array("id,path,kind,age,w\n1,in/3.png,cat,2.5,1\n2,in/0.png,dog,7.25,2\n3,in/3.png,cat,1,1\n".utf8),
            to: "list.csv")
        var source = source(folder, "list.csv")
        source.kind = .imageList(.init(column: "path", target: "kind", weights: "w"))
        let kinds = try source.load(seed: 1)
        #expect(kinds.train.targets == .classes([0, 1, 0], names: ["cat", "dog"]))
        #expect(bytes(kinds.train) == [3, 0, 3])
        #expect(kinds.train.weights == [1, 2, 1])
        source.kind = .imageList(.init(column: "path", target: "age"))
        guard case .values(let ages, 1, let mean, _) = try source.load(seed: 1).train.targets else {
            Issue.record("no amounts")
            return
        }
        #expect(abs(mean[0] - 3.5833333) < 1e-6 && ages[1] > 0 && ages[2] < ages[0])
        // the same columns for new rows, of which the targets may be missing
        try folder.write(Array("path\nin/1.png\n".utf8), to: "new.csv")
        let new = try kinds.preprocessing.load(newRows: folder.path + "/new.csv", source: source)
        #expect(bytes(new) == [1] && new.targets == .none)
    }

    @Test(arguments: ["../x.png", "in/../../x.png", "/etc/x.png", "./.."]) func aListStaysInItsFolder(_ path: String)
        throws
    {
        let folder = try TemporaryFolder()
        try folder.write(flat(1), to: "x.png")
        try folder.write(Array("path,kind\n\(path),1\n".utf8), to: "in/list.csv")
        var source = source(folder, "in/list.csv")
        source.kind = .imageList(.init(column: "path", target: "kind"))
        #expect(error(source).contains("line 2: the path \(path) leaves the folder"), "\(error(source))")
    }

    @Test func imagesFolderIsWherePathsBegin() throws {
        let folder = try TemporaryFolder()
        for image in 0..<2 { try folder.write(flat(UInt8(image + 5), 1, 1), to: "all/\(image).png") }
        let text = "path,kind\n0.png,a\n\(folder.path)/all/1.png,b\n"
        try folder.write(Array(text.utf8), to: "lists/list.csv")
        var source = DataSource(train: "lists/list.csv", testFraction: 0)
        source.kind = .imageList(.init(column: "path", folder: "all", target: "kind"))
        #expect(try bytes(source.load(seed: 1, relativeTo: folder.path).train) == [5, 6])
        source.kind = .imageList(.init(column: "path", folder: "lists", target: "kind"))
        #expect(failure { () throws(DataError) in try source.load(seed: 1, relativeTo: folder.path) } != nil)
    }

    @Test func recipesSayWhatIsToBeSaidOfImages() throws {
        let text =
            "{data: {train: list.csv, target: kind, images: path, images-folder: all, size: [6, 4], channels: 3}}"
        let recipe = try Recipe(notation: RecipeValue(yaml: text))
        let expected = DataSource.ImageList(
            column: "path", folder: "all", target: "kind", shape: .init(size: .init(height: 6, width: 4), channels: 3))
        #expect(recipe.data?.kind == .imageList(expected))
        #expect(try DataSource(notation: recipe.data?.notation ?? .null) == recipe.data)
        let square = try Recipe(notation: RecipeValue(yaml: "{data: {train: photos, size: 9}}"))
        #expect(square.data?.kind == .images(.init(size: .init(height: 9, width: 9))))
        for wrong in ["size: 0", "size: [4]", "size: [4, 70000]", "size: big", "channels: 2", "channels: 4"] {
            #expect(throws: RecipeError.self, "\(wrong)") {
                try Recipe(notation: RecipeValue(yaml: "{data: {train: photos, \(wrong)}}"))
            }
        }
    }

    @Test func newImagesAreReadInTheOrderOfTheirPaths() throws {
        let folder = try TemporaryFolder()
        for (name, value) in [("b.png", 3), ("a-b/x.png", 1), ("a/y.png", 2), ("c/z.png", 4)] {
            try folder.write(flat(UInt8(value), 2, 2), to: name)
        }
        let preprocessing = Preprocessing(
            featureShape: [1, 1, 1], features: .uniform(scale: 1, shift: 0), target: .classes(names: ["a", "b"]))
        #expect(try bytes(preprocessing.load(newRows: folder.path)) == [1, 2, 3, 4])
        #expect(try bytes(preprocessing.load(newRows: folder.path + "/a/y.png")) == [2])
        let table = Preprocessing(
            featureShape: [3], features: .uniform(scale: 1, shift: 0), target: .classes(names: ["a", "b"]))
        #expect(
            failure { () throws(DataError) in try table.load(newRows: folder.path) }?.description.contains("images")
                == true)
    }

    @Test func foldersAreDescribed() throws {
        let folder = try TemporaryFolder()
        for image in 0..<3 { try folder.write(flat(1), to: "a/\(image).png") }
        try folder.write(png(height: 2, width: 1, channels: 3, [1, 2, 3, 4, 5, 6]), to: "b/x.png")
        try folder.write([1], to: "b/notes")
        let description = try DataDescription(of: folder.path)
        #expect(description.format == .images && description.rows == 4 && description.skipped == 1)
        #expect(description.shape == [4, 4, 3])
        #expect(
            description.columns.map(\.content) == [
                .texts([.init(name: "4x4", count: 3), .init(name: "2x1", count: 1)]),
                .texts([.init(name: "gray", count: 3), .init(name: "RGB", count: 1)]),
            ])
        #expect(description.labels?.content == .texts([.init(name: "a", count: 3), .init(name: "b", count: 1)]))
    }

    /// The bundled digits as files: the same bytes in the same order, whole and from images of twice the size.
    @Test func digitsInFilesAreTheDigits() throws {
        let digits = Dataset.digits().train
        guard case .bytes(let pixels, _, _) = digits.features, case .classes(let classes, _) = digits.targets else {
            Issue.record("no bytes")
            return
        }
        let order = (0..<300).sorted { (classes[$0], $0) < (classes[$1], $1) }
        let folder = try TemporaryFolder()
        for row in order {
            let image = Array(pixels[(row * 64)..<(row * 64 + 64)])
            let large = (0..<16).flatMap { y in (0..<16).map { x in image[(y / 2) * 8 + x / 2] } }
            let name = "\(classes[row])/\(1000 + row).png"
            try folder.write(png(height: 8, width: 8, image), to: "small/" + name)
            try folder.write(png(height: 16, width: 16, large), to: "large/" + name)
        }
        let expected = order.flatMap { pixels[($0 * 64)..<($0 * 64 + 64)] }
        let small = try source(folder, "small").load(seed: 1)
        #expect(bytes(small.train) == expected)
        #expect(small.train.targets == .classes(order.map { classes[$0] }, names: (0...9).map(String.init)))
        var halved = source(folder, "large")
        halved.kind = .images(.init(size: .init(height: 8, width: 8)))
        #expect(try halved.load(seed: 1).train == small.train)
    }
}
