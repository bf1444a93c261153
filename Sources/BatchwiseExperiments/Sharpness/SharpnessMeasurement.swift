import Batchwise
import Foundations

/// How much the mean training loss rises near fixed parameters.
///
/// Keskar's measure is 100 (max f(w + z) - f(w)) / (1 + f(w)) over the box |z_i| <= epsilon (|w_i| + 1), or over A y for
/// |y_i| <= epsilon (|(A+ w)_i| + 1), A random directions [Keskar 2017]. The first-order measure is f(w + e) - f(w) for
/// e = rho g / |g|, the step of sharpness-aware minimisation [Foret 2021].
package struct SharpnessMeasurement: Sendable {
    /// Keskar's measure in a box.
    package struct Box: Sendable, Hashable {
        /// The relative size of the box.
        package var epsilon: Double
        /// The random directions that span it; nil: all parameters.
        package var dimensions: Int?
        /// The largest loss that was found.
        package var largestLoss: Double
        /// 100 (largest loss - loss) / (1 + loss).
        package var sharpness: Double
        /// The passes over the examples that it took.
        package var passes: Int
    }

    /// The step along the gradient.
    package struct Ascent: Sendable, Hashable {
        /// The length rho of the step.
        package var radius: Double
        /// The rise of the loss; nil where it is not finite.
        package var rise: Double?
        /// The rise of the first order, rho |g|.
        package var firstOrder: Double
    }

    /// The settings of the measurement.
    package struct Settings: Sendable {
        package var epsilons = [1e-3, 5e-4]
        package var dimensions = 100
        /// The places from which the loss is raised: the parameters, and random places of the box.
        package var starts = 3
        package var iterations = 10
        package var radius = 0.05

        package init() {}
    }

    /// Sharpness changes where nothing else does [Dinh 2017].
    package static let caveat =
        "Sharpness depends on the scale of the weights: those of a ReLU layer times a and those of the next one times 1/a "
        + "give the same predictions and another sharpness (Dinh 2017). Compare runs of one model only, with the same "
        + "layers and decay."

    /// The loss at the parameters.
    package private(set) var loss: Double
    /// The examples of the mean, and the numbers that are trained.
    package let (examples, parameters): (Int, Int)
    /// The boxes of all parameters, and then those of random directions.
    package private(set) var boxes: [Box] = []
    /// The step along the gradient.
    package private(set) var ascent: Ascent

    /// Measures over so many examples, or all.
    package init(
        _ subject: Subject, examples: Int? = nil, _ settings: Settings = .init(),
        progress: (Int, Int) -> Void = { _, _ in }
    ) throws {
        let random = CounterRandom(seed: subject.recipe.seed, purpose: .direction)
        var loss = try TrainingLoss(subject, examples: examples)
        let origin = loss.position
        (self.examples, parameters) = (loss.examples, loss.count)
        let (value, gradient) = try loss.gradient()
        self.loss = value
        ascent = try Self.ascent(&loss, from: origin, value, gradient, radius: settings.radius)
        let dimensions = min(settings.dimensions, loss.count)
        let bytes = RandomSubspace.byteCount(count: loss.count, dimensions: dimensions)
        guard bytes <= (subject.machine.memory ?? memoryLimit) / 2 else {
            throw MeasurementError.tooLarge(bytes: bytes, setting: "number of directions (--dimensions)")
        }
        let subspace = RandomSubspace(count: loss.count, dimensions: dimensions, random: random.keyed(by: 2))
        let whole = origin.map { abs($0) + 1 }
        let few = subspace.coordinates(origin).map { abs($0) + 1 }
        let climbs = 2 * settings.epsilons.count * settings.starts
        for isWhole in [true, false] {
            for epsilon in settings.epsilons {
                let done = boxes.count * settings.starts
                var box = try Self.box(
                    epsilon, bounds: scaled(epsilon, isWhole ? whole : few), value, settings, random.keyed(by: 3),
                    progress: { progress(done + $0, climbs) }
                ) { z in
                    loss.move(to: isWhole ? zip(origin, z).map { $0 + $1 } : subspace.place(z, from: origin))
                    guard let (value, gradient) = try loss.gradientIfFinite() else { return nil }
                    return (value, isWhole ? gradient : subspace.products(gradient))
                }
                box.dimensions = isWhole ? nil : dimensions
                boxes.append(box)
            }
        }
    }

    /// The largest value of a function of places in the box.
    private static func box(
        _ epsilon: Double, bounds: [Double], _ loss: Double, _ settings: Settings, _ random: CounterRandom,
        progress: (Int) -> Void, _ function: ([Double]) throws -> (value: Double, gradient: [Double])?
    ) throws -> Box {
        var (largest, passes) = (loss, 0)
        for start in 0..<max(settings.starts, 1) {
            let stream = random.keyed(by: UInt64(start))
            let place = bounds.indices.map { start == 0 ? 0 : bounds[$0] * (2 * stream.uniform(at: UInt64($0)) - 1) }
            let found = try BoxMaximum(bounds: bounds, from: place, iterations: settings.iterations, function)
            largest = max(largest, found?.value ?? loss)
            passes += found?.evaluations ?? 1
            progress(start + 1)
        }
        return Box(
            epsilon: epsilon, dimensions: nil, largestLoss: largest, sharpness: 100 * (largest - loss) / (1 + loss),
            passes: passes)
    }

    private static func ascent(
        _ loss: inout TrainingLoss, from origin: [Double], _ value: Double, _ gradient: [Double], radius: Double
    ) throws -> Ascent {
        let length = norm(gradient)
        guard length > 0 else { return Ascent(radius: radius, rise: 0, firstOrder: 0) }
        var place = origin
        add(radius / length, gradient, to: &place)
        loss.move(to: place)
        return Ascent(
            radius: radius, rise: try loss.gradientIfFinite().map { $0.loss - value }, firstOrder: radius * length)
    }
}
