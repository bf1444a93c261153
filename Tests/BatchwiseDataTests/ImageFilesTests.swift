import Foundation
import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseData
@testable import Foundations

@Suite struct ImageFilesTests {
    private static let shape = ImageShape(height: 3, width: 2, channels: 1)

    private func pixels(_ image: Int) -> [UInt8] { (0..<6).map { UInt8((image * 11 + $0 * 40) % 256) } }

    /// So many images in a folder of their own.
    private func write(_ count: Int) throws -> (folder: TemporaryFolder, paths: [String]) {
        let folder = try TemporaryFolder()
        for image in 0..<count { try folder.write(png(height: 3, width: 2, pixels(image)), to: "\(image).png") }
        return (folder, (0..<count).map { folder.path + "/\($0).png" })
    }

    @Test func rowsComeInTheOrderThatIsAskedForWhateverTheThreads() throws {
        let (folder, paths) = try write(700)
        defer { folder.keep() }
        let files = ImageFiles(paths: paths, shape: Self.shape)
        let rows = (0..<900).map { $0 * 37 % 700 }
        let expected = rows.flatMap(pixels)
        for threads in [1, 2, 7] {
            var told: [Int] = []
            #expect(try files.bytes(rows: rows, threads: threads) { told.append($0) } == expected, "\(threads)")
            #expect(told.last == 900 && told == told.sorted())
        }
    }

    @Test func theFirstOfTheRowsThatFailsIsTold() throws {
        let (folder, paths) = try write(50)
        defer { folder.keep() }
        try folder.write([1, 2, 3], to: "31.png")
        try folder.write([1, 2, 3], to: "32.png")
        let files = ImageFiles(paths: paths, shape: Self.shape)
        for threads in 1...3 {
            let error = failure { () throws(DataError) in
                try files.bytes(rows: Array(0..<50), threads: threads) { _ in }
            }
            guard case .badImage(paths[31], _) = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
        }
    }
}
