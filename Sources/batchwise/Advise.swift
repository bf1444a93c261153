import ArgumentParser
import Batchwise
import BatchwiseData
import BatchwiseExperiments
import BatchwiseRuns
import Foundation
import Foundations

/// `batchwise advise`
struct Advise: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Advise a batch, a learning rate and a length, from measurements.",
        discussion: """
            The speed over the batch, the largest stable rate and the noise of the gradient
            are measured; then settings are trained and compared while the time lasts. With
            --goal the setting that reaches it soonest is advised, else the one with the
            lowest loss of held-out examples. Nothing is written without --write.

            Examples:
              batchwise advise digits
              batchwise advise houses.csv --target price --budget 2min --write recipe.yaml
              batchwise advise recipe.yaml --goal test_accuracy=0.97 --json
            """)

    @OptionGroup var options: SubjectOptions

    @Option(help: "The time that measurements may take, for example 30s, 2min or 1h.")
    var budget = TimeSpan(seconds: 60)

    @Option(
        help: ArgumentHelp(
            "The metric that is to be reached soonest: test_accuracy=0.97. An accuracy rises to it, a loss or rmse falls.",
            valueName: "metric=value"))
    var goal: String?

    @Option(help: ArgumentHelp("Write the advised recipe to this file, with the reasons.", valueName: "file"))
    var write: String?

    @OptionGroup var force: ForceOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let named = try Source(options.source).recipe(settings: try options.setting.settings(), target: options.target)
        let file = try write.map {
            try OutputFile($0, force: force, inputs: InputFiles(named, in: options.source))
        }
        guard options.directory == nil, options.after == nil else {
            throw Failure(.usage, "advise trains from the first parameters: leave out --run and --after")
        }
        let (subject, _) = try options.subject()
        let interruption = Interruption.catchingSignals()
        let display = TextDisplay()
        defer { display.clear() }
        let advice = try Advice(
            subject, goal: try goal.map { try SweepGoal($0) }, budget: budget.seconds, until: interruption
        ) { text in
            if interruption.isRequested {
                throw Failure(.interrupted, "interrupted: nothing was advised, and nothing was written")
            }
            display.draw(text)
        }
        display.clear()
        if let write, let file {
            let text = try StartingRecipe(
                recipe: advice.recipe, data: subject.data, path: write, reasons: advice.reasons
            ).text()
            try file.write(Array(text.utf8))
        }
        if output.json { return try Output.write(try advice.json) }
        try Output.write(advice.text(of: options.source, written: write))
    }
}

/// A time as people write it: 30s, 2min, 1h.
struct TimeSpan: FormedArgument {
    static var form: String { "a time of at least a second such as 30s, 2min or 1h" }

    let seconds: Double

    init(seconds: Double) { self.seconds = seconds }

    init?(form argument: String) {
        let digits = argument.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let units: [String: Double] = ["": 1, "s": 1, "sec": 1, "m": 60, "min": 60, "h": 3600]
        guard let number = Double(digits),
            let unit = units[argument.dropFirst(digits.count).trimming(" ").lowercased()],
            (1...1e8).contains(number * unit)
        else { return nil }
        seconds = number * unit
    }

    var defaultValueDescription: String { "\(Int(seconds))s" }
}
