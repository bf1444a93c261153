import ArgumentParser

/// `batchwise measure`: what a batch size, a rate and a machine do to one recipe, by numbers.
struct MeasureCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "measure",
        abstract: "Measure what decides a batch: the gradient's noise.",
        discussion: """
            Nothing is written, and no parameter is changed.

            Examples:
              batchwise measure variance digits
              batchwise measure noise-scale digits
              batchwise measure diversity photos --run runs/photos --top 20
              batchwise measure noise-scale houses.csv --target price --after "2 epochs" --json
            """,
        subcommands: [MeasureVariance.self, MeasureNoiseScale.self, MeasureDiversity.self, MeasureCriticalBatch.self])
}
