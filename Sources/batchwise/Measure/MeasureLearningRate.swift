import ArgumentParser
import Batchwise
import BatchwiseExperiments
import BatchwiseRuns
import Foundations

/// `batchwise measure learning-rate`
struct MeasureLearningRate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "learning-rate",
        abstract: "Measure the largest stable learning rate at several batches, and suggest one.",
        discussion: """
            The rate grows update by update until the loss diverges, in copies of the model
            with several seeds. Short runs then choose the part of that rate that trains
            best, and the exponent of rate against batch says by which rule a rate is
            carried to another batch.

            Examples:
              batchwise measure learning-rate digits
              batchwise measure learning-rate houses.csv --target price \\
                --batches 8,32,128 --json
              batchwise measure learning-rate recipe.yaml --after "2 epochs" --seeds 5 \\
                --updates 300
            """)

    @OptionGroup var options: SubjectOptions

    @Option(help: "Batches to measure, for example 8,32,128; without it the recipe's, a quarter and four times of it.")
    var batches: BatchList?

    @Option(help: "Seeds that each rate is measured with.")
    var seeds = 3

    @Option(help: "Updates in which the rate grows tenfold; short runs that compare rates have half as many, or twice.")
    var updates = 200

    @OptionGroup var output: OutputOptions

    func validate() throws {
        if !(1...100).contains(seeds) { throw ValidationError("--seeds must be from 1 to 100") }
        if !(20...100_000).contains(updates) { throw ValidationError("--updates must be from 20 to 100000") }
    }

    func run() throws {
        let (subject, parameters) = try options.subject()
        let interruption = Interruption.catchingSignals()
        let display = CountDisplay("runs done")
        defer { display.clear() }
        let measured = try LearningRateMeasurement(
            subject, batches: batches?.sizes, seeds: seeds, updates: updates
        ) { done, expected in
            if interruption.isRequested {
                throw Failure(.interrupted, "interrupted: the measurement was not finished, and nothing was written")
            }
            display.draw(done, expected)
        }
        display.clear()
        if output.json { return try Output.write(measured.json) }
        try Output.write(measured.text(of: options.source, parameters: parameters, subject.recipe))
    }
}
