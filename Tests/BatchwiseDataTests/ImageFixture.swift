import Foundation
import Testing

@testable import Batchwise
@testable import BatchwiseData
@testable import Foundations

/// One entry of images.json: a PNG or JPEG file and what must come out of it.
struct ImageFixture: Decodable, Sendable, CustomTestStringConvertible {
    var name: String
    var file: Data
    var shape: [Int]
    var pixels: [UInt8]

    var testDescription: String { name }
    var bytes: [UInt8] { Array(file) }
    var isJPEG: Bool { name.hasPrefix("JPEG") }
    var imageShape: ImageShape { ImageShape(height: shape[0], width: shape[1], channels: shape[2]) }

    static func all() throws -> [ImageFixture] {
        var tests = URL(filePath: #filePath)
        for _ in 0..<2 { tests.deleteLastPathComponent() }
        let data = try Data(contentsOf: tests.appending(path: "Fixtures/images.json"))
        return try JSONDecoder().decode([ImageFixture].self, from: data)
    }
}

/// The bytes of one image file, as this shape or as its own.
func decoded(_ path: String, as shape: ImageShape? = nil) throws(DataError) -> [UInt8] {
    let shape = if let shape { shape } else { try ImageDecoder().header(of: path).shape }
    return try ImageFiles(paths: [path], shape: shape).bytes(rows: [0], threads: 1) { _ in }
}
