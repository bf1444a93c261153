import Batchwise
import Testing

/// The examples in the comments of `Measuring`, against a linear regression that is written down.
@Suite struct MeasuringSnippetTests {
    @Test func aQuantityOfTheProgramsOwn() throws {
        let linear = LinearCase()
        let (recipe, data) = (linear.recipe(epochs: 100), try linear.data)
        /// |g|^2 of the batch's mean gradient, at every hundredth update.
        struct GradientSquare: Quantity {
            var name: String { "gradient_square" }
            var needs: UpdateNeeds { .gradientNorms }
            func isDue(at update: Int) -> Bool { update % 100 == 0 }
            func value(of update: borrowing MeasuredUpdate) throws -> Double? { try update.squaredNorm(.gradient) }
        }
        var trainer = try Trainer(recipe, data: data, quantities: [GradientSquare()])
        let report = try trainer.update()
        if let square = report.measurements[GradientSquare()] { print(square) }
        #expect(report.measurements[GradientSquare()] == nil)
        try trainer.run(updates: 98) { #expect($0.measurements.isEmpty) }
        let gradient = linear.gradient(at: linear.parameters(of: trainer.model()))
        let last = try trainer.update()
        let found = try #require(last.measurements[GradientSquare()])
        let expected = gradient.reduce(0) { $0 + $1 * $1 }
        #expect(last.index == 100 && abs(found - expected) <= 1e-4 * expected, "\(found), \(expected)")
    }

    @Test func measurementsByQuantity() throws {
        let linear = LinearCase()
        var trainer = try Trainer(linear.recipe(), data: linear.data, quantities: [GradientNorm()])
        let gradient = linear.gradient(at: linear.parameters(of: trainer.model()))
        let report = try trainer.update()
        let norm = report.measurements[GradientNorm()]  // a Double, or nil where the update has none
        let expected = gradient.reduce(0) { $0 + $1 * $1 }.squareRoot()
        #expect(abs(try #require(norm) - expected) <= 1e-5 * expected)
        #expect(report.measurements[UpdateRatio()] == nil)
    }

    private struct CurvatureAlongGradient: Quantity {
        var name: String { "curvature_along_gradient" }
        var needs: UpdateNeeds { [.gradient, .tangent] }

        func value(of update: borrowing MeasuredUpdate) throws -> Double? {
            let g = try update.hessianProduct { try update.values(.gradient, of: $0) }
            let curvature = g.curvature  // g'Hg / |g|^2: along the gradient
            return curvature
        }
    }

    @Test func theCurvatureAlongTheGradient() throws {
        let linear = LinearCase()
        let quantity = CurvatureAlongGradient()
        var trainer = try Trainer(linear.recipe(), data: linear.data, quantities: [quantity])
        let expected = linear.curvature(along: linear.gradient(at: linear.parameters(of: trainer.model())))
        let found = try trainer.update().measurements[quantity]
        #expect(abs(try #require(found) - expected) <= 1e-5 * expected)
    }

    @Test func theNoiseScaleOfARun() throws {
        let data = Dataset.digits().train.prefix(320)
        let recipe = Recipe(
            model: LayerList { Dense(.classes) }, batch: Batch(size: 32), learningRate: .constant(1e-9), epochs: 4)
        let noise = GradientNoise()
        var trainer = try Trainer(recipe, data: data, quantities: [noise])
        var scale = NoiseScale()
        try trainer.run { report in
            if let sample = report.measurements[noise] { scale.add(sample) }
            return .proceed
        }
        print(scale.estimate)  // the noise scale and its interval
        #expect(scale.updates == 40 && scale.meanSmallBatches == 32 && scale.meanSmallBatch == 1)
        let (low, high) = (try #require(scale.estimate.low), try #require(scale.estimate.high))
        let value = try #require(scale.estimate.noiseScale)
        #expect(low < value && value < high)
    }
}
