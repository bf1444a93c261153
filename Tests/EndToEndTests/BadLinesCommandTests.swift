import Foundation
import Testing

/// Bad lines on the command line: noticed with their number by every command, and predictions that stay in step.
@Suite struct BadLinesCommandTests {
    /// A table with a short line 3 and a long line 6.
    private static let table = "x,kind\n1,a\n2\n3,b\n4,a\n5,b,c\n6,a\n7,b\n8,a\n9,b\n10,a\n"

    private func trained(_ shop: Workshop) throws {
        try shop.write(Self.table, to: "t.csv")
        let outcome = try shop.run(
            "train", "t.csv", "--target", "kind", "--set", "data.bad-lines=skip", "--set", "epochs=1", "--run", "r")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.errors.contains("note: t.csv: 2 of 10 lines cannot be read and are left out: lines 3 and 6"))
    }

    @Test func badLinesAreRefusedByEveryCommandUnlessARecipeSaysOtherwise() throws {
        let shop = try Workshop()
        try shop.write(Self.table, to: "t.csv")
        for arguments in [["data", "describe", "t.csv"], ["train", "t.csv", "--target", "kind"]] {
            let outcome = try shop.run(arguments)
            #expect(outcome.status == 65 && outcome.errorLines.count == 1)
            #expect(outcome.errors.contains("t.csv, line 3") && outcome.errors.contains("data.bad-lines"))
        }
    }

    @Test func describeCountsBadLines() throws {
        let shop = try Workshop()
        try shop.write(Self.table, to: "t.csv")
        let outcome = try shop.run("data", "describe", "t.csv", "--bad-lines", "skip", "--json")
        let json = try outcome.json()
        #expect(json["rows"] as? Int == 8)
        #expect((json["notices"] as? [String])?.first?.contains("lines 3 and 6") == true)
        #expect(outcome.errors.contains("note: "))
    }

    @Test func predictionsStayInStepWithTheLines() throws {
        let shop = try Workshop()
        try trained(shop)
        let all = try shop.run("predict", "r", "t.csv")
        #expect(all.status == 0 && all.lines.count == 11)
        #expect(all.lines.indices.filter { all.lines[$0] == "NA" } == [2, 5])
        #expect(all.errors.contains("lines 3 and 6"))
        let json = try shop.run("predict", "r", "t.csv", "--probabilities", "--json").json()
        let predictions = try #require(json["predictions"] as? [Any])
        #expect(predictions.count == 10 && predictions[1] is NSNull && predictions[4] is NSNull)
        #expect((json["probabilities"] as? [Any])?[1] is NSNull)
        let array = try shop.run("predict", "r", "t.csv", "--output", "p.npy")
        #expect(array.status == 0)
        let floats = try shop.bytes("p.npy").suffix(40).withUnsafeBytes { bytes in
            (0..<10).map { bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
        }
        #expect(floats.map(\.isNaN) == (0..<10).map { $0 == 1 || $0 == 4 })
        let refused = try shop.run("predict", "r", "t.csv", "--set", "data.bad-lines=refuse")
        #expect(refused.status == 65 && refused.errors.contains("line 3"))
        #expect(try shop.run("predict", "r", "t.csv", "--set", "data.bad-lines=drop").status == 64)
    }

    @Test func evaluationCountsTheLinesThatItLacks() throws {
        let shop = try Workshop()
        try trained(shop)
        let json = try shop.run("evaluate", "r", "t.csv", "--json").json()
        #expect(json["examples"] as? Int == 8 && json["skipped_lines"] as? Int == 2)
    }

    @Test func convertingNoticesBadLines() throws {
        let shop = try Workshop()
        try shop.write(Self.table, to: "t.csv")
        try shop.write("data: {train: t.csv, target: kind, bad-lines: skip}\n", to: "r.yaml")
        let outcome = try shop.run("data", "convert", "r.yaml", "t.data", "--json")
        #expect(outcome.status == 0 && outcome.errors.contains("lines 3 and 6"))
        #expect(try outcome.json()["rows"] as? Int == 8)
    }
}
