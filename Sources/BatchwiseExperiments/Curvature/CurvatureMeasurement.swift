import Batchwise
import Foundations

/// The curvature of the mean training loss at fixed parameters: the ends of the spectrum of its Hessian, its trace, and
/// the learning rate beyond which updates diverge on a quadratic loss of that curvature.
package struct CurvatureMeasurement: Sendable {
    /// The eigenvalues of the Hessian at both ends.
    package let spectrum: Lanczos
    /// The trace of the Hessian.
    package let trace: TraceEstimate
    /// The loss at the parameters.
    package let loss: Double
    /// The examples of the mean, and the numbers that are trained.
    package let (examples, parameters): (Int, Int)
    /// The learning rate of the recipe at the parameters.
    package let learningRate: Double
    /// The largest stable rate of the recipe's optimizer at the largest eigenvalue, such as 2/L for SGD; nil where the
    /// eigenvalue is not above 0, or no formula is known for the optimizer.
    package let limit: (rate: Double, formula: String)?

    /// Measures over so many examples, or all, with `vectors` random vectors for the trace.
    package init(
        _ subject: Subject, examples: Int? = nil, _ settings: Lanczos.Settings = .init(), vectors: Int = 20,
        progress: (Int, Int) -> Void = { _, _ in }
    ) throws {
        var loss = try TrainingLoss(subject, examples: examples, products: true)
        (self.examples, parameters) = (loss.examples, loss.count)
        let (count, random) = (loss.count, CounterRandom(seed: subject.recipe.seed, purpose: .direction))
        let settings = try settings.fitted(to: count, memory: subject.machine.memory)
        let most = min(settings.steps, count) + vectors
        (self.loss, spectrum, trace) = try loss.withHessian { loss, product in
            let spectrum = try Lanczos(
                count: count, settings, random: random.keyed(by: 0), progress: { done, _ in progress(done, most) },
                product: product)
            let trace = try TraceEstimate(
                count: count, vectors: vectors, random: random.keyed(by: 1),
                progress: { done, _ in progress(most - vectors + done, most) }, product: product)
            return (loss, spectrum, trace)
        }
        learningRate = try subject.learningRate()
        let largest = spectrum.largest[0].value
        limit = largest > 0 ? subject.recipe.largestStableRate(curvature: largest) : nil
    }
}

extension Lanczos.Settings {
    /// As many steps as a quarter of the memory has vectors for. Throws ``MeasurementError/tooLarge(bytes:setting:)``
    /// where these are too few to find the eigenvalues.
    func fitted(to count: Int, memory: Int?) throws -> Lanczos.Settings {
        var settings = self
        let bytes = count * MemoryLayout<Double>.stride
        settings.steps = min(steps, (memory ?? memoryLimit) / 4 / bytes)
        let least = min(eigenvalues + 4, count)
        guard settings.steps >= min(least, steps) else {
            throw MeasurementError.tooLarge(bytes: 4 * least * bytes, setting: "model, or give it more --memory")
        }
        return settings
    }
}
