import Batchwise

/// The largest eigenvalue of the loss's Hessian along a training. Full-batch descent at the rate eta raises it to about
/// 2/eta, the edge of stability, and holds it there [Cohen 2021].
package struct CurvatureCourse: Sendable {
    /// A point of the course.
    package struct Point: Sendable, Hashable {
        package var place: TrainingPlace
        /// The mean training loss.
        package var loss: Double
        /// The largest eigenvalue.
        package var largest: Eigenvalue
        /// The curvature at which the rate is the largest stable one, such as 2/eta for SGD; nil where no formula is known
        /// for the optimizer, or the rate is 0.
        package var limit: Double?
    }

    /// The points, from the first parameters to the end of the training.
    package private(set) var points: [Point] = []

    /// Trains from the subject's parameters to the end of its recipe, and measures after every such length.
    package init(
        _ subject: Subject, every length: TrainingLength, examples: Int? = nil, steps: Int = 100,
        progress: (Int, Int) -> Void = { _, _ in }
    ) throws {
        var loss = try TrainingLoss(subject, examples: examples, products: true)
        let settings = try Lanczos.Settings(eigenvalues: 1, steps: steps, tolerance: 1e-3)
            .fitted(to: loss.count, memory: subject.machine.memory)
        var points: [Point] = []
        try subject.trainAlong(every: length, progress: progress) { place, model in
            loss.move(to: model)
            points.append(try Self.point(subject, &loss, place, settings))
        }
        self.points = points
    }

    private static func point(
        _ subject: Subject, _ loss: inout TrainingLoss, _ place: TrainingPlace, _ settings: Lanczos.Settings
    ) throws -> Point {
        let (count, random) = (loss.count, CounterRandom(seed: subject.recipe.seed, purpose: .direction))
        let (value, spectrum) = try loss.withHessian { loss, product in
            (loss, try Lanczos(count: count, settings, random: random.keyed(by: 0), product: product))
        }
        // every formula is a number over the curvature
        let unit = subject.recipe.largestStableRate(curvature: 1)
        return Point(
            place: place, loss: value, largest: spectrum.largest[0],
            limit: place.learningRate > 0 ? unit.map { $0.rate / place.learningRate } : nil)
    }
}
