import ArgumentParser

/// `batchwise simulate`: theory that runs.
struct SimulateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Simulate how batch, rate and noise act, and training by many workers.",
        discussion: """
            Nothing is written.

            Examples:
              batchwise simulate sgd noise-floor --rate 0.3 --momentum 0.9
              batchwise simulate sgd updates-to-goal
              batchwise simulate cluster digits --critical-batch 200
            """,
        subcommands: [SimulateSGD.self, SimulateCluster.self])
}

/// `batchwise simulate sgd`
struct SimulateSGD: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sgd",
        abstract: "Simulate SGD on quadratics, beside the closed forms.",
        discussion: """
            Examples:
              batchwise simulate sgd noise-floor --curvature 1,0.1 --rate 0.3
              batchwise simulate sgd temperature --rates 0.01,0.1,1
              batchwise simulate sgd delay --delays 0,1,2,4,8
              batchwise simulate sgd updates-to-goal --momentum 0.9
              batchwise simulate sgd best-batch --critical-batch 200 --seconds 0.016
            """,
        subcommands: [
            SimulateNoiseFloor.self, SimulateTemperature.self, SimulateDelay.self, SimulateUpdatesToGoal.self,
            SimulateBestBatch.self,
        ])
}
