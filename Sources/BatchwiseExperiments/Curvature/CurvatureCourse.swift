import Batchwise

/// The largest eigenvalue of the loss's Hessian along a training. Full-batch descent at the rate eta raises it to about
/// 2/eta, the edge of stability, and holds it there [Cohen 2021].
package struct CurvatureCourse: Sendable {
    /// A place on the course.
    package struct Point: Sendable, Hashable {
        /// The updates and examples before it.
        package var (updates, examples): (Int, Int)
        /// The passes over the training set before it.
        package var epochs: Double
        /// The mean training loss.
        package var loss: Double
        /// The largest eigenvalue.
        package var largest: Eigenvalue
        /// The learning rate of the next update, or of the last at the end.
        package var learningRate: Double
        /// The curvature at which this rate is the largest stable one, such as 2/eta for SGD; nil where no formula is
        /// known for the optimizer, or the rate is 0.
        package var limit: Double?
    }

    /// The places, from the first parameters to the end of the training.
    package private(set) var points: [Point] = []

    /// Trains from the subject's parameters to the end of its recipe, and measures after every such length.
    package init(
        _ subject: Subject, every length: TrainingLength, examples: Int? = nil, steps: Int = 100,
        progress: (Int, Int) -> Void = { _, _ in }
    ) throws {
        var trainer = try Trainer(
            subject.recipe, data: subject.data.train, validation: subject.data.validation,
            startingFrom: subject.model, machine: subject.machine)
        var loss = try TrainingLoss(subject, examples: examples, products: true)
        let settings = try Lanczos.Settings(eigenvalues: 1, steps: steps, tolerance: 1e-3)
            .fitted(to: loss.count, memory: subject.machine.memory)
        var marks = 0.0
        var rate = trainer.nextLearningRate
        while true {
            let passed = length.count(trainer.progress, examplesPerEpoch: trainer.examplesPerEpoch)
            if points.isEmpty || passed >= marks + 1 || trainer.isFinished {
                marks = passed.rounded(.down)
                loss.move(to: trainer.model())
                if !trainer.isFinished { rate = trainer.nextLearningRate }
                points.append(
                    try Self.point(subject, &loss, trainer.progress, trainer.examplesPerEpoch, rate, settings))
                progress(trainer.progress.updates, trainer.totalUpdates)
            }
            guard !trainer.isFinished else { return }
            try trainer.run(updates: 1) { rate = $0.learningRate }
        }
    }

    private static func point(
        _ subject: Subject, _ loss: inout TrainingLoss, _ place: TrainingProgress, _ examplesPerEpoch: Int,
        _ rate: Double, _ settings: Lanczos.Settings
    ) throws -> Point {
        let (count, random) = (loss.count, CounterRandom(seed: subject.recipe.seed, purpose: .direction))
        let (value, spectrum) = try loss.withHessian { loss, product in
            (loss, try Lanczos(count: count, settings, random: random.keyed(by: 0), product: product))
        }
        // every formula is a number over the curvature
        let unit = subject.recipe.largestStableRate(curvature: 1)
        return Point(
            updates: place.updates, examples: place.examples,
            epochs: Double(place.examples) / Double(examplesPerEpoch), loss: value, largest: spectrum.largest[0],
            learningRate: rate, limit: rate > 0 ? unit.map { $0.rate / rate } : nil)
    }
}
