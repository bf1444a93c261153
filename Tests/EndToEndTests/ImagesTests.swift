import Foundation
import TestSupport
import Testing

@Suite struct ImagesTests {
    /// 60 images of 8x8 pixels, class by class. A square in one of three places tells the class.
    private static let images: [[UInt8]] = (0..<60).map { image in
        let first = image / 20 * 2
        return (0..<64).map { place in
            let square = first..<first + 3
            let gray = square.contains(place / 8) && square.contains(place % 8) ? 180 : 10
            return UInt8(gray + (image * 31 + place * 17) % 50)
        }
    }

    /// The images as files in class folders, and as two IDX files in the same order.
    private static func fill(_ shop: Workshop, times scale: Int = 1) throws {
        let side = 8 * scale
        for (index, image) in images.enumerated() {
            let folder = shop.folder.appendingPathComponent("photos/class \(index / 20)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            let pixels = (0..<side).flatMap { y in (0..<side).map { x in image[(y / scale) * 8 + x / scale] } }
            try shop.write(
                png(height: side, width: side, pixels), to: "photos/class \(index / 20)/\(100 + index).png")
        }
        try shop.write(idx([60, 8, 8], images.flatMap { $0 }), to: "images.idx")
        try shop.write(idx([60], (0..<60).map { UInt8($0 / 20) }), to: "labels.idx")
    }

    private static let short = ["--json", "--set", "epochs=8", "--set", "batch.size=8"]

    @Test(arguments: [0.0, 0.2]) func filesTrainToTheBitsOfAnArray(testPart: Double) throws {
        let shop = try Workshop()
        try Self.fill(shop)
        let options = Self.short + ["--set", "data.split.test=\(testPart)"]
        let files = try shop.run(["train", "photos"] + options)
        let array = try shop.run(["train", "images.idx", "--set", "data.labels=labels.idx"] + options)
        #expect(try files.hash() == array.hash(), "\(files.errors)")
        let (left, right) = (try files.json()["test_accuracy"], try array.json()["test_accuracy"])
        #expect(left as? Double == right as? Double)
        // the negative control: another channel count is another model
        #expect(try shop.run(["train", "photos", "--set", "data.channels=3"] + options).hash() != array.hash())
    }

    @Test func resizedImagesTrainToTheSameBits() throws {
        let shop = try Workshop()
        try Self.fill(shop, times: 3)
        let options = Self.short + ["--set", "data.split.test=0"]
        let files = try shop.run(["train", "photos/", "--set", "data.size=8"] + options)
        let array = try shop.run(["train", "images.idx", "--set", "data.labels=labels.idx"] + options)
        #expect(try files.hash() == array.hash(), "\(files.errors)")
        #expect(try shop.run(["train", "photos/"] + options).hash() != array.hash())
    }

    /// Photos that lie on their side, and whose EXIF data say so, train to the bits of the upright ones.
    @Test func photosAreTurnedUpright() throws {
        let shop = try Workshop()
        try Self.fill(shop)
        for (index, image) in Self.images.enumerated() {
            let folder = shop.folder.appendingPathComponent("lying/class \(index / 20)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            // a quarter turn to the left, which orientation 6 takes back
            let pixels: [UInt8] = (0..<64).map { (place: Int) -> UInt8 in
                let (y, x) = (place / 8, place % 8)
                return image[8 * x + 7 - y]
            }
            try shop.write(
                png(height: 8, width: 8, pixels, exif: exif(orientation: 6)),
                to: "lying/class \(index / 20)/\(100 + index).png")
        }
        let upright = try shop.run(["train", "photos"] + Self.short)
        let turned = try shop.run(["train", "lying"] + Self.short)
        #expect(try turned.hash() == upright.hash())
        #expect(turned.errors.contains("note: 60 of 60 images are turned upright"), "\(turned.errors)")
        #expect(!upright.errors.contains("turned"))
        let described = try shop.run("data", "describe", "lying")
        #expect(described.lines.last?.hasPrefix("note: 60 of 60 images are turned upright") == true)
    }

    @Test func modelsPredictAndEvaluateFolders() throws {
        let shop = try Workshop()
        try Self.fill(shop)
        let trained = try shop.run(["train", "photos", "--run", "run"] + Self.short)
        #expect(try trained.json()["test_accuracy"] as? Double == 1, "\(trained.errors)")
        #expect(try shop.run("evaluate", "run", "photos", "--json").json()["accuracy"] as? Double == 1)
        let names = (0..<60).map { "class \($0 / 20)" }
        let flat = try shop.run("predict", "run", "photos")
        // each row begins with the path of its image
        #expect(flat.lines.first == "file,prediction" && flat.lines.count == 61, "\(flat.errors)")
        for (line, name) in zip(flat.lines.dropFirst(), names) {
            #expect(line.hasPrefix("photos/\(name)/") && line.hasSuffix(",\(name)"), "\(line)")
        }
        let answers = ["prediction"] + names
        #expect(try shop.run("predict", "run", "photos/class 2").lines.dropFirst() == flat.lines.suffix(20))
        #expect(try shop.run("predict", "run", "photos/class 1/125.png").lines == ["prediction", "class 1"])
        // an array of the same shape serves as well
        #expect(try shop.run("predict", "run", "images.idx").lines == answers)

        let list = "path,kind\nphotos/class 0/103.png,class 0\nphotos/class 2/150.png,class 2\n"
        try shop.write(
            "path,kind\n" + names.enumerated().map { "photos/\($1)/\(100 + $0).png,\($1)\n" }.joined(), to: "all.csv")
        try shop.write(list, to: "some.csv")
        let options = ["--target", "kind", "--set", "data.images=path", "--run", "list"] + Self.short
        let listed = try shop.run(["train", "all.csv"] + options)
        #expect(try listed.hash() == trained.hash(), "\(listed.errors)")
        #expect(try shop.run("evaluate", "list", "some.csv", "--json").json()["accuracy"] as? Double == 1)
        let rows = try shop.run("predict", "list", "some.csv").lines
        #expect(rows.map { $0.split(separator: ",").last } == ["prediction", "class 0", "class 2"])
    }

    @Test func aRecipeInAnotherFolderFindsTheImages() throws {
        let shop = try Workshop()
        try Self.fill(shop)
        try FileManager.default.createDirectory(
            at: shop.folder.appendingPathComponent("sub"), withIntermediateDirectories: true)
        let list = Self.images.indices.map { "class \($0 / 20)/\(100 + $0).png,\($0 / 20)\n" }.joined()
        try shop.write("path,kind\n" + list, to: "sub/list.csv")
        try shop.write(
            "data: {train: list.csv, images: path, images-folder: ../photos, target: kind}\nepochs: 2\n",
            to: "sub/recipe.yaml")
        let outcome = try shop.run("train", "sub/recipe.yaml", "--json", "--run", "run")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(try shop.run("train", "run/recipe.yaml", "--json").hash() == outcome.hash())
    }

    @Test func whatIsOddIsToldInALine() throws {
        let shop = try Workshop()
        try Self.fill(shop)
        try shop.write("notes", to: "photos/class 0/notes.txt")
        try shop.write(png(height: 4, width: 4, [UInt8](repeating: 7, count: 16)), to: "photos/class 0/small.png")
        let outcome = try shop.run(["train", "photos"] + Self.short)
        #expect(outcome.status == 0)
        #expect(outcome.errors.contains("note: the images have 2 sizes; 1 of 61"), "\(outcome.errors)")
        #expect(outcome.errors.contains("note: photos: 1 of its files"), "\(outcome.errors)")
        let described = try shop.run("data", "describe", "photos")
        #expect(described.lines.first == "photos: 61 images, as 8x8x1; 1 other file skipped")
        let json = try shop.run("data", "describe", "photos", "--json").json()
        #expect(json["rows"] as? Int == 61 && json["skipped"] as? Int == 1 && json["format"] as? String == "images")
    }

    @Test func aDamagedImageIsNamed() throws {
        let shop = try Workshop()
        try Self.fill(shop)
        var bytes = Array(try shop.bytes("photos/class 1/130.png"))
        bytes.removeLast(30)
        try shop.write(bytes, to: "photos/class 1/130.png")
        let outcome = try shop.run(["train", "photos"] + Self.short)
        #expect(outcome.status == 65 && outcome.errorLines.count == 1)
        #expect(
            outcome.errors.hasPrefix("batchwise: photos/class 1/130.png: the image cannot be read: it is cut short"))
    }

    @Test func aFolderOfClassesIsNoPlaceForARecipe() throws {
        let shop = try Workshop()
        try Self.fill(shop)
        let outcome = try shop.run("init", "photos")
        #expect(outcome.status == 0 && shop.exists("recipe.yaml"), "\(outcome.errors)")
        #expect(try shop.run("train", "recipe.yaml", "--json", "--set", "epochs=1").status == 0)
    }
}
