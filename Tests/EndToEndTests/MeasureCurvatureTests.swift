import Foundation
import Testing

/// `batchwise measure curvature` and `batchwise measure sharpness`, as a person runs them.
@Suite struct MeasureCurvatureTests {
    private static let small = ["--examples", "100", "--set", "model=[{dense: 8}, tanh, {dense: classes}]"]

    @Test func curvatureIsOneObject() throws {
        let shop = try Workshop()
        let outcome = try shop.run(
            [
                "measure", "curvature", "digits", "--json", "--eigenvalues", "2", "--vectors", "4", "--set",
                "optimizer=sgd",
            ]
                + Self.small)
        #expect(outcome.status == 0 && outcome.errors == "")
        let json = try outcome.json()
        let eigenvalues = try #require(json["eigenvalues"] as? [Double])
        #expect(eigenvalues.count == 2 && eigenvalues[0] > eigenvalues[1] && eigenvalues[1] > 0)
        let limit = try #require(json["stability_limit"] as? Double)
        #expect(abs(limit * eigenvalues[0] - 2) < 1e-9 && json["stability_formula"] as? String == "2/L")
        let trace = try #require(json["trace"] as? Double)
        #expect((json["trace_low"] as? Double ?? .infinity) < trace && (json["trace_high"] as? Double ?? 0) > trace)
        #expect((json["learning_rate"] as? Double ?? 0) > 0 && json["examples"] as? Int == 100)
        #expect(json["converged"] as? [Bool] == [true, true] && json["along"] is NSNull)
        // the machine changes no bit
        let again = try shop.run(
            [
                "measure", "curvature", "digits", "--json", "--eigenvalues", "2", "--vectors", "4", "--threads", "1",
                "--micro-batch", "16", "--set", "optimizer=sgd",
            ] + Self.small)
        #expect(again.output == outcome.output)
    }

    @Test func curvatureIsReadByAPerson() throws {
        let outcome = try Workshop().run(
            [
                "measure", "curvature", "digits", "--vectors", "4", "--along", "1 epochs", "--set", "epochs=3", "--set",
                "optimizer=sgd", "--set", "learning-rate=0.05",
            ] + Self.small)
        #expect(outcome.status == 0 && outcome.errors == "")
        #expect(outcome.lines.allSatisfy { $0.count <= 80 }, "\(outcome.output)")
        let text = outcome.output
        #expect(text.contains("largest 1") && text.contains("most negative") && text.contains("error at most"))
        #expect(text.contains("largest stable rate 2/L = ") && text.contains("the recipe's rate here is 0.05"))
        #expect(text.contains("● largest eigenvalue") && text.contains("135 updates"))
        // few steps are told
        let few = try Workshop().run(
            [
                "measure", "curvature", "digits", "--steps", "3", "--vectors", "2", "--eigenvalues", "1", "--set",
                "optimizer=adam",
            ] + Self.small)
        #expect(few.status == 0 && few.output.contains("not converged") && few.output.contains("More --steps"))
        #expect(few.output.contains("No largest stable rate is known"))
    }

    @Test func sharpnessIsOneObjectAndIsReadByAPerson() throws {
        let shop = try Workshop()
        let command = ["measure", "sharpness", "digits", "--after", "2 epochs", "--dimensions", "10", "--starts", "2"]
        let outcome = try shop.run(command + ["--json", "--slice", "1"] + Self.small)
        #expect(outcome.status == 0 && outcome.errors == "")
        let json = try outcome.json()
        let boxes = try #require(json["boxes"] as? [[String: Any]])
        #expect(boxes.map { $0["epsilon"] as? Double } == [0.001, 0.0005, 0.001, 0.0005])
        #expect(boxes.map { $0["dimensions"] as? Int } == [nil, nil, 10, 10])
        let sharpness = boxes.compactMap { $0["sharpness"] as? Double }
        #expect(sharpness.count == 4 && sharpness[0] > sharpness[1] && sharpness[2] > sharpness[3] && sharpness[3] > 0)
        let slice = try #require(json["slice"] as? [String: Any])
        let losses = try #require(slice["losses"] as? [Double])
        #expect(losses.count == 41 && losses[20] == json["loss"] as? Double)
        #expect((json["caveat"] as? String)?.contains("ReLU") == true)
        for slice in ["1", "2"] {
            let text = try shop.run(command + ["--slice", slice, "--epsilon", "0.001"] + Self.small)
            #expect(text.status == 0 && text.lines.allSatisfy { $0.count <= 80 }, "\(text.output)")
            #expect(text.output.contains("Dinh 2017") && text.output.contains("10 random directions"))
            #expect(text.lines.count > 25)
        }
    }

    @Test(arguments: [
        (["curvature", "digits", "--examples", "5000"], 65, "1438"),
        (["curvature", "digits", "--steps", "0"], 64, "--steps"),
        (["curvature", "digits", "--along", "soon"], 64, "--along"),
        (["curvature", "digits", "--along", "0 epochs"], 64, "--along"),
        (
            ["curvature", "digits", "--set", "model=[{dense: 4}, {batch-norm: batch}, {dense: classes}]"], 64,
            "batch-norm"
        ),
        (["curvature", "one.csv", "--target", "y"], 65, "one.csv"),
        (["sharpness", "same.csv", "--target", "y"], 65, "same.csv"),
        (["sharpness", "nan.csv", "--target", "y"], 65, "nan.csv"),
        (["curvature", "digits", "--memory", "100KiB"], 64, "memory"),
        (["sharpness", "digits", "--slice", "3"], 64, "--slice"),
        (["sharpness", "digits", "--epsilon", "0"], 64, "--epsilon"),
        (["sharpness", "digits", "--after", "1 epochs", "--set", "learning-rate=1e30"], 65, "finite"),
    ])
    func whatCannotBeMeasuredIsToldInALine(arguments: [String], status: Int32, text: String) throws {
        let shop = try Workshop()
        try shop.write("x,y\n1,2\n", to: "one.csv")
        try shop.write("x,y\n1,2\n3,2\n4,2\n5,2\n6,2\n", to: "same.csv")
        try shop.write("x,y\n1,2\n3,inf\n4,2.5\n5,3\n6,2.7\n", to: "nan.csv")
        let outcome = try shop.run(["measure"] + arguments)
        #expect(outcome.status == status && outcome.output == "", "\(outcome)")
        #expect(outcome.errorLines.last?.contains(text) == true, "\(outcome)")
    }
}
