import Batchwise
import Foundation
import Testing

/// The noise of an update's gradient, by the gradients g_i of its n examples and their mean g:
/// x = (n |g|^2 - mean |g_i|^2) / (n - 1) estimates |G|^2, y = n (mean |g_i|^2 - |g|^2) / (n - 1) estimates tr(S).
struct GradientNoiseSample: Quantity {
    struct Value: Codable, Hashable, Sendable {
        var x, y: Double
    }

    var name: String { "gradient_noise" }
    var needs: UpdateNeeds { [.gradientNorms, .exampleNorms] }

    func value(of update: borrowing MeasuredUpdate) throws -> Value? {
        let n = Double(update.exampleCount)
        guard n > 1 else { return nil }
        var squares = 0.0
        for example in 0..<update.exampleCount { squares += try update.squaredNorm(.example(example)) }
        let (p, q) = (try update.squaredNorm(.gradient), squares / n)
        return Value(x: (n * p - q) / (n - 1), y: n * (q - p) / (n - 1))
    }
}

/// g'Hg / |g|^2 of every hundredth update: the curvature of the batch's loss along its gradient.
struct GradientCurvature: Quantity {
    var name: String { "gradient_curvature" }
    var needs: UpdateNeeds { [.gradient, .tangent] }
    func isDue(at update: Int) -> Bool { update % 100 == 0 }

    func value(of update: borrowing MeasuredUpdate) throws -> Double? {
        let gradient = try (0..<update.parameterCount).map { try update.values(.gradient, of: $0) }
        return try update.hessianProduct { gradient[$0] }.curvature
    }
}

@Suite struct QuantitiesTests {
    /// A short step along the gradient of the whole data set lowers the loss as the parabola of gradient and curvature says.
    @Test func curvatureTellsWhatAStepDoes() throws {
        let digits = Dataset.digits()
        var recipe = Recipe(
            model: LayerList {
                Dense(16)
                Tanh()
                Dense(.classes)
            }, batch: Batch(size: digits.train.count), optimizer: .sgd, learningRate: .constant(0.3), epochs: 100)
        let curvature = GradientCurvature()
        var trainer = try Trainer(recipe, data: digits.train, quantities: [curvature, GradientNorm()])
        var measured: (curvature: Double, norm: Double)?
        try trainer.run { report in
            if let value = report.measurements[curvature], let norm = report.measurements[GradientNorm()] {
                measured = (value, norm)
            }
            return .proceed
        }
        let found = try #require(measured)
        recipe.epochs = 99
        var shorter = try Trainer(recipe, data: digits.train)
        let before = try shorter.run()
        recipe.epochs = 1
        /// The loss after one more update, of this rate.
        func loss(_ rate: Double) throws -> Double {
            recipe.learningRate = .constant(rate)
            var trainer = try Trainer(recipe, data: digits.train, startingFrom: before)
            return try trainer.run().evaluate(digits.train).loss
        }
        let (rate, start) = (0.1 / found.curvature, try before.evaluate(digits.train).loss)
        let (slope, bend) = (
            found.norm * found.norm * rate, found.norm * found.norm * rate * rate * found.curvature / 2
        )
        #expect(try abs(loss(rate) - (start - slope + bend)) < 0.2 * bend)
        // without the curvature, the loss is another
        #expect(try abs(loss(rate) - (start - slope)) > 0.8 * bend)
    }

    @Test func theSimpleNoiseScaleIsMeasuredWhileTraining() throws {
        let digits = Dataset.digits()
        let recipe = Recipe(
            model: LayerList {
                Dense(32)
                ReLU()
                Dense(.classes)
            }, batch: Batch(size: 32), learningRate: .constant(0.05), epochs: 2)

        let noise = GradientNoiseSample()
        var trainer = try Trainer(recipe, data: digits.train, quantities: [noise])
        var (x, y) = (0.0, 0.0)
        try trainer.run { report in
            if let sample = report.measurements[noise] {
                x += sample.x
                y += sample.y
            }
            return .proceed
        }
        print("noise scale", y / x)
        #expect(x > 0 && y > 0)

        var plain = try Trainer(recipe, data: digits.train)
        #expect(try plain.run().parametersSHA256 == trainer.model().parametersSHA256)
    }

    /// Against the gradients of a linear model, written down: x is the mean of the products of two different examples'
    /// gradients, y the sum of their variances.
    @Test func xAndYAreTheirDefinitions() throws {
        let (n, width) = (12, 3)
        let features = (0..<n * width).map { Float(sin(Double(3 * $0 + 1))) }
        let targets = (0..<n).map { Float(cos(Double(5 * $0))) }
        let data = try Dataset(features: features, shape: [width], values: targets, width: 1, mean: 0, deviation: 1)
        let recipe = Recipe(
            model: LayerList { Dense(1) }, loss: .meanSquaredError(half: true), batch: Batch(size: n),
            learningRate: .constant(0.1), epochs: 1)
        let noise = GradientNoiseSample()
        var trainer = try Trainer(recipe, data: data, quantities: [noise])
        let model = trainer.model()
        let weights = try #require(model.parameter("0.weight")).values.map(Double.init)
        let bias = try #require(model.parameter("0.bias")).values.map(Double.init)
        let gradients = (0..<n).map { example -> [Double] in
            let row = (0..<width).map { Double(features[example * width + $0]) } + [1]
            let error = zip(row, weights + bias).reduce(0) { $0 + $1.0 * $1.1 } - Double(targets[example])
            return row.map { error * $0 }
        }
        var (x, y) = (0.0, 0.0)
        for i in 0..<n {
            for j in 0..<n where j != i {
                let (a, b) = (gradients[i], gradients[j])
                x += zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } / Double(n * (n - 1))
                y += zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / Double(2 * n * (n - 1))
            }
        }
        let measured = try trainer.update().measurements[noise]
        let found = try #require(measured)
        #expect(abs(found.x - x) <= 1e-5 * y && abs(found.y - y) <= 1e-5 * y)
    }
}
