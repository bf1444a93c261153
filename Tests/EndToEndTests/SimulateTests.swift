import Foundation
import Testing

/// `batchwise simulate sgd`
@Suite struct SimulateTests {
    private func objects(_ value: Any?) throws -> [[String: Any]] { try #require(value as? [[String: Any]]) }

    private func number(_ object: [String: Any], _ key: String) throws -> Double {
        try #require((object[key] as? NSNumber)?.doubleValue, "\(key)")
    }

    private func json(_ arguments: String...) throws -> [String: Any] {
        let outcome = try Workshop().run(["simulate", "sgd"] + arguments + ["--json"])
        #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
        return try outcome.json()
    }

    @Test func theNoiseFloor() throws {
        let result = try json(
            "noise-floor", "--curvature", "2,0.5", "--noise", "3,1", "--batch", "4", "--rate", "0.5", "--momentum",
            "0.5",
            "--updates", "2000")
        #expect(try number(result, "limit") == 1.5)
        let directions = try objects(result["directions"])
        let problems: [(h: Double, c: Double)] = [(2, 3), (0.5, 1)]
        for (direction, problem) in zip(directions, problems) {
            let numerator: Double = 0.5 * problem.c / 4 * 1.5
            let exact: Double = numerator / (problem.h * 0.5 * (3 - 0.5 * problem.h))
            let continuous: Double = 0.5 * problem.c / 4 / problem.h
            #expect(abs(try number(direction, "exact") - exact) < 1e-12)
            #expect(abs(try number(direction, "continuous") - continuous) < 1e-12)
            #expect(abs(try number(direction, "variance") / exact - 1) < 0.1)
        }
        #expect(directions.count == 2)
    }

    @Test func theTemperature() throws {
        let result = try json("temperature", "--temperature", "0.1", "--rates", "0.1,1.2", "--updates", "2000")
        let pairs = try objects(result["sgd"])
        #expect(try pairs.map { try number($0, "batch").rounded() } == [1, 12])
        #expect(abs(try number(pairs[1], "above_equation") - 1.5) < 1e-9)
        #expect(abs(try number(try #require(result["equation"] as? [String: Any]), "exact") - 0.05) < 1e-12)
    }

    @Test func theDelay() throws {
        let delays = try objects(json("delay", "--delays", "0,1,2", "--curvature", "0.5")["delays"])
        for (delay, limit) in zip(delays, [4, 2, 1.2360679775]) {
            #expect(abs(try number(delay, "largest_stable") - limit) < 1e-6)
            #expect(abs(try number(delay, "exact") - limit) < 1e-6)
        }
    }

    @Test func theUpdatesToAGoal() throws {
        let result = try json(
            "updates-to-goal", "--dimensions", "100", "--batches", "1,8,64,512", "--goal", "0.02", "--momentum", "0.5")
        let batches = try objects(result["batches"])
        let updates = try batches.map { try number($0, "updates") }
        #expect(updates == updates.sorted(by: >) && updates.count == 4)
        let critical = try #require(result["critical_batch"] as? [String: Any])
        let ratio = try number(result, "fewest_examples") / number(result, "fewest_updates")
        #expect(abs(try number(critical, "value") - ratio) < 1e-9 * ratio)
    }

    @Test func theBestBatch() throws {
        let result = try json(
            "best-batch", "--critical-batch", "200", "--seconds", "0.095", "--seconds-per-example", "0.001")
        #expect(try number(result, "searched_batch") == 138)
        let costs = try objects(result["if_wrong"])
        #expect(try costs.map { try number($0, "factor") } == [0.25, 0.5, 1, 2, 4])
        for (cost, expected) in zip(costs, [0.543, 0.121, 0, 0.121, 0.543]) {
            #expect(abs(try number(cost, "cost") - expected) < 0.001)
            #expect(abs(try number(cost, "searched_cost") - expected) < 0.02)
        }
    }

    /// Text for people is 80 columns wide at most, and the same on every run.
    @Test(arguments: [
        ["noise-floor", "--updates", "1000"], ["temperature", "--updates", "1000"], ["delay"],
        ["updates-to-goal", "--dimensions", "300"], ["best-batch"],
    ])
    func textIsForPeople(arguments: [String]) throws {
        let shop = try Workshop()
        let outcome = try shop.run(["simulate", "sgd"] + arguments)
        #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
        #expect(outcome.lines.count > 4 && outcome.lines.allSatisfy { $0.count <= 80 }, "\(outcome.output)")
        #expect(!outcome.output.contains("nan") && !outcome.output.contains("inf"))
        #expect(try shop.run(["simulate", "sgd"] + arguments).output == outcome.output)
        #expect(try shop.contents().isEmpty)
        let help = try shop.run(["simulate", "sgd", arguments[0], "--help"])
        #expect(help.status == 0 && help.output.contains("batchwise simulate sgd \(arguments[0])"))
    }

    @Test(arguments: [
        (["noise-floor", "--rate", "2"], "2 (1 + momentum) / curvature = 2"),
        (["noise-floor", "--rate", "nan"], "the rate is no number"),
        (["noise-floor", "--curvature", "1,2,3", "--noise", "1,2"], "3 curvatures and 2 noises"),
        (["noise-floor", "--curvature", "1,two"], "--curvature"), (["noise-floor", "--batch", "0"], "the batch is 0"),
        (["noise-floor", "--curvature", "1,1e-12"], "leave out the smallest curvature"),
        (["noise-floor", "--chains", "9223372036854775807"], "updates"),
        (["temperature", "--temperature", "0"], "the temperature is 0"),
        (["delay", "--delays", "1,-1"], "a delay is -1"), (["delay", "--curvature", "inf"], "the curvature is inf"),
        (["updates-to-goal", "--goal", "10", "--dimensions", "10"], "the goal is 10"),
        (["updates-to-goal", "--batches", "1,0", "--dimensions", "10"], "--batches"),
        (["best-batch", "--seconds", "-1"], "--seconds"), (["best-batch", "--critical-batch", "1e300"], "searched"),
    ])
    func badSettingsAreOneLine(arguments: [String], says: String) throws {
        let outcome = try Workshop().run(["simulate", "sgd"] + arguments)
        #expect(outcome.status == 64 && outcome.output.isEmpty && outcome.errorLines.count == 1, "\(outcome)")
        #expect(outcome.errors.contains(says), "\(outcome.errors)")
    }
}
