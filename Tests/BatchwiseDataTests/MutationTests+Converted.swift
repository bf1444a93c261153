import Foundation
import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseData
@testable import Foundations

/// Folders of converted data of which one file is damaged.
extension MutationTests {
    @Test(arguments: ["manifest.json", "rows-00001.npy"])
    func converted(file: String) throws {
        let csv = try TemporaryFile("x,kind\n" + (0..<40).map { "\($0),\(["a", "b"][$0 % 2])\n" }.joined())
        let folder = URL(fileURLWithPath: csv.path).deletingLastPathComponent().appendingPathComponent("c.data").path
        try DataSource(train: csv.path).convert(to: folder, shardRows: 30)
        let whole = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(file)"))
        let words = [
            "9", "-1", "4611686018427387904", "\"shape\" : [1000000]", "null", "{", "[", "]", "<f4", "(9,9)", "\0",
        ]
        mutate([Array(whole)], words: words.map { Array($0.utf8) }) { (bytes) throws(DataError) in
            guard FileManager.default.createFile(atPath: "\(folder)/\(file)", contents: Data(bytes)) else { return }
            let source = DataSource(train: folder, target: "kind")
            _ = try source.load(seed: 1)
            // and where the rows stay in their files
            _ = try source.load(seed: 1, memory: 0)
        }
    }
}
