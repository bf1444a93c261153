import Batchwise
import BatchwiseRuns
import Foundation
import Testing

/// A run from Swift against the same run from the command line: the same bits and files.
@Suite struct RunLibraryTests {
    @Test func swiftLeavesWhatTheCommandLineDoes() throws {
        let shop = try Workshop()
        try shop.write(flowers, to: "flowers.csv")
        try shop.write(
            "data: {train: flowers.csv, target: kind, split: {validation: 0.1}}\nepochs: 5\nkeep: best\n",
            to: "recipe.yaml")
        let every = ["--checkpoint-every", "3 updates", "--keep-checkpoints", "4", "--threads", "1"]
        let outcome = try shop.run(["train", "recipe.yaml", "--json", "--run", "command"] + every)
        #expect(outcome.status == 0, "\(outcome.errors)")

        var data = DataSource(train: shop.folder.appendingPathComponent("flowers.csv").path, target: "kind")
        data.split.validation = 0.1
        var named = try Recipe(notation: RecipeValue(yaml: "epochs: 5\nkeep: best\n"))
        named.data = data
        var run = try Run(
            named, in: shop.folder.appendingPathComponent("swift").path,
            options: RunOptions(machine: Machine(threads: 1), checkpoints: .updates(3), keptCheckpoints: 4))
        let summary = try run.train()
        #expect(try outcome.hash() == summary.parametersSHA256)
        // as it is written: the reader of JSON may be a unit in the last place off
        let told = try #require(outcome.output.components(separatedBy: "\"test_loss\": ").last).prefix { $0 != "," }
        #expect(Double(told) == summary.test?.loss)

        let files = try shop.contents().filter { $0.hasPrefix("swift/") }
        #expect(files.count == 9, "\(files)")
        #expect(try shop.contents().filter { $0.hasPrefix("command/") } == files.map { "command" + $0.dropFirst(5) })
        // checkpoints within an epoch hold its seconds so far
        for name in ["model.safetensors", "recipe.yaml", "plan.json"] {
            #expect(try shop.bytes("swift/\(name)") == shop.bytes("command/\(name)"), "\(name)")
        }
        let (mine, theirs) = (try lines(shop, "swift"), try lines(shop, "command"))
        #expect(mine.count > 20 && mine == theirs)
    }

    /// The kinds and numbers of a log, without what a clock or a path says.
    private func lines(_ shop: Workshop, _ run: String) throws -> [String] {
        try shop.read("\(run)/events.jsonl").split(separator: "\n").map { line in
            var event = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            for key in ["time", "seconds", "stall", "examples_per_second", "build"] { event[key] = nil }
            return String(
                decoding: try JSONSerialization.data(withJSONObject: event, options: .sortedKeys), as: UTF8.self)
        }
    }
}
