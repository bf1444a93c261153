import ArgumentParser
import Batchwise
import BatchwiseExperiments
import Foundations

/// `batchwise measure sharpness`
struct MeasureSharpness: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sharpness",
        abstract: "Measure how much the loss rises near the parameters: in boxes, along the gradient, and in slices.",
        discussion: """
            Keskar's measure is the largest rise of the mean training loss in a small box
            around the parameters, over all of them and over random directions. The
            first-order measure is the rise after one step along the gradient, as
            sharpness-aware minimisation takes it. Slices draw the loss along random
            directions.

            Examples:
              batchwise measure sharpness digits --after "5 epochs"
              batchwise measure sharpness digits --run runs/digits-20260101T120000Z \\
                --slice 2
              batchwise measure sharpness recipe.yaml --epsilon 0.001 --starts 5 --json
            """)

    @OptionGroup var options: SubjectOptions

    @Option(help: "The relative size of a box; may be given several times. Without it 0.001 and 0.0005.")
    var epsilon: [Double] = []

    @Option(help: "The number of random directions.")
    var dimensions = 100

    @Option(help: "The places from which each search begins: the parameters, and random places of the box.")
    var starts = 3

    @Option(help: "The length of the step along the gradient.")
    var radius = 0.05

    @Option(help: "Draw the loss along 1 random direction, or over 2.")
    var slice: Int?

    @Option(help: "Examples of the mean loss, the first of the first epoch; without it all.")
    var examples: Int?

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard epsilon.allSatisfy({ $0 > 0 && $0 <= 1 }) else {
            throw ValidationError("--epsilon must be above 0, and at most 1")
        }
        guard radius > 0, radius.isFinite else { throw ValidationError("--radius must be above 0") }
        if let slice, !(1...2).contains(slice) { throw ValidationError("--slice must be 1 or 2") }
        if let examples, examples < 1 { throw ValidationError("--examples must be at least 1") }
        guard (1...10_000).contains(dimensions) else { throw ValidationError("--dimensions must be from 1 to 10000") }
        guard (1...1000).contains(starts) else { throw ValidationError("--starts must be from 1 to 1000") }
    }

    func run() throws {
        let (subject, parameters) = try options.subject()
        var settings = SharpnessMeasurement.Settings()
        if !epsilon.isEmpty { settings.epsilons = epsilon }
        (settings.dimensions, settings.starts, settings.radius) = (dimensions, starts, radius)
        let searches = CountDisplay("searches")
        let measured = try SharpnessMeasurement(subject, examples: examples, settings, progress: searches.draw)
        let places = CountDisplay("losses of the slice")
        let drawn = try slice.map {
            try LossSlice(subject, directions: $0, examples: examples, progress: places.draw)
        }
        places.clear()
        if output.json { return try Output.write(measured.json(drawn)) }
        try Output.write(measured.text(of: options.source, parameters, drawn))
    }
}

extension SharpnessMeasurement {
    fileprivate func json(_ slice: LossSlice?) -> JSON {
        .object([
            ("loss", .number(loss)),
            (
                "boxes",
                .array(
                    boxes.map { box in
                        .object([
                            ("epsilon", .number(box.epsilon)), ("dimensions", box.dimensions.map { .int($0) } ?? .null),
                            ("sharpness", .number(box.sharpness)), ("largest_loss", .number(box.largestLoss)),
                            ("passes", .int(box.passes)),
                        ])
                    })
            ),
            (
                "ascent",
                .object([
                    ("radius", .number(ascent.radius)), ("rise", JSON(ascent.rise)),
                    ("first_order", .number(ascent.firstOrder)),
                ])
            ),
            ("slice", slice?.json ?? .null), ("examples", .int(examples)), ("parameters", .int(parameters)),
            ("caveat", .string(Self.caveat)),
        ])
    }

    fileprivate func text(of source: String, _ parameters: String, _ slice: LossSlice?) -> String {
        var lines = [
            "sharpness of \(source) at \(parameters)",
            "  \(counted(self.parameters, "parameter")), mean loss \(significant(loss)) over "
                + counted(examples, "example"),
            "",
        ]
        let rows = boxes.map { box in
            [
                box.dimensions.map { counted($0, "random direction") } ?? "all parameters", "\(box.epsilon)",
                significant(box.largestLoss), significant(box.sharpness), grouped(Double(box.passes)),
            ]
        }
        lines += Columns(header: ["box over", "epsilon", "largest loss", "sharpness", "passes"], rows: rows).lines
            .map { "  \($0)" }
        lines += [
            "  sharpness = 100 (largest loss - loss) / (1 + loss); ascent finds the largest",
            "  loss, and a box may hold a larger one (Keskar 2017)",
            "",
            "a step of \(significant(ascent.radius)) along the gradient raises the loss by "
                + (ascent.rise.map(significant) ?? "more than a number holds"),
            "  (\(significant(ascent.firstOrder)) by the first order; Foret 2021)",
        ]
        if let slice { lines += [""] + slice.lines }
        lines += [""] + wrapped(Self.caveat, width: 80)
        return lines.joined(separator: "\n") + "\n"
    }
}

extension LossSlice {
    fileprivate var json: JSON {
        let rows = losses.map { JSON.array($0.map { JSON($0) }) }
        return .object([
            ("places", .array(places.map { .number($0) })),
            ("losses", rows.count == 1 ? rows[0] : .array(rows)),
        ])
    }

    fileprivate var lines: [String] {
        guard losses.count > 1 else {
            let points = zip(places, losses[0]).map { (x: $0, y: $1 ?? .nan) }
            return ["loss along a random direction, filters as long as the weights' (Li 2018)"]
                + Plot(series: [.init(mark: "●", points: points)], first: "-1", last: "1").lines(width: 79, height: 12)
        }
        return ["loss over two random directions, filters as long as the weights' (Li 2018)"]
            + ShadeMap(rows: losses.reversed()).lines
    }
}
