import ArgumentParser
import Batchwise
import BatchwiseData
import Foundation
import Foundations

/// `batchwise`: trains models and uses them. Each command has its own file.
@main
struct BatchwiseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "batchwise",
        abstract: "Mini-batch SGD: the recipe decides the result, the machine decides only how fast.",
        discussion: """
            Example:
              batchwise train digits
              batchwise train houses.csv --target price
              batchwise predict runs/houses-20260101T120000Z new-houses.csv
            """,
        version: Version.text,
        subcommands: [
            Train.self, Evaluate.self, Predict.self, Generate.self, PlanCommand.self, MeasureCommand.self,
            SweepCommand.self, RunsCommand.self, Advise.self, Launch.self, SimulateCommand.self, AuditCommand.self,
            Init.self,
            DataCommand.self,
        ])

    static func main() {
        // a file that may not grow further is an error of writing it, not the end of the process
        signal(SIGXFSZ, SIG_IGN)
        var failure: (any Error)?
        do {
            let name = CommandLine.arguments.dropFirst().first
            try requireKnownCommand(name)
            try LaunchedProcesses.begin(name)
            var command = try parseAsRoot()
            try command.run()
        } catch {
            failure = error
        }
        let status = LaunchedProcesses.end(failure)
        if status != 0 { Foundation.exit(status) }
    }

    /// A misspelt command would be reported as so many unexpected arguments.
    private static func requireKnownCommand(_ name: String?) throws {
        guard let name, !name.hasPrefix("-") else { return }
        let known = configuration.subcommands.map { $0._commandName } + ["help"]
        guard !known.contains(name) else { return }
        let hint = nearestName(to: name, in: known).map { "did you mean \($0)?" }
        throw Failure(.usage, "unknown command \(name): \(hint ?? "known are \(known.joined(separator: ", "))")")
    }
}
