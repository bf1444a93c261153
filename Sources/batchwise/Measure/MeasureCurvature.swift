import ArgumentParser
import Batchwise
import BatchwiseExperiments
import Foundations

/// `batchwise measure curvature`
struct MeasureCurvature: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "curvature",
        abstract:
            "Measure the curvature of the loss: eigenvalues and trace of its Hessian, and the largest stable rate.",
        discussion: """
            The Hessian is that of the mean training loss at fixed parameters, without
            dropout and augmentation. Its largest eigenvalue L bounds the learning rate:
            updates of SGD on a quadratic loss diverge beyond 2/L. With --along the largest
            eigenvalue is measured again and again while the recipe trains.

            Examples:
              batchwise measure curvature digits
              batchwise measure curvature digits --after "5 epochs" --examples 500 --json
              batchwise measure curvature digits --along "1 epochs" --set epochs=10
            """)

    @OptionGroup var options: SubjectOptions

    @Option(help: "The number of largest eigenvalues.")
    var eigenvalues = 5

    @Option(help: "Examples of the mean loss, the first of the first epoch; without it all.")
    var examples: Int?

    @Option(help: "The most steps of Lanczos's method; each takes one product of the Hessian, and keeps a vector.")
    var steps = 100

    @Option(help: "Random vectors for the trace; each takes one product of the Hessian.")
    var vectors = 20

    @OptionGroup var course: AlongOption
    @OptionGroup var output: OutputOptions

    func validate() throws {
        let ranges = [
            ("--eigenvalues", eigenvalues, 1...1000), ("--steps", steps, 1...10_000),
            ("--vectors", vectors, 2...100_000),
            ("--examples", examples ?? 1, 1...Int.max),
        ]
        for (name, value, range) in ranges where !range.contains(value) {
            throw ValidationError(
                "\(name) must be \(range.upperBound == .max ? "at least" : "from") \(range.lowerBound)"
                    + (range.upperBound == .max ? "" : " to \(range.upperBound)"))
        }
    }

    func run() throws {
        let length = try course.length()
        let (subject, parameters) = try options.subject()
        let display = CountDisplay("products")
        let measured = try CurvatureMeasurement(
            subject, examples: examples, .init(eigenvalues: eigenvalues, steps: steps), vectors: vectors,
            progress: display.draw)
        let updates = CountDisplay("updates")
        let course = try length.map {
            try CurvatureCourse(subject, every: $0, examples: examples, steps: steps, progress: updates.draw)
        }
        display.clear()
        if output.json { return try Output.write(measured.json(course)) }
        try Output.write(measured.text(of: options.source, parameters, course))
    }
}

extension CurvatureMeasurement {
    fileprivate func json(_ course: CurvatureCourse?) -> JSON {
        let smallest = spectrum.smallest
        return .object([
            ("eigenvalues", .array(spectrum.largest.map { .number($0.value) })),
            ("residuals", .array(spectrum.largest.map { .number($0.residual) })),
            ("converged", .array(spectrum.largest.map { .bool($0.isConverged) })),
            ("smallest", .number(smallest.value)), ("smallest_residual", .number(smallest.residual)),
            ("smallest_converged", .bool(smallest.isConverged)),
            ("trace", .number(trace.value)), ("trace_low", .number(trace.low)), ("trace_high", .number(trace.high)),
            ("trace_vectors", .int(trace.vectors)),
            ("stability_limit", JSON(limit?.rate)), ("stability_formula", JSON(limit?.formula)),
            ("learning_rate", .number(learningRate)), ("loss", .number(loss)), ("examples", .int(examples)),
            ("parameters", .int(parameters)), ("products", .int(spectrum.products + trace.vectors)),
            ("along", course?.json ?? .null),
        ])
    }

    fileprivate func text(of source: String, _ parameters: String, _ course: CurvatureCourse?) -> String {
        let scope =
            "\(counted(self.parameters, "parameter")), mean loss \(significant(loss)) over "
            + "\(counted(examples, "example")); "
            + counted(spectrum.products + trace.vectors, "product of the Hessian", "products of the Hessian")
        var lines = ["curvature of \(source) at \(parameters)"] + wrapped(scope, width: 78).map { "  \($0)" } + [""]
        var rows = spectrum.largest.enumerated().map { place, eigenvalue in
            ["largest \(place + 1)"] + eigenvalue.cells
        }
        rows.append([spectrum.smallest.value < 0 ? "most negative" : "smallest"] + spectrum.smallest.cells)
        lines += Columns(header: ["eigenvalue", "value", "error at most", ""], rows: rows).lines.map { "  \($0)" }
        if (spectrum.largest + [spectrum.smallest]).contains(where: { !$0.isConverged }) {
            lines.append("  More --steps would bring those closer that have not converged.")
        }
        lines +=
            [
                "",
                "trace \(significant(trace.value)) (95%: \(significant(trace.low)) to \(significant(trace.high))), from "
                    + counted(trace.vectors, "random vector"),
            ] + wrapped(advice, width: 80)
        if let course { lines += [""] + course.lines }
        return lines.joined(separator: "\n") + "\n"
    }

    private var advice: String {
        let rate = "the recipe's rate here is \(significant(learningRate))"
        guard spectrum.largest[0].value > 0 else {
            return "No eigenvalue is above 0, so curvature bounds no learning rate; \(rate)."
        }
        guard let limit else {
            return "No largest stable rate is known from the curvature for this optimizer; \(rate)."
        }
        let share = learningRate / limit.rate
        return "largest stable rate \(limit.formula) = \(significant(limit.rate)); \(rate), "
            + (share > 1 ? "beyond it" : "\(percent(share)) of it")
    }
}

extension Eigenvalue {
    fileprivate var cells: [String] {
        [significant(value), significant(residual), isConverged ? "" : "not converged"]
    }
}

extension CurvatureCourse {
    fileprivate var json: JSON {
        .array(
            points.map { point in
                .object(
                    point.place.entries + [
                        ("loss", .number(point.loss)), ("eigenvalue", .number(point.largest.value)),
                        ("residual", .number(point.largest.residual)), ("converged", .bool(point.largest.isConverged)),
                        ("limit", JSON(point.limit)),
                    ])
            })
    }

    /// A table and, of several points, a plot.
    fileprivate var lines: [String] {
        let rows = points.map { point in
            [
                significant(point.place.epochs), grouped(Double(point.place.updates)), significant(point.loss),
                significant(point.largest.value), point.limit.map(significant) ?? "-",
                point.largest.isConverged ? "" : "not converged",
            ]
        }
        let table = Columns(header: ["epochs", "updates", "loss", "largest eigenvalue", "limit", ""], rows: rows).lines
        guard let last = points.last, points.count > 1 else { return table }
        // where the rate goes to 0 the limit goes beyond every plot
        let highest = 4 * points.reduce(0) { max($0, $1.largest.value) }
        let limits = points.compactMap { point in
            point.limit.flatMap { $0 <= highest ? (x: Double(point.place.updates), y: $0) : nil }
        }
        let plot = Plot(
            series: [
                .init(mark: "·", points: limits),
                .init(mark: "●", points: points.map { (Double($0.place.updates), $0.largest.value) }),
            ], first: "0", last: counted(last.place.updates, "update"))
        return table + [
            "", "● largest eigenvalue   · limit, the curvature up to which the rate is stable",
        ]
            + plot.lines(width: 79, height: 12)
    }
}
