import Batchwise

/// The variance of a batch's gradient over the batch size, at fixed parameters, beside its closed forms.
///
/// G is the mean and S the covariance of all N examples' gradients. A batch of B examples that are drawn with
/// replacement has E|g - G|^2 = tr(S) / B; without replacement it is tr(S) / B (N - B) / (N - 1).
package struct VarianceMeasurement: Sendable {
    /// A layer's part of the exact numbers.
    package struct Layer: Sendable {
        package let name: String
        package let variance, gradientNormSquared: Double
    }

    /// The batches of one size.
    package struct Row: Sendable {
        /// The number B of examples in a batch.
        package let batch: Int
        /// The number of batches that were drawn in each of the two ways.
        package let batches: Int
        /// The mean of |g - G|^2 over batches of shuffled epochs, and of batches that are drawn with replacement.
        package let withoutReplacement, withReplacement: MeanWithInterval
        /// The closed forms.
        package let predicted, predictedWithReplacement: Double
    }

    /// |mean of batch gradients - G|^2, which is by chance the variance over the number of batches.
    package struct Bias: Sendable {
        package let batch, batches: Int
        package let squaredDistance, byChance: Double
    }

    /// The mean of (g_a - G)'(g_b - G) over pairs of an epoch's n batches, over the variance: -1 / (n - 1).
    package struct EpochCorrelation: Sendable {
        package let batch, batches: Int
        package let measured, predicted: Double
    }

    package let examples: Int
    package let variance, gradientNormSquared: Double
    package let layers: [Layer]
    package private(set) var rows: [Row] = []
    package private(set) var bias: Bias?
    package private(set) var correlation: EpochCorrelation?

    /// tr(S) / |G|^2; nil where G is 0.
    package var noiseScale: Double? { gradientNormSquared > 0 ? variance / gradientNormSquared : nil }

    /// Measures batches of these sizes; nil: 1, 4, 16 and so on, and the recipe's.
    package init(_ subject: Subject, batches: [Int]? = nil, progress: (String) -> Void = { _ in }) throws {
        let examples = subject.data.train.count
        self.examples = examples
        guard examples > 1 else { throw MeasurementError.tooFewExamples(found: examples, needed: 2) }
        let sizes = batches ?? Self.usualSizes(examples, recipe: subject.recipe.batch.size)
        if let large = sizes.first(where: { $0 > examples }) {
            throw MeasurementError.batchBeyondData(batch: large, examples: examples)
        }
        let whole = try WholeGradientPass(subject) { progress("\($0) of \($1) examples") }
        let layers = Self.layers(of: whole)
        self.layers = layers
        variance = layers.reduce(0) { $0 + $1.variance }
        gradientNormSquared = layers.reduce(0) { $0 + $1.gradientNormSquared }
        for size in sizes.sorted() {
            progress("batches of \(size)")
            try measure(size, subject, whole)
        }
    }

    private static func usualSizes(_ examples: Int, recipe: Int) -> [Int] {
        var sizes: Set<Int> = [min(recipe, examples)]
        var size = 1
        while size <= min(examples, 4096) {
            sizes.insert(size)
            size *= 4
        }
        if examples <= 1 << 16 { sizes.insert(examples) }
        return sizes.sorted()
    }

    private static func layers(of whole: WholeGradientPass) -> [Layer] {
        var layers: [Layer] = []
        for (parameter, name) in whole.names.enumerated() {
            let (square, name) = (whole.squaredNorm(parameter), layer(ofParameter: name))
            let before = layers.last?.name == name ? layers.removeLast() : nil
            layers.append(
                Layer(
                    name: name, variance: (before?.variance ?? 0) + max(whole.meanSquares[parameter] - square, 0),
                    gradientNormSquared: (before?.gradientNormSquared ?? 0) + square))
        }
        return layers
    }

    private mutating func measure(_ size: Int, _ subject: Subject, _ whole: WholeGradientPass) throws {
        let count = min(256, max(16, (1 << 16) / size))
        var probe = try subject.probe(batch: size, needs: .gradient, asTrained: false)
        let seed = subject.recipe.seed
        let places = Places(examples: examples, batch: size)
        var (shuffled, drawn) = (MeanWithInterval(), MeanWithInterval())
        var (all, epoch) = (GradientSum(around: whole), GradientSum(around: whole))
        for index in 0..<count {
            let (number, positions) = places[index]
            let order = EpochOrder(count: examples, seed: seed, epoch: number)
            try probe.measure(at: positions, of: order) { update in
                shuffled.add(try whole.squaredDistance(of: update))
                try all.add(update)
                if number == 1 { try epoch.add(update) }
            }
            let draws = probe.draws(ofEpoch: number)
            try probe.measure(at: positions, of: draws) { drawn.add(try whole.squaredDistance(of: $0)) }
        }
        let form = variance / Double(size)
        let predicted = form * Double(examples - size) / Double(examples - 1)
        rows.append(
            Row(
                batch: size, batches: count, withoutReplacement: shuffled, withReplacement: drawn,
                predicted: predicted, predictedWithReplacement: form))
        guard size == min(subject.recipe.batch.size, examples) else { return }
        let epochs = Double(count) / Double(places.perEpoch)
        bias = Bias(
            batch: size, batches: count, squaredDistance: all.squaredNorm / Double(count * count),
            // whole epochs visit every example, so their mean has no variance left
            byChance: predicted / Double(count) * max(0, 1 - (epochs >= 1 ? epochs.rounded(.down) / epochs : epochs)))
        if epoch.count == places.perEpoch, epoch.count > 1, predicted > 0 {
            let n = Double(epoch.count)
            correlation = EpochCorrelation(
                batch: size, batches: epoch.count,
                measured: (epoch.squaredNorm - epoch.squares) / (n * (n - 1)) / (epoch.squares / n),
                predicted: -1 / (n - 1))
        }
    }
}

/// The sum of g - G over gradients, and of its squared norms.
private struct GradientSum {
    private let whole: WholeGradientPass
    private var sums: [[Double]]
    private(set) var squares = 0.0
    private(set) var count = 0

    init(around whole: WholeGradientPass) {
        self.whole = whole
        sums = whole.gradient.map { $0.map { _ in 0 } }
    }

    mutating func add(_ update: borrowing MeasuredUpdate) throws {
        for parameter in sums.indices {
            try update.withNumbers(.gradient, of: parameter) { numbers in
                for place in numbers.indices {
                    let difference = Double(numbers[place]) - whole.gradient[parameter][place]
                    sums[parameter][place] += difference
                    squares += difference * difference
                }
            }
        }
        count += 1
    }

    var squaredNorm: Double { sums.reduce(0) { $0 + $1.reduce(0) { $0 + $1 * $1 } } }
}
