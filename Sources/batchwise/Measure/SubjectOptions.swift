import ArgumentParser
import Batchwise
import BatchwiseData
import BatchwiseExperiments
import BatchwiseRuns

/// The options that say what is measured: a recipe, its data, and the parameters.
struct SubjectOptions: ParsableArguments {
    @Argument(help: "digits, a data file, a folder of images or a recipe file.")
    var source: String

    @Option(help: "The column of a table to learn: its name, or its number from 1.")
    var target: String?

    @Option(
        name: .customLong("run"),
        help: ArgumentHelp(
            "A run or model file: its parameters are measured; without it those that the recipe begins with.",
            valueName: "path"))
    var directory: String?

    @Option(
        help: ArgumentHelp(
            "Train that long first, for example 2 epochs or 500 updates; nothing of it is kept.", valueName: "length"))
    var after: String?

    @OptionGroup var setting: SettingOptions
    @OptionGroup var machine: MachineOptions

    /// The subject, with a sentence about its parameters for a person.
    func subject() throws -> (subject: Subject, parameters: String) {
        let length = try after.map { try TrainingLength(notation: .string($0), at: "--after") }
        let (recipe, data) = try Source(source).recipe(settings: try setting.settings(), target: target)
            .withData(memory: machine.dataMemory?.bytes)
        for notice in data.notices { Output.log("note: \(notice)") }
        let model = try directory.map { try SavedModel(reporting: $0).model }
        let subject = try Subject(recipe, data: data, model: model, machine: machine.machine)
        let parameters = directory.map { "the parameters of \($0)" } ?? "its first parameters"
        guard let length else { return (subject, parameters) }
        return (try subject.trained(for: length), "\(parameters) after \(length)")
    }
}
