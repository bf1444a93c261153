import Foundation
import Testing

/// `batchwise measure critical-batch`
@Suite struct MeasureCriticalBatchTests {
    private static let digits = ["measure", "critical-batch", "digits", "--set", "model=linear", "--threads", "1"]

    @Test func branchesAreComparedWithTheRecipesBatch() throws {
        let shop = try Workshop()
        let arguments = ["--after", "30 updates", "--factors", "1,2,32", "--examples", "4096", "--seeds", "2"]
        let json = try shop.run(Self.digits + arguments + ["--json"]).json()
        let branches = try #require(json["branches"] as? [[String: Any]])
        #expect(branches.compactMap { $0["batch"] as? Int } == [32, 64, 1024])
        let losses = branches.compactMap { $0["loss"] as? Double }
        let high = json["high"] as? Int
        #expect(losses.count == 3 && (high == 64 || high == 1024), "\(json)")
        #expect(branches[0]["difference"] as? Double == 0 && branches[2]["as_good"] as? Bool == false)
        let text = try shop.run(Self.digits + arguments)
        #expect(text.status == 0 && text.lines.allSatisfy { $0.count <= 80 }, "\(text)")
        #expect(text.output.contains("The critical batch here is from"))
        #expect(try shop.contents() == [])
    }

    @Test func badInputGivesASentence() throws {
        let shop = try Workshop()
        let cases: [(arguments: [String], status: Int32, part: String)] = [
            (["--factors", "2,4"], 64, "begin with 1"), (["--factors", "1,x"], 64, "--factors"),
            (["--seeds", "0"], 64, "--seeds"), (["--factors", "1,100"], 65, "more than the 1438 training examples"),
            (["--set", "learning-rate=1e30", "--set", "optimizer=sgd"], 65, "lower the rate"),
        ]
        for (arguments, status, part) in cases {
            let outcome = try shop.run(Self.digits + arguments)
            #expect(outcome.status == status && outcome.output.isEmpty, "\(arguments): \(outcome)")
            #expect(outcome.errors.contains(part), "\(arguments): \(outcome.errors)")
        }
    }
}
