import Foundation
import Testing

/// `batchwise simulate cluster` and `batchwise plan --workers`
@Suite struct SimulateClusterTests {
    static let given = [
        "simulate", "cluster", "--batch", "32", "--seconds", "1ms", "--seconds-per-example", "10us", "--parameters",
        "1000", "--row-numbers", "50",
    ]

    private func number(_ object: [String: Any], _ key: String) throws -> Double {
        try #require((object[key] as? NSNumber)?.doubleValue, "\(key)")
    }

    @Test func aPredictionFromOptions() throws {
        let outcome = try Workshop().run(
            Self.given + [
                "--workers", "1,2,4,...,100000", "--latency", "0", "--bandwidth", "1e9", "--critical-batch", "640",
                "--updates", "2100", "--json",
            ])
        #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
        let result = try outcome.json()
        let points = try #require(result["points"] as? [[String: Any]])
        #expect(try points.map { try number($0, "workers") } == (0..<17).map { Double(1 << $0) } + [100_000])
        for point in points {
            let workers = try number(point, "workers")
            // 4,000 bytes of sums from worker to worker are fewer than 4 x 32 x 50 bytes of rows a worker
            let finished = (4_000 * (workers - 1) / workers).rounded(.down)
            let seconds =
                1.32e-3 + (workers - 1) * 4_000 / 1e9 + finished / 1e9 + (workers - 1) / workers * 4_000 / 1e9
            #expect(try number(point, "batch") == 32 * workers)
            #expect(abs(try number(point, "seconds_per_update") / seconds - 1) < 1e-9)
            #expect(abs(try number(point, "efficiency") - 1.32e-3 / seconds) < 1e-9)
            let updates = 100 * (1 + 640 / (32 * workers))
            #expect(abs(try number(point, "seconds_to_goal") / (updates * seconds) - 1) < 1e-9)
        }
        let ways = try #require(result["ways"] as? [[String: Any]])
        #expect(ways.compactMap { $0["way"] as? String }.count == 5)
        #expect(ways.allSatisfy { ($0["points"] as? [[String: Any]])?.count == points.count })
    }

    @Test func aPredictionOfDigits() throws {
        let shop = try Workshop()
        let arguments = ["digits", "--set", "model=[{dense: 64}, relu, {dense: classes}]", "--threads", "1"]
        let outcome = try shop.run(["simulate", "cluster"] + arguments + ["--workers", "1,32", "--json"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        let result = try outcome.json()
        // 64 slopes; 64 activations and 10 slopes; and the loss
        #expect(try number(result, "row_numbers") >= 64 + 64 + 10 + 2)
        #expect(try number(result, "parameters") == 65 * 64 + 65 * 10)
        #expect(try number(result, "critical_batch") > 0)
        let text = try shop.run(["simulate", "cluster"] + arguments + ["--stragglers", "exponential:0.2"])
        #expect(text.status == 0 && text.lines.allSatisfy { $0.count <= 80 }, "\(text.output)")
        for part in ["efficiency", "time to the goal", "K workers pay while", "then the network", "note: the critical"]
        {
            #expect(text.output.contains(part), "\(part) in \(text.output)")
        }
        #expect(try shop.contents() == [])
    }

    @Test func aPredictionOfARun() throws {
        let shop = try Workshop()
        _ = try shop.run("train", "digits", "--set", "model=linear", "--set", "epochs=2", "--run", "run")
        let outcome = try shop.run("simulate", "cluster", "run", "--workers", "8,1,8", "--json", "--threads", "1")
        #expect(outcome.status == 0, "\(outcome.errors)")
        let points = try #require(try outcome.json()["points"] as? [[String: Any]])
        #expect(try points.map { try number($0, "workers") } == [1, 8])
        #expect(points.allSatisfy { ($0["efficiency"] as? NSNumber)?.doubleValue ?? 0 > 0 })
    }

    @Test(arguments: [
        (["simulate", "cluster"], "name a source, or give --batch"),
        (given + ["--workers", "0"], "--workers"), (given + ["--workers", "1,2,...,200000"], "--workers"),
        (given + ["--workers", "4,2,...,16"], "--workers"), (given + ["--latency", "5 parsecs"], "--latency"),
        (given + ["--bandwidth", "0"], "--bandwidth"), (given + ["--stragglers", "pareto:1"], "--stragglers"),
        (given + ["--stragglers", "exponential:2"], "--stragglers"), (given + ["--backup", "1"], "--backup"),
        (given + ["--critical-batch", "-1"], "--critical-batch"),
        (given + ["--local-updates", "0"], "--local-updates"),
        (given + ["--batch", "1073741824", "--row-numbers", "1099511627776"], "more than 2^62 bytes"),
        (given + ["--seconds-per-example", "1e-320"], "at least 1e-15"),
        (given + ["--bandwidth", "1e-320"], "--bandwidth"),
        (given + ["--set", "epochs=2"], "belong to a source"), (["simulate", "cluster", "missing.csv"], "missing.csv"),
        (["simulate", "cluster", "digits", "--seconds", "1"], "give both or none"),
        (["plan", "digits", "--hosts", "2"], "--hosts must be from 1"),
        (["plan", "digits", "--workers", "2", "--hosts", "3"], "--hosts must be from 1"),
        (["plan", "digits", "--workers", "0"], "--workers must be from 1"),
    ])
    func badOptionsAreOneLine(arguments: [String], says: String) throws {
        let outcome = try Workshop().run(arguments)
        #expect(outcome.status != 0 && outcome.output.isEmpty && outcome.errorLines.count == 1, "\(outcome)")
        #expect(outcome.errors.contains(says), "\(outcome.errors)")
    }

    /// The exchange of `plan`, computed by hand for one layer: 10 slopes of 192 examples, whose features every process has;
    /// and sums of 650 numbers, one under way after 48 and 96 examples and two after 144. They are one piece.
    @Test func aPlanSaysWhatIsExchanged() throws {
        let shop = try Workshop()
        let plan = [
            "plan", "digits", "--no-measure", "--set", "model=linear", "--set", "batch.size=192", "--threads", "1",
            "--workers", "4",
        ]
        let outcome = try shop.run(plan + ["--json"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        let exchange = try #require(try outcome.json()["exchange"] as? [String: Any])
        let layers = try #require(exchange["layers"] as? [[String: Any]])
        #expect(try number(layers[0], "rows") == 4 * 192 * 10)
        #expect(try number(layers[0], "sums") == 4 * 650)
        #expect(layers[0]["way"] as? String == "sums")
        let exchanges = try #require(exchange["exchanges"] as? [[String: Any]])
        let sums = try #require(exchanges.first { $0["numbers"] as? String == "sums" })
        #expect(try number(sums, "bytes") == 4 * 4 * 650)
        let received = try #require(exchange["received"] as? [String: Any])
        let own = try #require(exchange["own"] as? [String: Any])
        // the first process gets the finished sums and gives all parameters; the last receives the sums of two lanes
        let owned = try number(exchange, "bytes") - number(sums, "bytes") - 4 * 650
        #expect(try number(own, "most") - number(own, "least") == 4 * 650)
        #expect(try number(received, "most") == owned - number(own, "least") + 2 * 4 * 650)
        let text = try shop.run(plan)
        let section = text.lines.drop { !$0.hasPrefix("exchange:") }.prefix { !$0.hasPrefix("note:") }
        #expect(section.count > 8 && section.allSatisfy { $0.count <= 80 })
        #expect(text.output.contains("4 workers on 4 machines") && text.output.contains("sums 10.2 KiB"))
        let near = try shop.run(plan + ["--hosts", "1"])
        #expect(near.output.contains("One machine sends no messages"), "\(near.output)")
        let one = try #require(try shop.run(plan + ["--hosts", "1", "--json"]).json()["exchange"] as? [String: Any])
        #expect(try number(one, "bytes") == 0)
    }
}
