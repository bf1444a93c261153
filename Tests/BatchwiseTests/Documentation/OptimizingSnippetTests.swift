import Batchwise
import Testing

/// The examples in the comments of `Optimizing`.
@Suite struct OptimizingSnippetTests {
    @Test func anOptimizerOfTheLibrary() throws {
        let optimizer = Optimizer.sgd(momentum: 0.9, nesterov: true, weightDecay: 5e-4)
        let yaml = "{model: linear, optimizer: {sgd: {momentum: 0.9, nesterov: true, weight-decay: 0.0005}}}"
        #expect(try Recipe(yaml: yaml).optimizer == optimizer)
    }

    /// The first update from rest is one rate against the sign of the gradient, which is written down.
    @Test func anOptimizerOfTheProgramsOwn() throws {
        let linear = LinearCase()
        let model = LayerList { Dense(1) }
        /// m <- beta m + (1 - beta) g; w <- w - rate sign(m).
        struct SignSGD: CustomOptimizer {
            var beta: Float = 0.9
            var name: String { "sign-sgd" }
            var stateNames: [String] { ["mean"] }
            var defaultRate: Double { 0.001 }

            func step(
                _ settings: StepSettings, gradient: Span<Float>, parameters: inout MutableSpan<Float>,
                states: inout StateVectors
            ) {
                for place in gradient.indices {
                    let mean = beta * states[0, place] + (1 - beta) * gradient[place]
                    states[0, place] = mean
                    parameters[place] -= settings.rate * (mean > 0 ? 1 : mean < 0 ? -1 : 0)
                }
            }
        }
        let recipe = Recipe(model: model, optimizer: .custom(SignSGD()))
        #expect(recipe.learningRate.base == 0.001)
        var trainer = try Trainer(linear.recipe(recipe.optimizer), data: linear.data)
        let before = linear.parameters(of: trainer.model())
        _ = try trainer.update()
        let after = linear.parameters(of: trainer.model())
        for (place, slope) in linear.gradient(at: before).enumerated() {
            #expect(abs(after[place] - (before[place] - (slope > 0 ? 0.1 : -0.1))) < 1e-6)
        }
    }

    @Test func aLearningRateIsAValue() throws {
        let rate = LearningRate.base(0.1, atBatch: 32, scaling: .linear).warmup(.epochs(5)).cosine()
        let run = try rate.resolved(examplesPerEpoch: 1_280, batch: 128, epochs: 20)
        // four times the batch, four times the rate, from the base up in five epochs and down to 0
        #expect(abs(run.rate(afterExamples: 0) - 0.1) < 1e-12)
        #expect(abs(run.rate(afterExamples: 5 * 1_280) - 0.4) < 1e-12)
        #expect(abs(run.rate(afterExamples: 20 * 1_280 - 128)) < 1e-12)
    }

    @Test func factorsOfScaling() {
        print(LearningRate.Scaling.linear.factor(batch: 256, atBatch: 32))  // 8.0
        print(LearningRate.Scaling.squareRoot.factor(batch: 128, atBatch: 32))  // 2.0
        #expect(LearningRate.Scaling.linear.factor(batch: 256, atBatch: 32) == 8)
        #expect(LearningRate.Scaling.squareRoot.factor(batch: 128, atBatch: 32) == 2)
    }
}
