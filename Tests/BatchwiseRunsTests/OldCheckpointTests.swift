import Foundation
import TestSupport
import Testing

@testable import Batchwise
@testable import BatchwiseData
@testable import BatchwiseRuns

/// Checkpoints of earlier versions hold no checksums of the data.
@Suite struct OldCheckpointTests {
    @Test func aRunWithoutChecksumsGoesOnWithANotice() throws {
        let folder = try TemporaryFolder()
        let expected: RunSummary
        do {
            var run = try Run(Recipes.digits(epochs: 2), in: folder.at("run"))
            expected = try run.train()
        }
        let checkpoints = try RunDirectory(existing: folder.at("run")).checkpoints
        for file in try checkpoints.files() {
            var checkpoint = try Checkpoint(contentsOf: file.path)
            #expect(DataChecksums(note: checkpoint.model.notes["data"]) != nil)
            checkpoint.model.notes["data"] = nil
            try checkpoint.write(to: file.path)
        }
        do {
            var run = try Run(resuming: folder.at("run"))
            let notices = run.resumeNotices
            #expect(notices.count == 1 && notices[0].contains("no checksums of the data"))
            #expect(try run.train().parametersSHA256 == expected.parametersSHA256)
        }
        // the number of examples is compared all the same
        let recipe = try String(decoding: folder.bytes("run/recipe.yaml"), as: UTF8.self)
        #expect(recipe.contains("validation: 0.1"))
        try Data(recipe.replacingOccurrences(of: "validation: 0.1", with: "validation: 0.3").utf8)
            .write(to: URL(fileURLWithPath: folder.at("run/recipe.yaml")))
        var refusal: RunError?
        do { _ = try Run(resuming: folder.at("run")) } catch { refusal = error as? RunError }
        #expect(refusal?.exitCode == 65 && refusal?.description.contains("the number") == true)
    }
}
