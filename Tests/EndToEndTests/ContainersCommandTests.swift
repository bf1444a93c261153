import Foundation
import Testing

/// Every verb of the command line on every container, and files that are none.
@Suite struct ContainersCommandTests {
    private static let cases = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures/cases").path

    private static let jsonLines = (0..<40).map { "{\"x\": \($0 * 7 % 11), \"y\": \"\($0 % 3 == 0 ? "é" : "b")\"}\n" }
        .joined()

    @Test(arguments: ["t.jsonl", "t.json"])
    func rowsOfJSONWithEveryVerb(name: String) throws {
        let shop = try Workshop()
        try shop.write(Self.jsonLines, to: name)
        let described = try shop.run("data", "describe", name)
        #expect(described.status == 0 && described.output.contains("JSON, 40 rows of 2 columns"), "\(described)")
        let trained = try shop.run("train", name, "--target", "y", "--set", "epochs=2", "--run", "r")
        #expect(trained.status == 0, "\(trained.errors)")
        let predicted = try shop.run("predict", "r", name)
        #expect(predicted.status == 0 && predicted.lines.count == 41)
        let converted = try shop.run("data", "convert", name, "t.data")
        #expect(converted.status == 0, "\(converted.errors)")
    }

    @Test func theCasesTrainWithTheirCommands() throws {
        let shop = try Workshop()
        for (file, target) in [
            ("whitespace-columns/input.data", "4"), ("arff/input.arff", "class"), ("excel-sep-line/input.csv", "y"),
            ("latin1-and-utf16/input-latin1.csv", "y"), ("not-a-table/input.jsonl", "y"),
        ] {
            let run = file.replacing("/", with: "-")
            let trained = try shop.run(
                "train", Self.cases + "/" + file, "--target", target, "--set", "epochs=2", "--run", run)
            #expect(trained.status == 0, "\(file): \(trained.errors)")
            let predicted = try shop.run("predict", run, Self.cases + "/" + file)
            #expect(predicted.status == 0, "\(file): \(predicted.errors)")
        }
    }

    @Test func encodingsAndSeparatorsAreSaid() throws {
        let shop = try Workshop()
        try shop.write("a#b\n1#x\n2#y\n", to: "t.csv")
        let described = try shop.run("data", "describe", "t.csv", "--separator", "#", "--encoding", "latin-1")
        #expect(described.status == 0 && described.output.contains("2 columns"))
        #expect(try shop.run("data", "describe", "t.csv", "--separator", "ab").status == 64)
        let refused = try shop.run("train", "t.csv", "--target", "b", "--set", "data.encoding=latin-7")
        #expect(refused.status == 64 && refused.errors.contains("windows-1252"))
    }

    @Test func whatIsNoTableIsNamed() throws {
        let shop = try Workshop()
        for (path, words) in [
            (Self.cases + "/not-a-table/input-html.csv", "a web page"), ("-", "standard input is not read here"),
            (Self.cases + "/not-a-table/input-pointer.csv", "git lfs pull"), ("https://example.org/a.csv", "curl -LO"),
        ] {
            for arguments in [["data", "describe", path], ["train", path, "--target", "y"]] {
                let outcome = try shop.run(arguments)
                #expect(outcome.status == 65 && outcome.errors.contains(words), "\(arguments): \(outcome.errors)")
            }
        }
    }
}
