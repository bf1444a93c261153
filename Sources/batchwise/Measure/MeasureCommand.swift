import ArgumentParser

/// `batchwise measure`: what a batch size, a rate and a machine do to one recipe, by numbers.
struct MeasureCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "measure",
        abstract: "Measure what decides a batch: noise, speed, memory, rate, curvature.",
        discussion: """
            Nothing is written, and no parameter is changed.

            Examples:
              batchwise measure noise-scale digits
              batchwise measure curvature digits --along "1 epochs"
              batchwise measure noise-scale houses.csv --target price --after "2 epochs" \\
                --json
              batchwise measure diversity photos --run runs/photos --top 20
              batchwise measure throughput recipe.yaml
              batchwise measure learning-rate digits
            """,
        subcommands: [
            MeasureVariance.self, MeasureNoiseScale.self, MeasureDiversity.self, MeasureThroughput.self,
            MeasureMemory.self, MeasureLearningRate.self, MeasureCurvature.self, MeasureSharpness.self,
            MeasureCriticalBatch.self,
        ])
}
