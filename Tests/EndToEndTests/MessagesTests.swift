import Foundation
import Testing

/// Messages say what is accepted, and which of two things is which.
@Suite struct MessagesTests {
    @Test(arguments: [
        (["train", "digits", "--checkpoint-every", "5"], "\"500 updates\", \"10000 examples\", \"2 epochs\""),
        (["train", "digits", "--memory", "5 apples"], "such as 512MiB"),
        (["train", "digits", "--data-memory", "lots"], "such as 512MiB"),
        (["train", "digits", "--threads", "two"], "a whole number"),
        (["train", "digits", "--threads", "1.5"], "a whole number"),
        (["train", "digits", "--memory", "1GiB", "--threads", "x"], "a whole number"),
        (["simulate", "cluster", "digits", "--workers", "4,0"], "such as 1,2,4"),
        (["simulate", "cluster", "digits", "--latency", "5 parsecs"], "such as 50us"),
        (["simulate", "cluster", "digits", "--bandwidth", "fast"], "such as 1Gbit"),
        (["simulate", "cluster", "digits", "--stragglers=-1"], "lognormal:0.1"),
        (["simulate", "cluster", "digits", "--scaling", "odd"], "weak"),
        (["advise", "digits", "--budget", "soon"], "such as 30s"),
        (["generate", "run", "--temperature", "hot"], "a number such as"),
        (["predict", "run", "new.csv", "--format", "xml"], "csv"),
    ])
    func refusedValuesNameTheAcceptedForms(arguments: [String], says: String) throws {
        let outcome = try Workshop().run(arguments)
        #expect(outcome.status == 64 && outcome.errorLines.count == 1, "\(outcome.errors)")
        #expect(outcome.errors.contains(says), "\(outcome.errors)")
    }

    @Test func minutesAreTaken() throws {
        let shop = try Workshop()
        for interval in ["10 minutes", "1 hour", "0.5 hours"] {
            #expect(try shop.run(TrainTests.short + ["--checkpoint-every", interval]).status == 0, "\(interval)")
        }
    }

    @Test func modelAndDataAreTold() throws {
        let shop = try Workshop()
        try shop.write(flowers, to: "flowers.csv")
        #expect(
            try shop.run("train", "flowers.csv", "--target", "kind", "--run", "run", "--set", "epochs=1").status == 0)
        for (arguments, says) in [
            (
                ["predict", "flowers.csv", "run"],
                "flowers.csv: is a table, not a model; the model comes first: run flowers.csv"
            ),
            (["evaluate", "flowers.csv", "run/model.safetensors"], "the model comes first"),
            (["predict", "run", "run"], "run: is the directory of a run, not data"),
            (["evaluate", "run", "run/model.safetensors"], "is a model, not data"),
            (["train", "run"], "batchwise train --resume run"),
            (["train", "run/model.safetensors"], "is a model, not data"),
            (["train", "flowers.csv", "--target", "kind", "--set", "model=cnn"], "use model: mlp or linear"),
            (
                ["train", "flowers.csv", "--target", "kind", "--set", "data.split={test: 0.7, validation: 0.6}"],
                "are 1.3 together"
            ),
        ] {
            let outcome = try shop.run(arguments)
            #expect([64, 65].contains(outcome.status) && outcome.errorLines.count == 1, "\(outcome.errors)")
            #expect(outcome.errors.contains(says), "\(arguments): \(outcome.errors)")
        }
        // the negative control: in their order they work
        #expect(try shop.run("predict", "run", "flowers.csv").status == 0)
    }

    @Test func tablesOfPlanAndAuditFit80Columns() throws {
        let shop = try Workshop()
        let plan = try shop.run("plan", "digits", "--no-measure").output
        let table = plan.components(separatedBy: "\n").drop { !$0.contains("floats of an example") }
        for line in table { #expect(line.count <= 80, "\(line)") }
        let audit = try shop.run("audit", "digits", "--no-kill", "--updates", "2", "--set", "batch.size=100")
        for line in audit.lines { #expect(line.count <= 80, "\(line)") }
    }
}
