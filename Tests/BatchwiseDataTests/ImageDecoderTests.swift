import Foundation
import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseData
@testable import Foundations

@Suite struct ImageDecoderTests {
    @Test(arguments: try ImageFixture.all()) func everyKindBecomesBytes(_ fixture: ImageFixture) throws {
        let file = try TemporaryFile(fixture.bytes)
        #expect(try ImageDecoder().header(of: file.path).shape == fixture.imageShape)
        let pixels = try decoded(file.path)
        // decoders of JPEG may round otherwise
        let tolerance = fixture.isJPEG ? 2 : 0
        let worst = zip(pixels, fixture.pixels).map { abs(Int($0) - Int($1)) }.max()
        #expect(pixels.count == fixture.pixels.count && worst ?? 255 <= tolerance, "off by \(worst ?? -1)")
    }

    @Test(arguments: try ImageFixture.all()) func everyTruncationIsAnError(_ fixture: ImageFixture) throws {
        let whole = fixture.bytes
        // the checksum behind the last chunk of PNG and the end marker of JPEG count too
        for length in 1..<whole.count {
            let file = try TemporaryFile(whole[..<length])
            let error = failure { () throws(DataError) in try decoded(file.path, as: fixture.imageShape) }
            guard case .badImage(file.path, _) = error else {
                Issue.record("cut at \(length): \(String(describing: error))")
                return
            }
        }
    }

    @Test func aDamagedImageIsAnErrorThatNamesTheFile() throws {
        var bytes = png(height: 2, width: 2, [1, 2, 3, 4])
        bytes[50] ^= 1
        let file = try TemporaryFile(bytes, name: "a.png")
        let error = failure { () throws(DataError) in try decoded(file.path) }
        #expect(error?.exitCode == 65)
        #expect(error?.description.hasPrefix(file.path) == true, "\(String(describing: error))")
        #expect(error?.description.contains("IDAT") == true, "\(String(describing: error))")
        let text = try TemporaryFile("no image", name: "b.png")
        #expect(failure { () throws(DataError) in try decoded(text.path) } != nil)
    }

    /// 60,000 x 1,000 pixels in less than a hundred bytes, then more than any image may have.
    @Test func moreThanAFileCanHoldIsRefusedBeforeAllocating() throws {
        for (height, width, says) in [
            (60_000, 1_000, "claims more"), (65_501, 1, "too large"), (65_000, 65_000, "too large"),
        ] {
            var bytes = png(height: 1, width: 1, [7])
            for (at, side) in [(16, width), (20, height)] {
                for byte in 0..<4 { bytes[at + byte] = UInt8(truncatingIfNeeded: side >> (24 - 8 * byte)) }
            }
            let file = try TemporaryFile(withChecksums(bytes))
            let error = failure { () throws(DataError) in try decoded(file.path) }
            #expect(error?.description.contains(says) == true, "\(String(describing: error))")
        }
    }

    /// Behind more than what is read first to see the shape.
    @Test func shapesStandBehindLongComments() throws {
        let plain = try #require(try ImageFixture.all().first { $0.name == "JPEG, gray" })
        let comment: [UInt8] = [0xFF, 0xFE, 0x75, 0x30] + [UInt8](repeating: 32, count: 0x7530 - 2)
        let file = try TemporaryFile(plain.bytes[..<2] + comment + plain.bytes[2...])
        #expect(try ImageDecoder().header(of: file.path).shape == plain.imageShape)
        let original = try TemporaryFile(plain.bytes)
        #expect(try decoded(file.path) == decoded(original.path))
    }

    /// (19595 R + 38470 G + 7471 B + 32768) >> 16, by hand; Pillow's convert("L") gives the same.
    @Test func colourBecomesGrayAndGrayColour() throws {
        let colours = try TemporaryFile(
            png(height: 1, width: 4, channels: 3, [255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 20, 30]))
        #expect(try decoded(colours.path, as: ImageShape(height: 1, width: 4, channels: 1)) == [76, 150, 29, 18])
        let grays = try TemporaryFile(png(height: 1, width: 2, [9, 200]))
        #expect(
            try decoded(grays.path, as: ImageShape(height: 1, width: 2, channels: 3)) == [9, 9, 9, 200, 200, 200])
    }
}
