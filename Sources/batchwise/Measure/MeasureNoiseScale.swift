import ArgumentParser
import Batchwise
import BatchwiseExperiments

/// `batchwise measure noise-scale`
struct MeasureNoiseScale: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "noise-scale",
        abstract: "Measure the gradient noise scale tr(S) / |G|^2, with its interval.",
        discussion: """
            The noise scale is the batch size at which the noise of the gradient is as
            large as the gradient: much smaller batches waste updates, much larger ones
            waste examples. It is measured at fixed parameters, from batches as training
            draws them. With products of the Hessian H the noise is weighed by the
            curvature of the loss too: tr(HS) / G'HG. With --along the noise scale is
            measured again and again while the recipe trains.

            Examples:
              batchwise measure noise-scale digits
              batchwise measure noise-scale digits --after "5 epochs" --updates 200
              batchwise measure noise-scale digits --along "2 epochs"
              batchwise measure noise-scale recipe.yaml \\
                --run runs/houses-20260101T120000Z --json
            """)

    @OptionGroup var options: SubjectOptions

    @Option(help: "Batches that are measured; without it 64, or one pass over the data and at least 16.")
    var updates: Int?

    @Flag(
        inversion: .prefixedNo,
        help: ArgumentHelp("Weigh the noise by the curvature too; without it where that takes seconds."))
    var hessian: Bool?

    @OptionGroup var course: AlongOption

    @OptionGroup var output: OutputOptions

    func validate() throws {
        if let updates, !(2...1_000_000).contains(updates) {
            throw ValidationError("--updates must be from 2 to 1000000")
        }
    }

    func run() throws {
        let length = try course.length()
        let (subject, parameters) = try options.subject()
        let display = CountDisplay("batches measured")
        let measured = try NoiseScaleMeasurement(subject, updates: updates, progress: display.draw)
        let samples = CountDisplay("samples of the Hessian")
        let weighed = try WeighedNoise(subject, isWanted: hessian, progress: samples.draw)
        let done = CountDisplay("updates")
        let course = try length.map { try NoiseCourse(subject, every: $0, updates: updates, progress: done.draw) }
        display.clear()
        if output.json { return try Output.write(measured.json(weighed, course)) }
        try Output.write(measured.text(of: options.source, parameters: parameters, weighed, course))
    }
}

/// The noise scale with the curvature, or the reason why there is none.
struct WeighedNoise {
    private(set) var noise: HessianNoiseScale?
    private(set) var reason: String?

    /// Some seconds of a core.
    private static let mostCost = 1e11

    /// Measures where it is wanted, or, where nobody said so, where it is possible and takes little time.
    init(_ subject: Subject, isWanted: Bool?, progress: (Int, Int) -> Void) throws {
        guard let isWanted else {
            do {
                guard try HessianNoiseScale.cost(subject) <= Self.mostCost else {
                    reason = "products of the Hessian would take long here: --hessian weighs the noise by the curvature"
                    return
                }
                noise = try HessianNoiseScale(subject, progress: progress)
            } catch {
                reason = "the noise is not weighed by the curvature: \(error)"
            }
            return
        }
        if isWanted { noise = try HessianNoiseScale(subject, progress: progress) }
    }
}
