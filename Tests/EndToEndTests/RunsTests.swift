import Foundation
import Testing

/// `batchwise runs` lists, compares and removes runs, and takes nothing else for one.
@Suite struct RunsTests {
    private func shop() throws -> Workshop {
        let shop = try Workshop()
        try shop.write(prices, to: "prices.csv")
        for (name, size) in [("a", 16), ("b", 64)] {
            let outcome = try shop.run(
                "train", "prices.csv", "--target", "y", "--set", "epochs=3", "--set", "batch.size=\(size)", "--run",
                "runs/\(name)")
            #expect(outcome.status == 0)
        }
        return shop
    }

    private func link(_ shop: Workshop, _ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: shop.path(name), withDestinationPath: shop.path(target))
    }

    private func folder(_ shop: Workshop, _ name: String) throws {
        try FileManager.default.createDirectory(atPath: shop.path(name), withIntermediateDirectories: true)
    }

    @Test func runsAreListed() throws {
        let shop = try shop()
        // a folder that looks like a run, a link to a run, a file, and a run that has lost its recipe
        try folder(shop, "runs/looks")
        try shop.write("data: digits\n", to: "runs/looks/recipe.yaml")
        try shop.write("{\"event\":\"other\"}\n", to: "runs/looks/events.jsonl")
        try link(shop, "runs/link", to: "runs/a")
        try shop.write("x", to: "runs/file")
        let json = try shop.run("runs", "--json").json()
        let runs = try #require(json["runs"] as? [[String: Any]])
        #expect(runs.map { $0["name"] as? String } == ["a", "b"])
        for run in runs {
            #expect(
                run["status"] as? String == "finished" && run["epochs"] as? Int == 3 && run["all_epochs"] as? Int == 3)
            #expect(run["target"] as? String == "y" && run["source"] as? String == "prices.csv")
            #expect(run["metric"] as? String == "test_rmse")
            let name = try #require(run["name"] as? String)
            let files = try FileManager.default.subpathsOfDirectory(atPath: shop.path("runs/\(name)"))
            var bytes = 0
            for file in files {
                let found = try FileManager.default.attributesOfItem(atPath: shop.path("runs/\(name)/\(file)"))
                if found[.type] as? FileAttributeType == .typeRegular { bytes += found[.size] as? Int ?? 0 }
            }
            #expect(run["bytes"] as? Int == bytes)
            // 1 feature, 128 and 64 hidden units, 1 output
            #expect(run["parameters"] as? Int == 128 + 128 + 128 * 64 + 64 + 64 + 1)
        }
        let text = try shop.run("runs", "list", "runs")
        #expect(text.status == 0 && text.lines.count == 4 && text.lines.allSatisfy { $0.count <= 80 }, "\(text.output)")
        try folder(shop, "none")
        #expect(try shop.run("runs", "list", "none").output == "none: holds no runs\n")
        let missing = try shop.run("runs", "list", "nowhere")
        #expect(missing.status == 66 && missing.errors.contains("no such folder of runs"))
    }

    @Test func onlyKeysThatDifferAreCompared() throws {
        let shop = try shop()
        let json = try shop.run("runs", "compare", "runs/a", "runs/b", "--json").json()
        let differences = try #require(json["differences"] as? [[String: Any]])
        #expect(differences.map { $0["key"] as? String } == ["batch.size"])
        #expect(differences.first?["values"] as? [String] == ["16", "64"])
        for count in 2...4 {
            let runs = (0..<count).map { $0 % 2 == 0 ? "runs/a" : "runs/b" }
            let text = try shop.run(["runs", "compare"] + runs)
            #expect(text.status == 0 && text.lines.allSatisfy { $0.count <= 80 }, "\(text.output)")
            #expect(text.output.contains("batch.size") && !text.output.contains("seed"))
        }
        #expect(try shop.run("runs", "compare", "runs/a", "runs/a").output.contains("the recipes are the same"))
        #expect(try shop.run("runs", "compare", "runs/a").status == 64)
        #expect(try shop.run("runs", "compare", "runs/a", "prices.csv").status == 66)
    }

    @Test func onlyRunsAreRemoved() throws {
        let shop = try shop()
        try folder(shop, "runs/looks")
        try shop.write("data: digits\n", to: "runs/looks/recipe.yaml")
        try folder(shop, "precious")
        try shop.write("keep me", to: "precious/file")
        try link(shop, "link", to: "runs/a")
        // a recipe that is a link, beside a log that is one
        try folder(shop, "runs/linked")
        for name in ["recipe.yaml", "events.jsonl"] { try link(shop, "runs/linked/\(name)", to: "runs/a/\(name)") }
        let before = try shop.everything()
        let cases: [(String, Int32, String)] = [
            ("runs/looks", 66, "is not the directory of a run"), ("precious", 66, "is not the directory of a run"),
            ("link", 66, "it is a link"), ("link/", 66, "it is a link"), ("runs/linked", 66, "is not the directory"),
            ("nowhere", 66, "no such run"), ("prices.csv", 66, "is not the directory"),
            (".", 66, "is not the directory"),
        ]
        for (path, status, text) in cases {
            // what is wrong is found before the first is removed
            let outcome = try shop.run("runs", "remove", "runs/a", path, "--force")
            #expect(outcome.status == status && outcome.errors.contains(text), "\(path) \(outcome.errors)")
        }
        let asked = try shop.run("runs", "remove", "runs/a")
        #expect(asked.status == 64 && asked.errors.contains("--force"))
        #expect(try shop.everything() == before)

        // a link within a run is removed, and what it leads to stays
        try link(shop, "runs/a/beside", to: "precious")
        #expect(try shop.run("runs", "remove", "runs/a", "--force").output == "removed 1 run\n")
        #expect(!shop.exists("runs/a") && shop.exists("runs/b"))
        #expect(try shop.read("precious/file") == "keep me")
        #expect(try !shop.contents().contains { $0.contains("removed") })
    }

    @Test func aRunThatTrainsStays() throws {
        let shop = try shop()
        let long = [
            "train", "prices.csv", "--target", "y", "--threads", "1", "--set", "epochs=100000", "--run", "runs/long",
        ]
        var statuses: [String] = []
        var removal: Workshop.Outcome?
        _ = try shop.run(long) { process in
            while process.isRunning, !shop.hasEpoch("runs/long") { usleep(500) }
            removal = try? shop.run("runs", "remove", "runs/long", "--force")
            statuses =
                (try? shop.run("runs", "--json").json()["runs"] as? [[String: Any]] ?? [])?
                .compactMap { $0["status"] as? String } ?? []
            kill(process.processIdentifier, SIGKILL)
        }
        #expect(removal?.status == 73 && removal?.errors.contains("another process is training") == true)
        #expect(statuses == ["finished", "finished", "running"])
        let after = try #require(try shop.run("runs", "--json").json()["runs"] as? [[String: Any]])
        #expect(after.last?["status"] as? String == "interrupted")
        #expect(try shop.run("runs", "remove", "runs/long", "--force").status == 0)
    }
}
