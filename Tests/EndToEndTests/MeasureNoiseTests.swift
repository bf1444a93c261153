import Foundation
import Testing

/// `batchwise measure variance`, `noise-scale` and `diversity`, and `train --noise-scale`.
@Suite struct MeasureNoiseTests {
    private static let digits = ["digits", "--set", "model=linear", "--threads", "2"]

    /// Three measures of the same parameters agree: the noise scale over all examples lies in the interval, and the bound
    /// of the diversity is one more.
    @Test func threeMeasuresAgree() throws {
        let shop = try Workshop()
        let after = ["--after", "20 updates", "--json"]
        let variance = try shop.run(["measure", "variance", "--batches", "8,64"] + Self.digits + after).json()
        let noise = try shop.run(["measure", "noise-scale", "--updates", "300"] + Self.digits + after).json()
        let diversity = try shop.run(["measure", "diversity", "--top", "3"] + Self.digits + after).json()
        let scale = try #require(variance["noise_scale"] as? Double)
        #expect(try #require(noise["low"] as? Double) < scale && scale < #require(noise["high"] as? Double))
        #expect(noise["verdict"] as? String == "measured" && noise["updates"] as? Int == 300)
        #expect(abs(try #require(diversity["batch_bound"] as? Double) / (1 + scale) - 1) < 1e-3)
        let rows = try #require(variance["batches"] as? [[String: Any]])
        for row in rows {
            let predicted = try #require(row["predicted"] as? Double)
            #expect(abs(try #require(row["measured"] as? Double) / predicted - 1) < 0.2)
        }
        #expect(rows.compactMap { $0["batch"] as? Int } == [8, 64])
        #expect((diversity["examples"] as? [[String: Any]])?.count == 3)
        #expect(try shop.contents() == [])
    }

    @Test func textsFitATerminal() throws {
        let shop = try Workshop()
        for measure in ["variance", "noise-scale", "diversity"] {
            let outcome = try shop.run(["measure", measure] + Self.digits)
            #expect(outcome.status == 0 && outcome.errors.isEmpty)
            #expect(outcome.lines.allSatisfy { $0.count <= 80 }, "\(measure): \(outcome.output)")
            #expect(outcome.output.contains("of digits at its first parameters"))
        }
    }

    /// Rows are named as they stand in the file, though some of them are held out.
    @Test func aWrongLabelIsFoundByItsRow() throws {
        let shop = try Workshop()
        let rows = (1...200).map { row in
            let x = Double(row % 10) - 4.5
            return "\(x),\(row % 7),\((x > 0) == (row != 155) ? "yes" : "no")"
        }
        try shop.write((["x,y,label"] + rows).joined(separator: "\n") + "\n", to: "rows.csv")
        let outcome = try shop.run(
            "measure", "diversity", "rows.csv", "--target", "label", "--after", "20 epochs", "--set", "epochs=20",
            "--set", "data.split.test=0.1", "--top", "1", "--json")
        let found = try #require(try outcome.json()["examples"] as? [[String: Any]])
        #expect(found.first?["row"] as? Int == 155 && found.first?["target"] as? String == "no", "\(found)")
    }

    /// The noise scale of a run stands in the lines of its epochs, and changes no bit.
    @Test func trainingMeasuresItsNoise() throws {
        let shop = try Workshop()
        let settings = ["train"] + Self.digits + ["--set", "epochs=4", "--json"]
        let plain = try shop.run(settings + ["--run", "plain"])
        let measured = try shop.run(settings + ["--run", "measured", "--noise-scale"])
        #expect(try plain.hash() == measured.hash())
        func noises(_ run: String) throws -> [[String: Any]] {
            try shop.read("\(run)/events.jsonl").split(separator: "\n").compactMap { line in
                let event = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
                return event?["noise"] as? [String: Any]
            }
        }
        #expect(try noises("plain").isEmpty)
        let found = try noises("measured")
        #expect(found.count == 4 && (found.last?["variance"] as? Double ?? 0) > 0)
        #expect(found.compactMap { $0["updates"] as? Int } == [6, 12, 17, 23])
        // the result has that of the last epoch, and says what it means for the batch
        let end = try measured.json()["noise"] as? [String: Any]
        #expect(end?["variance"] as? Double == found.last?["variance"] as? Double && end?["updates"] as? Int == 23)
        #expect(try plain.json()["noise"] is NSNull)
        let text = try shop.run(["train"] + Self.digits + ["--set", "epochs=4", "--run", "text", "--noise-scale"])
        let sentence = try #require(text.output.split(separator: "noise scale ").last)
        #expect(sentence.contains("the batch of 32 is") && text.lines.allSatisfy { $0.count <= 80 }, "\(text.output)")
    }

    /// The noise with the curvature, and along a training, stand in one object and in lines that fit a terminal.
    @Test func curvatureAndCourseAreMeasured() throws {
        let shop = try Workshop()
        let command = ["measure", "noise-scale"] + Self.digits + ["--set", "epochs=3"]
        let json = try shop.run(command + ["--along", "2 epochs", "--json"]).json()
        let weighed = try #require(json["hessian"] as? [String: Any])
        let scale = try #require(weighed["noise_scale"] as? Double)
        let ratio = try #require(weighed["along_noise"] as? Double) / #require(weighed["along_gradient"] as? Double)
        #expect(abs(scale / ratio - 1) < 1e-9 && weighed["verdict"] as? String == "measured")
        #expect(try #require(weighed["low"] as? Double) < scale && scale < #require(weighed["high"] as? Double))
        #expect((weighed["layers"] as? [[String: Any]])?.count == 1 && json["hessian_reason"] is NSNull)
        let course = try #require(json["along"] as? [[String: Any]])
        #expect(course.compactMap { $0["updates"] as? Int } == [0, 90, 135])
        #expect(course[0]["noise_scale"] as? Double == json["noise_scale"] as? Double)
        #expect(course[0]["learning_rate"] as? Double ?? 0 > course[1]["learning_rate"] as? Double ?? 1)
        let text = try shop.run(command + ["--along", "2 epochs"])
        #expect(text.errors == "" && text.lines.allSatisfy { $0.count <= 80 }, "\(text.output)")
        #expect(text.output.contains("tr(HS) / G'HG") && text.output.contains("● noise scale"))
        #expect(text.output.contains("135 updates"))
        let without = try shop.run(command + ["--no-hessian", "--json"]).json()
        #expect(without["hessian"] is NSNull && without["along"] is NSNull)
        #expect(without["noise_scale"] as? Double == json["noise_scale"] as? Double)
    }

    /// A model without products of the Hessian is measured without them, and says so.
    @Test func aReasonStandsInPlaceOfTheCurvature() throws {
        let command = [
            "measure", "noise-scale", "digits", "--set",
            "model=[flatten, {dense: 8}, {batch-norm: batch}, {dense: classes}]",
        ]
        let shop = try Workshop()
        let json = try shop.run(command + ["--json"]).json()
        #expect(json["hessian"] is NSNull && (json["hessian_reason"] as? String)?.contains("batch-norm") == true)
        let text = try shop.run(command)
        #expect(text.status == 0 && text.lines.allSatisfy { $0.count <= 80 }, "\(text.output)")
        #expect(text.output.contains("the noise is not weighed by the curvature"))
        let refused = try shop.run(command + ["--hessian"])
        #expect(refused.status == 64 && refused.errors.contains("batch-norm") && refused.output.isEmpty)
    }

    @Test func badInputGivesASentence() throws {
        let shop = try Workshop()
        try shop.write("x,y\n1,a\n2,a\n3,a\n4,a\n", to: "constant.csv")
        try shop.write("x,y\n1,2.5\n", to: "one.csv")
        let cases: [(arguments: [String], status: Int32, part: String)] = [
            (["variance", "digits", "--batches", "5000"], 65, "more than the 1438 training examples"),
            (["variance", "digits", "--batches", "0"], 64, "--batches"),
            (["noise-scale", "digits", "--updates", "1"], 64, "--updates"),
            (["noise-scale", "digits", "--after", "soon"], 64, "--after"),
            (["noise-scale", "digits", "--along", "0 epochs"], 64, "--along"),
            (["noise-scale", "one.csv", "--target", "y"], 65, "compares at least 2"),
            (
                ["diversity", "digits", "--set", "model=[{dense: 8}, {batch-norm: batch}, {dense: classes}]"], 64,
                "batch-norm"
            ),
            (
                ["variance", "digits", "--after", "1 epochs", "--set", "learning-rate=1e30", "--set", "optimizer=sgd"],
                65,
                "stopped being finite"
            ),
        ]
        for (arguments, status, part) in cases {
            let outcome = try shop.run(["measure"] + arguments)
            #expect(outcome.status == status && outcome.output.isEmpty, "\(arguments): \(outcome)")
            #expect(outcome.errorLines.count >= 1 && outcome.errors.contains(part), "\(arguments): \(outcome.errors)")
        }
        let constant = try shop.run("measure", "noise-scale", "constant.csv", "--target", "y", "--json")
        #expect(constant.status == 65 || !constant.output.contains("nan"), "\(constant)")
    }
}
