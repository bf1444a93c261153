import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseData
@testable import Foundations

/// Images whose EXIF data tell that they are not upright. `ImageDecoderTests` compares every orientation with Pillow's
/// pixels; here are damaged data, and the places where turned images are read.
@Suite struct ImageOrientationTests {
    /// Two lines of three pixels: 1 2 3, 4 5 6.
    private func image(_ exif: [UInt8]) -> [UInt8] { png(height: 2, width: 3, [1, 2, 3, 4, 5, 6], exif: exif) }

    private func bytes(_ dataset: Dataset) -> [UInt8]? {
        if case .bytes(let bytes, _, _) = dataset.features { bytes } else { nil }
    }

    /// By hand: the first line of the file is the edge that the name says, its first pixel at the other edge.
    @Test(
        arguments: [
            (1, [1, 2, 3, 4, 5, 6]), (2, [3, 2, 1, 6, 5, 4]), (3, [6, 5, 4, 3, 2, 1]), (4, [4, 5, 6, 1, 2, 3]),
            (5, [1, 4, 2, 5, 3, 6]), (6, [4, 1, 5, 2, 6, 3]), (7, [6, 3, 5, 2, 4, 1]), (8, [3, 6, 2, 5, 1, 4]),
        ] as [(UInt8, [UInt8])]) func everyOrientationIsTurnedUpright(orientation: UInt8, pixels: [UInt8]) throws
    {
        let file = try TemporaryFile(image(exif(orientation: orientation)))
        let lies = orientation >= 5
        let shape = ImageShape(height: lies ? 3 : 2, width: lies ? 2 : 3, channels: 1)
        #expect(try ImageDecoder().header(of: file.path) == ImageHeader(shape: shape, isTurned: orientation > 1))
        #expect(try decoded(file.path) == pixels)
        // turned first, and made another size then: each line becomes its mean
        let column = ImageShape(height: shape.height, width: 1, channels: 1)
        let means = stride(from: 0, to: 6, by: shape.width).map { first in
            let line = pixels[first..<first + shape.width].map(Int.init)
            return UInt8((2 * line.reduce(0, +) + line.count) / (2 * line.count))
        }
        #expect(try decoded(file.path, as: column) == means)
    }

    /// Data that tell nothing, or lead out of themselves, leave the pixels as they are stored.
    @Test func dataThatTellNoOrientationChangeNothing() throws {
        let right = exif(orientation: 6)
        func changed(_ at: Int, _ bytes: [UInt8]) -> [UInt8] {
            var exif = right
            exif.replaceSubrange(at..<at + bytes.count, with: bytes)
            return exif
        }
        let cases: [(says: String, exif: [UInt8])] = [
            ("orientation 0", exif(orientation: 0)), ("orientation 9", exif(orientation: 9)),
            ("orientation 262", changed(18, [1])), ("no byte order", changed(0, [0x4D, 0x49])),
            ("no TIFF", changed(2, [0, 44])), ("a directory beyond the end", changed(4, [0, 0, 0, 25])),
            ("a directory far beyond", changed(4, [255, 255, 255, 255])), ("another tag", changed(10, [1, 0x13])),
            ("a text", changed(12, [0, 2])), ("two values", changed(14, [0, 0, 0, 2])),
            ("values beyond the end", changed(14, [255, 255, 255, 255])), ("no entry", changed(8, [0, 0])),
            ("an entry that is cut", Array(right[..<21])), ("a header alone", Array(right[..<8])), ("a byte", [0x4D]),
        ]
        for (says, exif) in cases {
            let file = try TemporaryFile(image(exif))
            #expect(try ImageDecoder().header(of: file.path).isTurned == false, "\(says)")
            #expect(try decoded(file.path) == [1, 2, 3, 4, 5, 6], "\(says)")
        }
        // what follows the entry does not count, and neither do entries that are promised and missing
        for exif in [Array(right[..<22]), changed(8, [255, 255]), Array("Exif\0\0".utf8) + right] {
            let file = try TemporaryFile(image(exif))
            #expect(try decoded(file.path) == [4, 1, 5, 2, 6, 3])
        }
    }

    /// A file that is longer than what is read first, with its EXIF data behind the pixels, as ImageMagick writes them.
    @Test func dataBehindManyPixelsAreFound() throws {
        let pixels = (0..<200 * 150).map { UInt8(truncatingIfNeeded: $0 &* 7 / 3) }
        let plain = png(height: 200, width: 150, pixels)
        let small = image(exif(orientation: 8))
        let chunk = small[33..<33 + 12 + 26]  // behind the header of 8 and the first chunk of 25 bytes
        let file = try TemporaryFile(plain.dropLast(12) + chunk + plain.suffix(12))
        let shape = ImageShape(height: 150, width: 200, channels: 1)
        #expect(try ImageDecoder().header(of: file.path) == ImageHeader(shape: shape, isTurned: true))
        let turned = (0..<150).flatMap { y in (0..<200).map { x in pixels[x * 150 + 149 - y] } }
        #expect(try decoded(file.path) == turned)
    }

    @Test func foldersAreUprightAndSaySo() throws {
        let folder = try TemporaryFolder()
        try folder.write(png(height: 3, width: 2, [4, 1, 5, 2, 6, 3]), to: "a/upright.png")
        try folder.write(image(exif(orientation: 6)), to: "a/lying.png")
        try folder.write(image(exif(orientation: 8)), to: "b/lying.png")
        let source = DataSource(train: folder.path, testFraction: 0)
        let loaded = try source.load(seed: 1)
        #expect(loaded.train.featureShape == [3, 2, 1])
        #expect(bytes(loaded.train) == [4, 1, 5, 2, 6, 3, 4, 1, 5, 2, 6, 3, 3, 6, 2, 5, 1, 4])
        #expect(loaded.notices == ["2 of 3 images are turned upright, as EXIF data in them ask"])

        let description = try DataDescription(of: folder.path)
        #expect(description.shape == [3, 2, 1] && description.notices == loaded.notices)
        #expect(description.columns[0].content == .texts([.init(name: "3x2", count: 3)]))

        let new = try loaded.preprocessing.load(newRows: folder.path + "/b/lying.png")
        #expect(bytes(new) == [3, 6, 2, 5, 1, 4])

        let converted = folder.path + "/photos.data"
        try source.convert(to: converted)
        #expect(try bytes(DataSource(train: converted, testFraction: 0).load(seed: 1).train) == bytes(loaded.train))
    }
}
