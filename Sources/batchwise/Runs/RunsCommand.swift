import ArgumentParser
import BatchwiseRuns
import Foundation
import Foundations

/// `batchwise runs`
struct RunsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runs",
        abstract: "List, compare and remove runs.",
        discussion: """
            Examples:
              batchwise runs
              batchwise runs list experiments --json
              batchwise runs compare runs/wide runs/narrow
              batchwise runs remove runs/first runs/second
            """,
        subcommands: [ListRuns.self, CompareRuns.self, RemoveRuns.self], defaultSubcommand: ListRuns.self)
}

/// `batchwise runs list`
struct ListRuns: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the runs of a folder, the oldest first.",
        discussion: """
            A run is running, finished, interrupted (train --resume goes on with it),
            failed, or damaged.

            Example:
              batchwise runs list runs
            """)

    @Argument(help: "The folder of the runs.")
    var folder = "runs"

    @OptionGroup var output: OutputOptions

    func run() throws {
        var status = stat()
        guard stat(folder, &status) == 0, status.st_mode & S_IFMT == S_IFDIR,
            let names = try? FileManager.default.contentsOfDirectory(atPath: folder)
        else {
            throw Failure(
                .missingInput, "\(folder): no such folder of runs; batchwise train makes runs, or name another folder")
        }
        let base = folder.hasSuffix("/") ? folder : folder + "/"
        let runs = names.sorted().compactMap { RunEntry(base + $0) }
            .sorted { ($0.began, $0.name) < ($1.began, $1.name) }
        guard !output.json else {
            return try Output.write(.object([("folder", .string(folder)), ("runs", .array(runs.map(\.json)))]))
        }
        guard !runs.isEmpty else { return try Output.write("\(folder): holds no runs\n") }
        try Output.write(runs.map(\.text).joined())
    }
}

/// `batchwise runs compare`
struct CompareRuns: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Show how the recipes and results of runs differ.",
        discussion: """
            Only the keys of the recipe that differ are shown.

            Example:
              batchwise runs compare runs/wide runs/narrow
            """)

    @Argument(help: "The directories of two or more runs.")
    var runs: [String]

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard runs.count >= 2 else { throw ValidationError("name two or more runs to compare") }
    }

    func run() throws {
        let entries = try runs.map { path in
            guard let entry = RunEntry(path) else {
                throw RunError.notARun(path, reason: "it holds no recipe.yaml with the log or a checkpoint of a run")
            }
            return entry
        }
        let comparison = RunComparison(entries.map(\.recipe))
        guard output.json else { return try Output.write(RunTable(entries, comparison).text) }
        try Output.write(
            .object([
                ("runs", .array(entries.map(\.json))),
                (
                    "differences",
                    .array(
                        comparison.keys.map { key, values in
                            .object([("key", .string(key)), ("values", .array(values.map { JSON($0) }))])
                        })
                ),
            ]))
    }
}

/// `batchwise runs remove`
struct RemoveRuns: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Remove the directories of runs.",
        discussion: """
            Only directories that a run has made are removed, none in which a run trains,
            and nothing that links lead to. All are looked at before any is removed.

            Example:
              batchwise runs remove runs/first runs/second --force
            """)

    @Argument(help: "The directories of the runs.")
    var runs: [String]

    @Flag(help: "Remove them without a question.")
    var force = false

    @OptionGroup var output: OutputOptions

    func run() throws {
        for path in runs { try RunRemoval.check(path) }
        if !force {
            guard isatty(STDIN_FILENO) == 1 else {
                throw Failure(
                    .usage, "nobody can be asked here whether to remove \(counted(runs.count, "run")): say --force")
            }
            let bytes = runs.compactMap { RunEntry($0)?.bytes }.reduce(0, +)
            Output.draw("remove \(counted(runs.count, "run")) of \(sizeText(bytes))? [y/N] ")
            guard let answer = readLine(), ["y", "yes"].contains(answer.lowercased()) else {
                throw Failure(.usage, "nothing is removed")
            }
        }
        for path in runs { try RunRemoval.remove(path) }
        if output.json { return try Output.write(.object([("removed", .array(runs.map { .string($0) }))])) }
        try Output.write("removed \(counted(runs.count, "run"))\n")
    }
}
