import TestSupport
import Testing

@testable import BatchwiseData

/// The example in the comment of `ImageFiles`.
@Suite struct ImageSnippetTests {
    @Test func imagesAreDecodedInTheOrderThatIsAskedFor() throws {
        let folder = try TemporaryFolder()
        func pixels(_ number: Int) -> [UInt8] { (0..<784).map { UInt8(($0 * 7 + number * 31) % 256) } }
        for number in 0..<8 { try folder.write(png(height: 28, width: 28, pixels(number)), to: "\(number).png") }
        let paths = (0..<8).map { folder.at("\($0).png") }
        let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 3 * 784)
        defer { buffer.deallocate() }
        let images = ImageFiles(paths: paths, shape: ImageShape(height: 28, width: 28, channels: 1))
        try images.fill(buffer, rows: [7, 0, 3])
        #expect(Array(buffer) == pixels(7) + pixels(0) + pixels(3))
    }
}
