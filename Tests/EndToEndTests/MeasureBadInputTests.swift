import Foundation
import Testing

/// Every measure ends well on bad input: with a result without "nan" and "inf", or a documented status and one sentence.
@Suite struct MeasureBadInputTests {
    private static let isSlowWanted = ProcessInfo.processInfo.environment["BATCHWISE_SLOW"] != nil

    /// The measures, as short as they can be.
    private static let measures: [[String]] = [
        ["measure", "learning-rate", "--seeds", "1", "--updates", "20"],
        ["measure", "variance"],
        ["measure", "noise-scale", "--hessian"],
        ["measure", "noise-scale", "--along", "200 updates"],
        ["measure", "diversity"],
        ["measure", "curvature", "--vectors", "3", "--along", "200 updates"],
        ["measure", "sharpness", "--slice", "1", "--starts", "1"],
        ["measure", "throughput", "--seconds", "0.001"],
        ["measure", "memory"],
        ["measure", "critical-batch", "--seeds", "2", "--factors", "1,2"],
        ["advise", "--budget", "2s"],
        ["sweep", "--over", "batch.size=4,16", "--set", "epochs=1", "--run", "sweep"],
        ["train", "--noise-scale", "--set", "epochs=2", "--run", "run"],
        ["measure", "noise-scale", "--after", "3 updates"],
        ["measure", "curvature", "--examples", "100"],
    ]

    /// The measures that the usual suite runs on an input: one, another for each input.
    private static func measures(of place: Int) -> [[String]] {
        isSlowWanted ? measures : [measures[place % measures.count]]
    }

    @Test(arguments: BadInput.all.indices) func everyMeasureEndsWell(place: Int) throws {
        let input = BadInput.all[place]
        for measure in Self.measures(of: place) { try Self.check(measure, input) }
    }

    /// Inputs on which a measure has gone wrong.
    @Test(arguments: [
        ("constant numbers", 0), ("two classes, two examples", 0), ("equal examples", 0), ("batches of 1", 0),
        ("one row of 1e30", 0), ("equal examples", 5), ("equal examples", 10), ("equal gradients", 10),
        ("weights of 0", 5),
    ])
    func whatWentWrongEndsWell(name: String, measure: Int) throws {
        let input = try #require(BadInput.all.first { $0.name == name })
        try Self.check(Self.measures[measure], input)
    }

    @Test func equalGradientsAreToldInASentence() throws {
        let shop = try Workshop()
        let input = try #require(BadInput.all.first { $0.name == "equal gradients" })
        try shop.write(input.lines.joined(separator: "\n") + "\n", to: "rows.csv")
        let noise = try shop.run(["measure", "noise-scale"] + input.source)
        #expect(noise.status == 0 && noise.output.contains("The gradients of all examples are equal"), "\(noise)")
        #expect(noise.output.contains("The gradients of all batches are equal"), "\(noise)")
        let advice = try shop.run(["advise", "--budget", "2s"] + input.source)
        #expect(advice.status == 65 && advice.errors.contains("the gradients of all examples are equal"), "\(advice)")
    }

    /// Runs a measure for people and for programs.
    private static func check(_ measure: [String], _ input: BadInput) throws {
        for isJSON in [false, true] {
            let shop = try Workshop()
            try shop.write(input.lines.joined(separator: "\n") + "\n", to: "rows.csv")
            let outcome = try shop.run(measure + input.source + (isJSON ? ["--json"] : []))
            var found = faults(of: outcome, isJSON: isJSON, isExtreme: input.isExtreme)
            // the paths of a run are long
            if measure[0] == "train" { found.removeAll { $0 == "a wide line" } }
            #expect(found.isEmpty, "\(measure) of \(input.name): \(found) \(outcome)")
        }
    }

    /// The faults of an outcome.
    static func faults(of outcome: Workshop.Outcome, isJSON: Bool, isExtreme: Bool) -> [String] {
        var faults: [String] = []
        if ![0, 64, 65, 66].contains(outcome.status) { faults.append("status \(outcome.status)") }
        if outcome.status != 0 {
            if outcome.errorLines.filter({ $0.hasPrefix("batchwise: ") }).count != 1 { faults.append("no sentence") }
            if !outcome.output.isEmpty { faults.append("output beside a failure") }
        }
        let words = outcome.output.split { !($0.isLetter || $0.isNumber || "-.+_".contains($0)) }.map {
            $0.lowercased().trimmingCharacters(in: CharacterSet(charactersIn: "."))
        }
        let bad: Set = ["nan", "-nan", "inf", "-inf", "+inf", "infinity", "-infinity", "-0", "-0.0", "+-0"]
        faults += words.filter(bad.contains).map { "\"\($0)\"" }
        if !isExtreme {
            let exponents = words.compactMap { word in
                Double(word).flatMap { _ in word.split(separator: "e").dropFirst().first.flatMap { Int($0) } }
            }
            if let absurd = exponents.first(where: { abs($0) > 25 }) { faults.append("e\(absurd)") }
        }
        if isJSON, outcome.status == 0 {
            let object = try? JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
            if outcome.lines.count != 1 || object as? [String: Any] == nil { faults.append("no JSON") }
        } else if outcome.lines.contains(where: { $0.count > 80 }) {
            faults.append("a wide line")
        }
        return faults
    }

    // MARK: Simulations

    @Test(arguments: [
        ["noise-floor", "--curvature", "1e-30"], ["noise-floor", "--rate", "1e-300"], ["noise-floor", "--rate", "nan"],
        ["noise-floor", "--noise", "1e300"], ["noise-floor", "--noise", "inf"], ["noise-floor", "--momentum=-0"],
        ["noise-floor", "--momentum", "0.99999999999999999"], ["temperature", "--curvature", "1e-320"],
        ["temperature", "--rates", "1e-30"], ["temperature", "--temperature", "1e300"],
        ["temperature", "--temperature", "1e-300"], ["delay", "--curvature", "1e-300"],
        ["delay", "--curvature", "1e300"],
        ["best-batch", "--critical-batch", "1e300"], ["best-batch", "--seconds", "1e-300"],
        ["best-batch", "--seconds-per-example", "1e300"],
        ["updates-to-goal", "--dimensions", "10", "--goal", "1e-300"],
        ["updates-to-goal", "--dimensions", "1", "--exponent", "4"],
    ])
    func simulationsEndWell(command: [String]) throws {
        let small = ["noise-floor", "temperature"].contains(command[0]) ? ["--chains", "4", "--updates", "100"] : []
        for isJSON in [false, true] {
            let start = ContinuousClock.now
            let outcome = try Workshop().run(["simulate", "sgd"] + command + small + (isJSON ? ["--json"] : []))
            let found = Self.faults(of: outcome, isJSON: isJSON, isExtreme: true)
            #expect(found.isEmpty, "\(command): \(found) \(outcome)")
            #expect(ContinuousClock.now - start < .seconds(20), "\(command)")
        }
    }

    @Test func aFaultIsSeen() {
        func outcome(_ output: String, _ errors: String = "", status: Int32 = 0) -> Workshop.Outcome {
            .init(status: status, output: output, errors: errors)
        }
        func faults(_ outcome: Workshop.Outcome, isJSON: Bool = false) -> [String] {
            Self.faults(of: outcome, isJSON: isJSON, isExtreme: false)
        }
        #expect(faults(outcome("all is well, 12.5 to 3e-7 of banana info\n")).isEmpty)
        #expect(faults(outcome("low nan, high (inf)\n")) == ["\"nan\"", "\"inf\""])
        #expect(faults(outcome("-0 of 3\n")) == ["\"-0\""] && faults(outcome("value 3.1e-38.\n")) == ["e-38"])
        #expect(faults(outcome("{\"low\": NaN}\n"), isJSON: true) == ["\"nan\"", "no JSON"])
        #expect(faults(outcome("", "Fatal error\n", status: -4)) == ["status -4", "no sentence"])
        #expect(faults(outcome("x\n", "batchwise: no\n", status: 65)) == ["output beside a failure"])
        #expect(faults(outcome(String(repeating: "x", count: 81) + "\n")) == ["a wide line"])
    }
}
