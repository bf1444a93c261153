import Batchwise
import Foundation
import Testing

@testable import BatchwiseExperiments

/// B_noise against gradients of single examples and whole Hessians in Double.
@Suite struct HessianNoiseScaleTests {
    /// The exact numbers of N gradients and a Hessian.
    struct Exact {
        /// G'HG and tr(HS).
        var alongGradient, alongNoise: Double
        /// |G|^2 and tr(S).
        var squaredNorm, variance: Double

        init(_ gradients: [[Double]], _ hessian: DenseMatrix, _ part: Range<Int>? = nil) {
            let part = part ?? 0..<gradients[0].count
            let count = Double(gradients.count)
            let mean = gradients[0].indices.map { place in gradients.reduce(0) { $0 + $1[place] } / count }
            func form(_ vector: [Double]) -> Double {
                let product = hessian.times(vector)
                return part.reduce(0) { $0 + vector[$1] * product[$1] }
            }
            func square(_ vector: [Double]) -> Double { part.reduce(0) { $0 + vector[$1] * vector[$1] } }
            let noises = gradients.map { zip($0, mean).map { $0 - $1 } }
            (alongGradient, squaredNorm) = (form(mean), square(mean))
            alongNoise = noises.reduce(0) { $0 + form($1) } / count
            variance = noises.reduce(0) { $0 + square($1) } / count
        }

        var noiseScale: Double { alongNoise / alongGradient }
    }

    private static func covers(_ estimate: HessianNoiseScale.Estimate, _ value: Double) -> Bool {
        guard let low = estimate.low, let high = estimate.high else { return false }
        return low <= value && value <= high
    }

    // MARK: Least squares

    /// Half the squared error of a linear model without bias: gradients r_i x_i, and the Hessian X'X / N.
    private static func exact(_ rows: [Float], _ targets: [Float], at weights: [Float]) -> Exact {
        let width = weights.count
        let examples = targets.indices.map { row in (0..<width).map { Double(rows[row * width + $0]) } }
        let gradients = zip(examples, targets).map { x, y in
            let residual = zip(x, weights).reduce(-Double(y)) { $0 + $1.0 * Double($1.1) }
            return x.map { residual * $0 }
        }
        let hessian = DenseMatrix(
            rows: (0..<width).map { i in
                (0..<width).map { j in examples.reduce(0) { $0 + $1[i] * $1[j] } / Double(examples.count) }
            })
        return Exact(gradients, hessian)
    }

    private static func problem(_ seed: UInt64, examples: Int, scales: [Double]) -> (rows: [Float], targets: [Float]) {
        let rows = RateSubjects.rows(examples, scales: scales, seed: seed)
        return (rows, RateSubjects.targets(rows, width: scales.count, noise: 1, seed: seed))
    }

    private static func weights(_ subject: Subject) throws -> [Float] {
        let model = try Trainer(subject.recipe, data: subject.data.train).model()
        return try #require(model.values.first)
    }

    /// With fewer than 256 examples each sample has the Hessian of all, so G'HG is exact.
    @Test(arguments: 1...6)
    func leastSquaresHasItsNoiseScale(seed: UInt64) throws {
        let scales = [0.3, 1, 2, 0.7, 1.5]
        let (rows, targets) = Self.problem(seed, examples: 200, scales: scales)
        let subject = try RateSubjects.leastSquares(rows, width: 5, targets: targets, batch: 16, seed: seed)
        let exact = Self.exact(rows, targets, at: try Self.weights(subject))
        let found = try HessianNoiseScale(subject, samples: 400).estimate
        #expect(abs(found.alongGradient.mean / exact.alongGradient - 1) < 1e-4)
        let noise = found.alongNoise
        #expect(abs(noise.mean - exact.alongNoise) < 1.5 * noise.halfWidth)
        #expect(noise.halfWidth < 0.15 * noise.mean)
        #expect(found.verdict == .measured)
        #expect(abs(try #require(found.noiseScale) / exact.noiseScale - 1) < 0.2)
        // the noise scale without curvature is another number
        #expect(abs(exact.variance / exact.squaredNorm / exact.noiseScale - 1) > 0.01)
    }

    /// Features along the axes, as many of each: H is 0.8 times the identity, and both noise scales are equal.
    @Test func aRoundParabolaHasTheNoiseScaleWithoutCurvature() throws {
        let (width, count) = (5, 200)
        let rows = (0..<count * width).map { ($0 / width) % width == $0 % width ? Float(2) : 0 }
        var numbers = NormalNumbers(8)
        let targets = (0..<count).map { _ in Float(1 + numbers.next()) }
        let subject = try RateSubjects.leastSquares(rows, width: width, targets: targets, batch: 16)
        let exact = Self.exact(rows, targets, at: try Self.weights(subject))
        #expect(abs(exact.noiseScale / (exact.variance / exact.squaredNorm) - 1) < 1e-9)
        let found = try HessianNoiseScale(subject, samples: 300)
        #expect(abs(found.estimate.alongGradient.mean / (0.8 * exact.squaredNorm) - 1) < 1e-4)
        #expect(Self.covers(found.estimate, exact.variance / exact.squaredNorm))
        #expect(found.layers.count == 1 && found.layers[0].estimate == found.estimate)
    }

    /// Hessians of a part of the examples, and batches of others: the interval covers the noise scale of the training set
    /// as often as it says, and twice that seldom.
    @Test func theIntervalCoversTheNoiseScale() throws {
        let (rows, targets) = Self.problem(3, examples: 700, scales: [0.5, 1, 2, 1])
        let first = try RateSubjects.leastSquares(rows, width: 4, targets: targets, batch: 20)
        let model = try Trainer(first.recipe, data: first.data.train).model()
        let exact = Self.exact(rows, targets, at: try #require(model.values.first))
        var (covered, coveredByTwice) = (0, 0)
        let repeats = 100
        for seed in 1...UInt64(repeats) {
            var recipe = first.recipe
            recipe.seed = seed
            let found = try HessianNoiseScale(
                Subject(recipe, first.data.train, model: model, machine: Machine(threads: 1)), samples: 20)
            #expect(found.examplesPerSample == 256 && found.batch == 20)
            covered += Self.covers(found.estimate, exact.noiseScale) ? 1 : 0
            coveredByTwice += Self.covers(found.estimate, 2 * exact.noiseScale) ? 1 : 0
        }
        #expect(covered >= 88, "\(covered) of \(repeats)")
        #expect(coveredByTwice <= 30, "\(coveredByTwice) of \(repeats)")
    }

    // MARK: A net

    /// A net of 3 inputs, 4 tanh units and 1 output, with half the squared error, in Double.
    struct Net {
        static let count = 3 * 4 + 4 + 4 + 1
        var inputs: [[Double]]
        var targets: [Double]

        /// The gradient of an example's loss at the parameters W (3 x 4), b, v, c.
        func gradient(_ example: Int, at p: [Double]) -> [Double] {
            let x = inputs[example]
            var hidden: [Double] = []
            var residual = p[20] - targets[example]
            for unit in 0..<4 {
                var sum = p[12 + unit]
                for input in 0..<3 { sum += x[input] * p[input * 4 + unit] }
                hidden.append(tanh(sum))
                residual += hidden[unit] * p[16 + unit]
            }
            var gradient = [Double](repeating: 0, count: Self.count)
            for unit in 0..<4 {
                let slope = residual * p[16 + unit] * (1 - hidden[unit] * hidden[unit])
                for input in 0..<3 { gradient[input * 4 + unit] = x[input] * slope }
                gradient[12 + unit] = slope
                gradient[16 + unit] = residual * hidden[unit]
            }
            gradient[20] = residual
            return gradient
        }

        /// The Hessian of the mean loss by central differences.
        func hessian(at p: [Double]) -> DenseMatrix {
            func mean(_ p: [Double]) -> [Double] {
                let all = inputs.indices.map { gradient($0, at: p) }
                return p.indices.map { place in all.reduce(0) { $0 + $1[place] } / Double(all.count) }
            }
            return DenseMatrix(
                rows: p.indices.map { place in
                    var (up, down) = (p, p)
                    up[place] += 1e-5
                    down[place] -= 1e-5
                    return zip(mean(up), mean(down)).map { ($0 - $1) / 2e-5 }
                })
        }
    }

    @Test(arguments: 1...3)
    func aNetHasTheNoiseScaleOfItsWholeHessian(seed: UInt64) throws {
        var numbers = NormalNumbers(seed)
        let inputs = (0..<120).map { _ in numbers.vector(3).map { Double(Float($0)) } }
        let targets = inputs.map { Double(Float($0[0] * $0[1] + 0.5 * $0[2] + 1 + 0.3 * numbers.next())) }
        let data = try Dataset(
            features: inputs.flatMap { $0.map { Float($0) } }, shape: [3], values: targets.map { Float($0) }, mean: 0,
            deviation: 1)
        let recipe = Recipe(
            model: LayerList([Dense(4), Tanh(), Dense(1)]), loss: .meanSquaredError(half: true),
            batch: Batch(size: 16), optimizer: .sgd, learningRate: .constant(0.05), epochs: 2, seed: seed)
        let model = try Trainer(recipe, data: data).model()
        #expect(model.parameters.map(\.name) == ["0.weight", "0.bias", "2.weight", "2.bias"])
        let parameters = model.values.flatMap { $0.map(Double.init) }
        let net = Net(inputs: inputs, targets: targets)
        let gradients = inputs.indices.map { net.gradient($0, at: parameters) }
        let hessian = net.hessian(at: parameters)
        let found = try HessianNoiseScale(Subject(recipe, data, model: model), samples: 300)
        func check(_ estimate: HessianNoiseScale.Estimate, _ exact: Exact) {
            #expect(abs(estimate.alongGradient.mean - exact.alongGradient) < 1e-3 * abs(exact.alongGradient))
            #expect(abs(estimate.alongNoise.mean - exact.alongNoise) < 1.7 * estimate.alongNoise.halfWidth)
            // with the identity for H it is another number
            #expect(abs(estimate.alongGradient.mean / exact.squaredNorm - 1) > 1e-2)
        }
        check(found.estimate, Exact(gradients, hessian))
        #expect(found.layers.map(\.name) == ["0", "2"])
        check(found.layers[0].estimate, Exact(gradients, hessian, 0..<16))
        check(found.layers[1].estimate, Exact(gradients, hessian, 16..<21))
        let sum = found.layers.reduce(0) { $0 + $1.estimate.alongNoise.mean }
        #expect(abs(sum / found.estimate.alongNoise.mean - 1) < 1e-9)
    }

    /// Neither threads nor micro-batches change a bit.
    @Test func theMachineDoesNotMatter() throws {
        let (rows, targets) = Self.problem(5, examples: 300, scales: [1, 2, 0.5])
        let data = try Dataset(features: rows, shape: [3], values: targets)
        let recipe = Recipe(
            model: LayerList([Dense(6), Tanh(), Dropout(0.5), Dense(1)]), loss: .meanSquaredError(),
            batch: Batch(size: 32), learningRate: .constant(0.05), epochs: 2)
        let found = try [Machine(threads: 1), Machine(threads: 2, microBatch: 16)].map {
            try HessianNoiseScale(Subject(recipe, data, machine: $0), samples: 8).estimate
        }
        #expect(found[0] == found[1])
        // the dropout of training is left out
        var plain = recipe
        plain.model = LayerList([Dense(6), Tanh(), Dropout(0), Dense(1)])
        #expect(try HessianNoiseScale(Subject(plain, data), samples: 8).estimate == found[0])
    }

    // MARK: Curvature that is no use

    /// (w2 w1 x - x)^2 / 2 near the saddle at 0: along the gradient it bends down where both weights have one sign, and up
    /// where they have not.
    private static func saddle(_ first: Float, _ second: Float) throws -> HessianNoiseScale.Estimate {
        var numbers = NormalNumbers(2)
        let x = (0..<100).map { _ in Float(numbers.next()) }
        let data = try Dataset(features: x, shape: [1], values: x, mean: 0, deviation: 1)
        let recipe = Recipe(
            model: LayerList([Dense(1, bias: false), Dense(1, bias: false)]), loss: .meanSquaredError(half: true),
            batch: Batch(size: 10), optimizer: .sgd, learningRate: .constant(0.1), epochs: 1)
        var model = try Trainer(recipe, data: data).model()
        model.values = [[first], [second]]
        return try HessianNoiseScale(Subject(recipe, data, model: model)).estimate
    }

    @Test func curvatureBelowZeroIsNoBatch() throws {
        let down = try Self.saddle(0.1, 0.1)
        #expect(down.verdict == .gradientNegative && down.alongGradient.mean < 0)
        #expect(down.noiseScale == nil && down.low == nil && down.high == nil)
        let up = try Self.saddle(0.1, -0.1)
        #expect(up.verdict == .measured && up.alongGradient.mean > 0)
        let batch = try #require(up.noiseScale)
        #expect(batch > 0)
    }

    /// At the minimum the mean gradient is rounding, whose noise scale would be any number.
    @Test func aMeanGradientOfRoundingIsNoGradient() throws {
        let (rows, targets) = Self.problem(4, examples: 150, scales: [1])
        let subject = try RateSubjects.leastSquares(rows, width: 1, targets: targets, batch: 10)
        let products = zip(rows, targets).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
        var model = try Trainer(subject.recipe, data: subject.data.train).model()
        model.values = [[Float(products / rows.reduce(0.0) { $0 + Double($1) * Double($1) })]]
        let found = try HessianNoiseScale(Subject(subject.recipe, subject.data.train, model: model)).estimate
        #expect(found.verdict == .gradientUnclear && found.noiseScale == nil && found.alongNoise.mean > 0)
    }

    @Test func equalExamplesHaveNoNoise() throws {
        let equal = Array(repeating: Float(0.7), count: 60)
        let subject = try RateSubjects.leastSquares(equal, width: 1, targets: equal.map { 3 * $0 }, batch: 8)
        let found = try HessianNoiseScale(subject).estimate
        #expect(found.verdict == .noNoise && found.noiseScale == 0)
        // a model that is right everywhere has no gradient
        var model = try Trainer(subject.recipe, data: subject.data.train).model()
        model.values = [[3]]
        let right = try RateSubjects.leastSquares(equal, width: 1, targets: equal.map { 3 * $0 }, batch: 8)
        let none = try HessianNoiseScale(Subject(right.recipe, right.data.train, model: model)).estimate
        #expect(none.verdict == .noCurvature && none.noiseScale == nil)
    }

    @Test func whatCannotBeMeasuredIsRefused() throws {
        let (rows, targets) = Self.problem(1, examples: 40, scales: [1, 1])
        let data = try Dataset(features: rows, shape: [2], values: targets)
        var recipe = Recipe(
            model: LayerList([Dense(4), BatchNorm(over: .batch), Tanh(), Dense(1)]), loss: .meanSquaredError(),
            batch: Batch(size: 8), optimizer: .sgd, learningRate: .constant(0.1), epochs: 1)
        #expect { _ = try HessianNoiseScale(Subject(recipe, data)) } throws: { "\($0)".contains("1 (batch-norm)") }
        recipe.model = LayerList([Dense(4), BatchNorm(ghost: 8), Tanh(), Dense(1)])
        let ghosts = try HessianNoiseScale(Subject(recipe, data), samples: 4)
        #expect(ghosts.batch == 8 && ghosts.examplesPerSample == 40)
        #expect(throws: MeasurementError.tooFewExamples(found: 12, needed: 16)) {
            _ = try HessianNoiseScale(Subject(recipe, data.prefix(12)))
        }
        recipe.model = LayerList([Dense(4), ReLU(), Dense(1)])
        var model = try Trainer(recipe, data: data).model()
        model.values = model.values.map { $0.map { _ in 1e30 } }
        let error = try #require(
            #expect(throws: MeasurementError.self) {
                _ = try HessianNoiseScale(Subject(recipe, data, model: model))
            })
        guard case .notFinite = error else {
            Issue.record("\(error)")
            return
        }
        #expect(throws: error) { _ = try NoiseScaleMeasurement(Subject(recipe, data, model: model)) }
        #expect(throws: error) { _ = try VarianceMeasurement(Subject(recipe, data, model: model)) }
    }
}
