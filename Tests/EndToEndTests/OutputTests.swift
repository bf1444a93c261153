import Foundation
import Testing

/// A command never replaces a file that it reads, and another file that is there only by `--force`.
@Suite struct OutputTests {
    private static let isSlowWanted = ProcessInfo.processInfo.environment["BATCHWISE_SLOW"] != nil

    private func trained() throws -> Workshop {
        let shop = try Workshop()
        try shop.write(flowers, to: "flowers.csv")
        try shop.write("width,height\n0,0\n3,4\n12,8\n", to: "new.csv")
        #expect(
            try shop.run("train", "flowers.csv", "--target", "kind", "--run", "run", "--set", "epochs=1").status == 0)
        return shop
    }

    private func refused(_ outcome: Workshop.Outcome, _ says: String) {
        #expect(outcome.status == 73, "\(outcome.errors)")
        #expect(outcome.output.isEmpty && outcome.errorLines.count == 1, "\(outcome.errors)")
        #expect(outcome.errors.contains(says), "\(outcome.errors)")
    }

    @Test(arguments: [[], ["--force"], ["--force", "--json"]])
    func noInputIsReplaced(flags: [String]) throws {
        let shop = try trained()
        let files = FileManager.default
        try files.createSymbolicLink(atPath: shop.path("link.csv"), withDestinationPath: "new.csv")
        try files.linkItem(atPath: shop.path("new.csv"), toPath: shop.path("hard.csv"))
        try files.linkItem(atPath: shop.path("run/model.safetensors"), toPath: shop.path("model.npy"))
        try files.createSymbolicLink(atPath: shop.path("recipe.csv"), withDestinationPath: "run/recipe.yaml")
        let before = try shop.everything()
        let places = [
            "new.csv", "./new.csv", "run/../new.csv", shop.path("new.csv"), "link.csv", "hard.csv", "model.npy",
            "recipe.csv",
        ]
        for place in places {
            refused(try shop.run(["predict", "run", "new.csv", "--output", place] + flags), "is an input")
        }
        refused(try shop.run(["predict", "run", "link.csv", "--output", "new.csv"] + flags), "is an input")
        refused(try shop.run(["predict", "run", "n?w.csv", "--output", "new.csv"] + flags), "is an input")
        for place in ["flowers.csv", "./flowers.csv"] {
            let source = ["flowers.csv", "--target", "kind"]
            refused(try shop.run(["init", "flowers.csv", place, "--target", "kind"] + flags), "is an input")
            refused(try shop.run(["audit"] + source + ["--output", place] + flags), "is an input")
        }
        for place in ["run/recipe.yaml", "run/model.safetensors", "run/events.jsonl", "flowers.csv"] {
            refused(try shop.run(["audit", "--run", "run", "--output", place] + flags), "is an input")
        }
        #expect(try shop.everything() == before)
    }

    @Test func whatIsFoundBesideAnInputIsOneToo() throws {
        let shop = try Workshop()
        try shop.write(idx([4, 2, 2], Array(0..<16)), to: "train-images-idx3-ubyte")
        try shop.write(idx([4], [0, 1, 0, 1]), to: "train-labels-idx1-ubyte")
        try shop.write("data: {train: train-images-idx3-ubyte}\nbatch: 2\n", to: "recipe.yaml")
        let before = try shop.everything()
        for place in ["recipe.yaml", "train-images-idx3-ubyte", "train-labels-idx1-ubyte"] {
            refused(try shop.run("audit", "recipe.yaml", "--output", place, "--force"), "is an input")
        }
        #expect(try shop.everything() == before)
    }

    /// The model is not looked at where the output has no place.
    @Test func aFileThatIsThereStaysUnlessForced() throws {
        let shop = try trained()
        try shop.write("mine", to: "out.csv")
        try FileManager.default.createSymbolicLink(atPath: shop.path("loose.csv"), withDestinationPath: "nowhere")
        try FileManager.default.createDirectory(atPath: shop.path("folder.csv"), withIntermediateDirectories: true)
        let before = try shop.everything()
        for model in ["run", "missing.safetensors"] {
            for place in ["out.csv", "loose.csv"] {
                refused(try shop.run("predict", model, "new.csv", "--output", place), "--force")
            }
            for flags in [[], ["--force"]] {
                refused(try shop.run(["predict", model, "new.csv", "--output", "folder.csv"] + flags), "is a folder")
            }
            refused(try shop.run("predict", model, "new.csv", "--output", "nowhere/out.csv"), "cannot create")
        }
        try FileManager.default.createSymbolicLink(atPath: shop.path("null.csv"), withDestinationPath: "/dev/null")
        refused(try shop.run("predict", "run", "new.csv", "--output", "null.csv", "--force"), "no regular file")
        #expect(try shop.everything().filter { $0.key != "null.csv" } == before)

        for place in ["out.csv", "loose.csv"] {
            #expect(try shop.run("predict", "run", "new.csv", "--output", place, "--force").status == 0)
            #expect(try shop.read(place) == shop.run("predict", "run", "new.csv").output)
        }
        #expect(!shop.exists("nowhere"))
    }

    @Test func recipesAndCertificatesStayUnlessForced() throws {
        let shop = try trained()
        let audit = ["audit", "--run", "run", "--updates", "2", "--threads", "1", "--no-kill", "--output"]
        for (place, command) in [
            ("mine.yaml", ["init", "flowers.csv", "mine.yaml", "--target", "kind"]),
            ("audit.json", audit + ["audit.json"]),
        ] {
            try shop.write("mine", to: place)
            refused(try shop.run(command), "--force")
            #expect(try shop.read(place) == "mine")
            #expect(try shop.run(command + ["--force"]).status == 0)
            #expect(try shop.read(place) != "mine")
        }
        #expect(try shop.read("run/audit.json") == shop.read("audit.json"))
    }

    @Test func foldersStayUnlessForced() throws {
        let shop = try trained()
        let convert = { (source: String, more: [String]) in try shop.run(["data", "convert", source] + more) }
        #expect(try convert("new.csv", ["data"]).status == 0)
        try FileManager.default.createDirectory(atPath: shop.path("mine"), withIntermediateDirectories: true)
        let before = try shop.everything()
        refused(try convert("flowers.csv", ["data"]), "--force")
        for flags in [[], ["--force"]] {
            for place in ["data", "./data/", shop.path("data"), "mine/../data"] {
                refused(try convert("data", [place] + flags), "is an input")
            }
            for place in ["mine", "run", "new.csv"] { refused(try convert("flowers.csv", [place] + flags), "there") }
        }
        #expect(try shop.everything() == before)
        #expect(try convert("flowers.csv", ["data", "--force"]).status == 0)
        #expect(try shop.run("data", "describe", "data", "--json").json()["rows"] as? Int == 150)
        // nothing is left beside it
        #expect(try Set(shop.everything().keys) == Set(before.keys))
    }

    /// Both find the name free before they work; the one that is late finds it taken.
    @Test func ofTwoAtOnceOneWrites() throws {
        let shop = try trained()
        for number in 0..<(Self.isSlowWanted ? 50 : 5) {
            let place = "out-\(number).csv"
            let outcomes = try shop.together(
                Array(repeating: ["predict", "run", "new.csv", "--output", place], count: 2))
            #expect(outcomes.map(\.status).sorted() == [0, 73], "\(outcomes.map(\.errors))")
            #expect(try shop.read(place) == shop.run("predict", "run", "new.csv").output)
        }
        #expect(try shop.contents().allSatisfy { !$0.hasSuffix(".partial") })
    }
}

extension Workshop {
    func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    /// The bytes of every file there is, by its path; links that lead nowhere and folders have none.
    func everything() throws -> [String: Data] {
        var files: [String: Data] = [:]
        for name in try contents() { files[name] = (try? bytes(name)) ?? Data() }
        return files
    }

    /// Starts commands at the same moment, and waits for all.
    func together(_ commands: [[String]]) throws -> [Outcome] {
        let program = try Self.executable("batchwise")
        var started: [(Process, String)] = []
        var handles: [FileHandle] = []
        defer { for handle in handles { try? handle.close() } }
        for (number, arguments) in commands.enumerated() {
            let process = Process()
            process.executableURL = program
            process.arguments = arguments
            process.currentDirectoryURL = folder
            let errors = NSTemporaryDirectory() + "errors-\(UUID().uuidString)-\(number)"
            try Data().write(to: URL(fileURLWithPath: errors))
            handles.append(try FileHandle(forWritingTo: URL(fileURLWithPath: errors)))
            process.standardError = handles.last
            process.standardOutput = FileHandle.nullDevice
            process.standardInput = FileHandle.nullDevice
            started.append((process, errors))
        }
        for (process, _) in started { try process.run() }
        return try started.map { process, errors in
            process.waitUntilExit()
            defer { try? FileManager.default.removeItem(atPath: errors) }
            return Outcome(
                status: process.terminationStatus, output: "",
                errors: try String(contentsOfFile: errors, encoding: .utf8))
        }
    }
}
