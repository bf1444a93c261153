import Batchwise
import BatchwiseRuns

/// The shape of the mean training loss around the parameters that a cell ended with.
///
/// The loss is that of the first examples of an epoch, with the layers of training but for dropout. Cells of one data
/// set have the same examples, random directions and places of the box, whatever their seed.
package struct CellShape: Sendable, Hashable, Codable {
    /// The relative size of the box.
    package static let epsilon = 1e-3
    /// The most examples of the mean loss.
    package static let mostExamples = 2000

    /// The examples of the mean loss.
    package private(set) var examples: Int
    /// The loss at the parameters.
    package private(set) var loss: Double?
    /// Keskar's measure in the box of all parameters; nil where it was not measured.
    package private(set) var sharpness: Double?
    /// Keskar's measure in the box of random directions; nil where it was not measured.
    package private(set) var subspaceSharpness: Double?
    /// The rise of the loss after a step along the gradient; nil where it was not measured, or is not finite.
    package private(set) var ascent: Double?
    /// The largest eigenvalue of the Hessian; nil where it was not measured.
    package private(set) var largestEigenvalue: Double?
    /// Sentences about measures that are missing, or rough.
    package private(set) var notes: [String] = []

    /// Measures the subject; nil where a stop was asked for before all was measured.
    init?(_ subject: Subject, _ measures: Set<SweepMeasure>, until stop: Interruption) throws {
        examples = min(Self.mostExamples, subject.data.train.count)
        for measure in [SweepMeasure.sharpness, .curvature] where measures.contains(measure) {
            guard !stop.isRequested else { return nil }
            do {
                if measure == .sharpness { try measureSharpness(subject) } else { try measureCurvature(subject) }
            } catch let error where Self.isAboutTheModel(error) {
                notes.append("the \(measure.rawValue) was not measured: \(error)")
            }
        }
    }

    /// Whether the error says that this model, at these parameters, has no such measure.
    private static func isAboutTheModel(_ error: any Error) -> Bool {
        error is MeasurementError || error is GraphError || error is PlanError || error is QuantityError
    }

    private mutating func measureSharpness(_ subject: Subject) throws {
        var settings = SharpnessMeasurement.Settings()
        settings.epsilons = [Self.epsilon]
        let found = try SharpnessMeasurement(subject, examples: examples, settings)
        loss = found.loss
        sharpness = found.boxes.first { $0.dimensions == nil }?.sharpness
        subspaceSharpness = found.boxes.first { $0.dimensions != nil }?.sharpness
        ascent = found.ascent.rise
        if ascent == nil { notes.append("the loss after a step along the gradient is not finite") }
    }

    private mutating func measureCurvature(_ subject: Subject) throws {
        var trainingLoss = try TrainingLoss(subject, examples: examples, products: true)
        let count = trainingLoss.count
        let settings = try Lanczos.Settings(eigenvalues: 1).fitted(to: count, memory: subject.machine.memory)
        let random = CounterRandom(seed: subject.recipe.seed, purpose: .direction)
        let (value, spectrum) = try trainingLoss.withHessian { loss, product in
            (loss, try Lanczos(count: count, settings, random: random.keyed(by: 0), product: product))
        }
        loss = value
        largestEigenvalue = spectrum.largest[0].value
        if !spectrum.largest[0].isConverged { notes.append("the largest eigenvalue has not converged") }
    }
}
