import Foundation
import Testing

/// Of processes that begin a run in one directory at the same moment, one trains.
@Suite struct SameDirectoryTests {
    private static let isSlowWanted = ProcessInfo.processInfo.environment["BATCHWISE_SLOW"] != nil
    private static let command = [
        "train", "prices.csv", "--target", "y", "--json", "--threads", "1", "--set", "epochs=20", "--run",
    ]

    @Test(arguments: [2, 3]) func oneOfSeveralTrains(processes: Int) throws {
        let shop = try Workshop()
        try shop.write(prices, to: "prices.csv")
        #expect(try shop.run(Self.command + ["alone"]).status == 0)
        let model = try shop.bytes("alone/model.safetensors")
        let files = try FileManager.default.subpathsOfDirectory(atPath: shop.path("alone")).sorted()
        for number in 0..<(Self.isSlowWanted ? 100 : 10) {
            let run = "deep/run-\(number)"
            let outcomes = try shop.together(Array(repeating: Self.command + [run], count: processes))
            let expected = [0] + [Int32](repeating: 73, count: processes - 1)
            #expect(outcomes.map(\.status).sorted() == expected, "\(outcomes.map(\.errors))")
            for loser in outcomes where loser.status != 0 {
                #expect(loser.errorLines.count == 1)
                #expect(loser.errors.contains("another process") || loser.errors.contains("already holds a run"))
            }
            #expect(try FileManager.default.subpathsOfDirectory(atPath: shop.path(run)).sorted() == files)
            #expect(try shop.bytes("\(run)/model.safetensors") == model)
            let starts = try shop.read("\(run)/events.jsonl").split(separator: "\n").filter { $0.contains("\"start\"") }
            #expect(starts.count == 1)
        }
        #expect(try shop.run("train", "--resume", "deep/run-0").status == 0)
    }

    /// Cross-validations share a directory as little as runs do.
    @Test func oneOfTwoCrossValidates() throws {
        let shop = try Workshop()
        try shop.write(prices, to: "prices.csv")
        for number in 0..<(Self.isSlowWanted ? 50 : 5) {
            let commands = [Self.command + ["run-\(number)", "--folds", "2"], Self.command + ["run-\(number)"]]
            let outcomes = try shop.together(commands)
            #expect(outcomes.map(\.status).sorted() == [0, 73], "\(outcomes.map(\.errors))")
            #expect(try shop.run("train", "--resume", "run-\(number)").status == 0)
        }
    }

    /// A kill at the first moments leaves a directory that the next run uses, or one that can be resumed.
    @Test func aDirectoryOfAKilledProcessIsUsed() throws {
        let shop = try Workshop()
        try shop.write(prices, to: "prices.csv")
        let hash = try shop.run(Self.command + ["alone"]).hash()
        var states: [String: Int] = [:]
        for number in 0..<(Self.isSlowWanted ? 200 : 12) {
            let run = "run-\(number)"
            _ = try shop.run(Self.command + [run]) { process in
                while process.isRunning, !shop.exists(run) { usleep(20) }
                usleep(UInt32(number % 12 * 60))
                kill(process.processIdentifier, SIGKILL)
            }
            let hasRecipe = shop.exists("\(run)/recipe.yaml")
            states[hasRecipe ? "recipe" : "empty", default: 0] += 1
            let again = try shop.run(Self.command + [run])
            if hasRecipe {
                #expect(again.status == 73 && again.errors.contains("--resume \(run)"), "\(again.errors)")
                #expect(try shop.run("train", "--resume", run, "--json").hash() == hash)
            } else {
                #expect(try again.hash() == hash)
            }
        }
        #expect(states.values.reduce(0, +) >= 12, "\(states)")
    }

    @Test func aDirectoryInWhichNoRunHasBegunIsCalledThat() throws {
        let shop = try Workshop()
        try shop.write(prices, to: "prices.csv")
        try FileManager.default.createDirectory(atPath: shop.path("run"), withIntermediateDirectories: true)
        try shop.write("half", to: "run/.batchwise-1-0.partial")
        let outcome = try shop.run("train", "--resume", "run")
        #expect(outcome.status == 66 && outcome.errorLines.count == 1)
        #expect(outcome.errors.contains("no run has begun") && outcome.errors.contains("--run run"))
        #expect(try shop.run(Self.command + ["run"]).status == 0)
    }
}
