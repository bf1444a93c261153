import Batchwise

/// The gradient noise scale along a training.
package struct NoiseCourse: Sendable {
    /// A point of the course.
    package struct Point: Sendable, Hashable {
        package var place: TrainingPlace
        /// The mean loss of the batches that were measured.
        package var loss: Double
        package var noise: NoiseScale.Estimate
    }

    /// The points, from the first parameters to the end of the training.
    package private(set) var points: [Point] = []

    /// Trains from the subject's parameters to the end of its recipe, and measures so many batches after every such
    /// length: see ``NoiseScaleMeasurement``.
    package init(
        _ subject: Subject, every length: TrainingLength, updates: Int? = nil,
        progress: (Int, Int) -> Void = { _, _ in }
    ) throws {
        var points: [Point] = []
        try subject.trainAlong(every: length, progress: progress) { place, model in
            let measured = try NoiseScaleMeasurement(subject.at(model), updates: updates)
            points.append(Point(place: place, loss: measured.loss.mean, noise: measured.noise.estimate))
        }
        self.points = points
    }
}
