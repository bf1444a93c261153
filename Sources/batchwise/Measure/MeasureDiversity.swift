import ArgumentParser
import Batchwise
import BatchwiseData
import BatchwiseExperiments
import Foundations

/// `batchwise measure diversity`
struct MeasureDiversity: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diversity",
        abstract: "Measure how much the gradients of examples differ, and list the largest.",
        discussion: """
            n Delta = n sum |g_i|^2 / |sum g_i|^2 bounds the batches that learn about as
            much from an example as a batch of 1 does. The examples with the largest
            gradients of a trained model are often those with wrong labels: name a run, or
            train first.

            Examples:
              batchwise measure diversity digits --after "10 epochs"
              batchwise measure diversity recipe.yaml --run runs/photos-20260101T120000Z \\
                --top 50
              batchwise measure diversity houses.csv --target price --json
            """)

    @OptionGroup var options: SubjectOptions

    @Option(help: "How many examples with the largest gradients are listed.")
    var top = 10

    @OptionGroup var output: OutputOptions

    func validate() throws {
        if !(0...1_000_000).contains(top) { throw ValidationError("--top must be from 0 to 1000000") }
    }

    func run() throws {
        let (subject, parameters) = try options.subject()
        let display = CountDisplay("examples measured")
        let measured = try DiversityMeasurement(subject, progress: display.draw)
        display.clear()
        let report = DiversityReport(measured: measured, data: subject.data, top: top)
        if output.json { return try Output.write(report.json) }
        try Output.write(report.text(of: options.source, parameters: parameters))
    }
}

/// A diversity, with the rows or files of its examples.
private struct DiversityReport {
    let measured: DiversityMeasurement
    let data: LoadedData
    let top: Int

    private static let quantiles: [(name: String, part: Double)] = [
        ("min", 0), ("median", 0.5), ("90%", 0.9), ("99%", 0.99), ("max", 1),
    ]

    /// The row of an example in its source, from 1.
    private func row(_ example: DiversityMeasurement.Example) -> Int {
        (data.trainRows.map { $0[example.place] } ?? example.place) + 1
    }

    private func target(_ example: DiversityMeasurement.Example) -> String {
        switch data.train.targets {
        case .classes(let classes, let names): escaped(names[Int(classes[example.place])], limit: 24)
        case .values(let values, let width, let means, let deviations):
            (0..<width).map {
                significant(Double(values[example.place * width + $0] * deviations[$0] + means[$0]))
            }.joined(separator: " ")
        case .none: "-"
        }
    }

    var json: JSON {
        .object([
            ("diversity", JSON(measured.diversity)), ("batch_bound", JSON(measured.batchBound)),
            ("examples_measured", .int(measured.examples)),
            ("share_of_top_hundredth", .number(measured.shareOfTopHundredth)),
            (
                "gradient_norms",
                .object(Self.quantiles.map { ($0.name, JSON(measured.quantile($0.part))) })
            ),
            (
                "examples",
                .array(
                    measured.byNorm.prefix(top).map { example in
                        .object([
                            ("row", .int(row(example))),
                            ("file", JSON(data.trainFiles?[example.place])),
                            ("target", .string(target(example))), ("loss", .number(example.loss)),
                            ("gradient_norm", .number(example.gradientNorm)), ("weight", .number(example.weight)),
                        ])
                    })
            ),
        ])
    }

    func text(of source: String, parameters: String) -> String {
        let bound = measured.batchBound.map(significant) ?? "-"
        var lines = [
            "diversity of the gradients of \(source) at \(parameters)",
            "  n Delta = \(bound) over all \(counted(measured.examples, "example")): "
                + (measured.batchBound == nil
                    ? "the mean gradient is 0" : "larger batches waste examples"),
            "  norms: "
                + Self.quantiles.map { "\($0.name) \(measured.quantile($0.part).map(significant) ?? "-")" }
                .joined(separator: ", "),
            "  the hundredth with the largest have \(percent(measured.shareOfTopHundredth)) of the sum of squares",
        ]
        guard top > 0 else { return lines.joined(separator: "\n") + "\n" }
        let table = Columns(
            header: [data.trainFiles == nil ? "row" : "file", "target", "loss", "norm of the gradient"],
            rows: measured.byNorm.prefix(top).map { example in
                [
                    data.trainFiles.map { escaped($0[example.place], limit: 40) } ?? "\(row(example))",
                    target(example), significant(example.loss), significant(example.gradientNorm),
                ]
            })
        lines += ["", "the examples with the largest gradients: look for wrong labels"]
        lines += table.lines.map { "  \($0)" }
        return lines.joined(separator: "\n") + "\n"
    }
}
