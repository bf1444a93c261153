import Foundation
import Testing

/// Predictions that one can use: beside ids, in every form, from a pipe, and with notices about rows unlike those of
/// training.
@Suite struct NewRowsTests {
    /// A model of people: age 17 to 90, a city of three, and a price of about 100 x age.
    private static func trained() throws -> Workshop {
        let shop = try Workshop()
        var text = "id,age,city,price\n"
        for row in 0..<148 {
            let age = 17 + row % 74
            text += "p\(row),\(age),\(["Oslo", "Rome", "Bern"][row % 3]),\(100 * age + row % 5)\n"
        }
        try shop.write(text, to: "people.csv")
        let outcome = try shop.run(
            "train", "people.csv", "--target", "price", "--run", "run", "--set", "epochs=60", "--set", "data.ignore=id",
            "--set", "data.split.test=0")
        #expect(outcome.status == 0, "\(outcome.errors)")
        return shop
    }

    private static let rows = "id,age,city\n007,30,Oslo\n\"b,2\",40,Rome\n,50,Bern\n"

    @Test func idsStandBesideThePredictions() throws {
        let shop = try Self.trained()
        try shop.write(Self.rows, to: "new.csv")
        let plain = try shop.run("predict", "run", "new.csv")
        #expect(plain.lines.first == "prediction" && plain.lines.count == 4, "\(plain.errors)")
        #expect(plain.errors.contains("--id id"), "\(plain.errors)")
        let values = plain.lines.dropFirst()
        let named = try shop.run("predict", "run", "new.csv", "--id", "id", "--id", "city")
        #expect(!named.errors.contains("--id"), "\(named.errors)")
        #expect(named.lines.first == "id,city,prediction")
        let ids = ["007,Oslo", "\"b,2\",Rome", "\"\",Bern"]
        #expect(Array(named.lines.dropFirst()) == zip(ids, values).map { "\($0),\($1)" })
        // age is a number for the model, and a text beside the predictions
        #expect(try shop.run("predict", "run", "new.csv", "--id", "age").lines[1].hasPrefix("30,"))
        let json = try shop.run("predict", "run", "new.csv", "--id", "id", "--json").json()
        #expect((json["ids"] as? [String: [String]])?["id"] == ["007", "b,2", ""])
        for (arguments, says) in [
            (["--id", "ID2"], "ID2"), (["--id", "id", "--id", "id"], "twice"), (["--id", "prediction"], "rename"),
            (["--id", "id", "--output", "p.npy"], "array"),
        ] {
            let outcome = try shop.run(["predict", "run", "new.csv"] + arguments)
            #expect([64, 65].contains(outcome.status) && outcome.errors.contains(says), "\(outcome.errors)")
        }
    }

    @Test func jsonLinesHaveTheNumbersOfCSV() throws {
        let shop = try Self.trained()
        try shop.write(Self.rows, to: "new.csv")
        let values = try shop.run("predict", "run", "new.csv").lines.dropFirst().compactMap(Double.init)
        let lines = try shop.run("predict", "run", "new.csv", "--id", "id", "--format", "jsonl").lines
        let objects = try lines.map {
            try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
        #expect(objects.map { $0["id"] as? String } == ["007", "b,2", ""])
        #expect(objects.compactMap { $0["prediction"] as? Double } == values)
        let outcome = try shop.run("predict", "run", "new.csv", "--id", "id", "--output", "new.jsonl")
        #expect(outcome.status == 0 && outcome.output.isEmpty)
        #expect(try shop.read("new.jsonl").split(separator: "\n").map(String.init) == lines)
        #expect(try shop.run("predict", "run", "new.csv", "--output", "new.xls").status == 64)
        #expect(try shop.run("predict", "run", "new.csv", "--format", "npy").status == 64)
    }

    /// Rows from a pipe, as CSV and as JSON lines, have the predictions that a file has.
    @Test func aPipeIsReadToItsEnd() throws {
        let shop = try Self.trained()
        var (csv, jsonl) = ("city,id,age\n", "")
        for row in 0..<20_000 {
            let city = row % 50 == 0 ? "Os\"\"lo, or\nelse" : "Rome"
            csv += "\"\(city)\",\(row),\(17 + row % 74)\n"
            let text = row % 50 == 0 ? "Os\\\"lo, or\\nelse" : "Rome"
            jsonl += "{\"id\": \(row), \"age\": \(17 + row % 74), \"city\": \"\(text)\"}\n"
        }
        try shop.write(csv, to: "new.csv")
        try shop.write(jsonl, to: "new.jsonl")
        let program = try Workshop.executable("batchwise").path
        let file = try shop.run("predict", "run", "new.csv", "--id", "id")
        #expect(file.status == 0 && file.lines.count == 20_001)
        #expect(file.errors.contains("400 rows have a city that training did not have"), "\(file.errors)")
        for name in ["new.csv", "new.jsonl"] {
            let piped = try shop.run(
                program: "/bin/sh", ["-c", "cat \(name) | '\(program)' predict run - --id id"])
            #expect(piped.status == 0, "\(piped.errors)")
            #expect(piped.lines == file.lines, "\(name)")
            #expect(piped.errors.contains("400 rows have a city that training did not have"), "\(piped.errors)")
        }
        // rows that come late are answered in their time
        let slow = try shop.run(
            program: "/bin/sh",
            ["-c", "(head -c 200000 new.csv; sleep 0.3; tail -c +200001 new.csv) | '\(program)' predict run - --id id"])
        #expect(slow.lines == file.lines)
        #expect(
            try shop.run(program: "/bin/sh", ["-c", "cat new.csv | '\(program)' predict run - --json"]).json()[
                "predictions"]
                as? [Double] == file.lines.dropFirst().compactMap { Double($0.split(separator: ",").last ?? "") })
    }

    @Test(arguments: [
        ("", "is empty", Int32(65)), ("age,city\n", "no row", 65), ("{\"age\": 1}\n", "city", 65),
        ("{\"age\": 1, \"city\": [1]}\n", "a cell is a text or a number", 65),
        ("[{\"age\": 1}]\n", "one object a line", 65),
        ("{\"age\": 1, \"city\": \"Oslo\"}\n{\"age\": ", "line 2", 65), ("age,city\n30,Oslo\nx,Rome\n", "line 3", 65),
    ])
    func badInputOfAPipe(text: String, says: String, status: Int32) throws {
        let shop = try Self.trained()
        try shop.write(text, to: "input")
        let program = try Workshop.executable("batchwise").path
        let outcome = try shop.run(program: "/bin/sh", ["-c", "'\(program)' predict run - < input"])
        #expect(outcome.status == status && outcome.errors.contains(says), "\(outcome.errors)")
        #expect(outcome.errorLines.count == 1, "\(outcome.errors)")
    }

    @Test func rowsUnlikeThoseOfTrainingAreNoticed() throws {
        let shop = try Self.trained()
        var text = "age,city\n"
        for row in 0..<300 {
            text += "\(row >= 4 && row < 16 ? "412" : row == 20 ? "" : row == 21 ? "92" : "30"),Oslo\n"
        }
        try shop.write(text, to: "new.csv")
        let outcome = try shop.run("predict", "run", "new.csv")
        #expect(outcome.status == 0 && outcome.lines.count == 301)
        #expect(
            outcome.errors.contains(
                "12 of 300 rows: age far beyond what training had (17 to 90); the first is 412 in line 6"),
            "\(outcome.errors)")
        #expect(outcome.errors.contains("1 of 300 rows: age is missing, read as 5"), "\(outcome.errors)")
        #expect(outcome.errors.contains("the first in line 22"), "\(outcome.errors)")
        // the negative control: rows like those of training
        try shop.write("age,city\n17,Oslo\n90,Rome\n95,Bern\n", to: "usual.csv")
        #expect(try shop.run("predict", "run", "usual.csv").errors.isEmpty)
    }

    @Test func evaluateSaysHowManyRowsWereTrainedOn() throws {
        let shop = try Workshop()
        var text = "x,y\n"
        for row in 0..<100 { text += "\(row),\(3 * row + row % 7)\n" }
        try shop.write(text, to: "all.csv")
        let trained = try shop.run(
            "train", "all.csv", "--target", "y", "--set", "data.task=regression", "--set", "epochs=5", "--run", "run",
            "--json"
        ).json()
        let whole = try shop.run("evaluate", "run", "all.csv")
        #expect(whole.errors.contains("80 of these 100 rows are among those that were trained on"), "\(whole.errors)")
        #expect(try shop.run("evaluate", "run", "all.csv", "--json").json()["trained_on"] as? Int == 80)
        // a copy is the same rows, and others are none of them
        try shop.write("x,y\n1000,1\n1001,2\n", to: "other.csv")
        #expect(try shop.run("evaluate", "run", "other.csv").errors.contains("none of these 2 rows"))
        // the rows that were held out
        let held = try shop.run("evaluate", "run", "--json").json()
        #expect(held["examples"] as? Int == 20 && held["part"] as? String == "test")
        #expect(held["loss"] as? Double == trained["test_loss"] as? Double)
        #expect(try shop.run("evaluate", "run").errors.contains("the 20 test rows that the run held out of all.csv"))
        let model = try shop.run("evaluate", "run/model.safetensors")
        #expect(model.status == 64 && model.errors.contains("name labelled rows"), "\(model.errors)")
        // other data under the same name
        try shop.write(text.replacing("\n5,", with: "\n5.5,"), to: "all.csv")
        let changed = try shop.run("evaluate", "run")
        #expect(changed.status == 65 && changed.errors.contains("no longer"), "\(changed.errors)")
        try FileManager.default.removeItem(atPath: shop.path("all.csv"))
        #expect(try shop.run("evaluate", "run", "other.csv").errors.contains("cannot be told"))
        #expect(try shop.run("evaluate", "run").status == 66)
    }
}
