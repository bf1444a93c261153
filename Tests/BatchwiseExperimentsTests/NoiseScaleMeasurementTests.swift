import Testing

@testable import Batchwise
@testable import BatchwiseExperiments

/// Noise scales at fixed parameters and of a run, against those over the gradients of all examples.
@Suite struct NoiseScaleMeasurementTests {
    /// The interval of 95% covers the noise scale of the training set in most of 40 problems, each with parameters and
    /// data of its own, and the interval of a wrong formula does not.
    @Test(arguments: [false, true])
    func intervalsCoverTheNoiseScaleOfTheTrainingSet(isWeighted: Bool) throws {
        var (covered, coveredByTwice) = (0, 0)
        for seed in 1...40 {
            let problem = SoftmaxCase(examples: 600, seed: UInt64(seed), isWeighted: isWeighted)
            let subject = try problem.subject(batch: 20, seed: UInt64(seed))
            let (norm, variance) = SoftmaxCase.moments(problem.gradients(at: subject))
            let measured = try NoiseScaleMeasurement(subject, updates: 200)
            let estimate = measured.noise.estimate
            let truth = variance / norm
            func covers(_ value: Double) -> Bool {
                estimate.low.map { $0 <= value } ?? false && estimate.high.map { value <= $0 } ?? true
            }
            if covers(truth) { covered += 1 }
            if covers(2 * truth) { coveredByTwice += 1 }
            #expect(measured.noise.updates == 200 && measured.noise.meanSmallBatches == 20)
        }
        #expect(covered >= 36, "\(covered) of 40")
        #expect(coveredByTwice <= 20, "\(coveredByTwice) of 40")
    }

    @Test func anEpochOfBatchesHasTheVarianceOfTheTrainingSet() throws {
        let problem = SoftmaxCase(examples: 480, seed: 5)
        let subject = try problem.subject(batch: 24)
        let (_, variance) = SoftmaxCase.moments(problem.gradients(at: subject))
        let measured = try NoiseScaleMeasurement(subject, updates: 200).noise.estimate.variance
        #expect(abs(measured / variance - 1) < 0.01)
    }

    /// Where examples are normalised together, ghost batches are compared.
    @Test func ghostBatchesAreTheSmallBatches() throws {
        let problem = SoftmaxCase(examples: 512, seed: 3)
        let model = LayerList {
            Dense(8)
            BatchNorm(ghost: 8)
            Tanh()
            Dense(.classes)
        }
        let recipe = Recipe(
            model: model, batch: Batch(size: 32), optimizer: .sgd, learningRate: .constant(0.1), epochs: 2)
        let subject = try Subject(recipe, data: problem.data).trained(for: .updates(2))
        let measured = try NoiseScaleMeasurement(subject, updates: 500)
        #expect(measured.noise.meanSmallBatch == 8 && measured.noise.meanSmallBatches == 8)
        #expect(try #require(measured.notice).contains("batches of 8"))
        let scale = try #require(measured.noise.estimate.noiseScale)
        // per layer and model: the numbers of single batches of 8, by hand
        var probe = try subject.probe(batch: 8, needs: .gradient)
        var (mean, square) = ([Double](), 0.0)
        for index in 0..<512 {
            let (epoch, place) = index.quotientAndRemainder(dividingBy: 64)
            try probe.look(at: place * 8..<place * 8 + 8, ofEpoch: epoch + 1) { update in
                let numbers = try (0..<update.parameterCount).flatMap { try update.values(.gradient, of: $0) }
                if mean.isEmpty { mean = numbers.map { _ in 0 } }
                for (place, number) in numbers.enumerated() { mean[place] += Double(number) / 512 }
                square += numbers.reduce(0) { $0 + Double($1) * Double($1) } / 512
            }
        }
        let norm = mean.reduce(0) { $0 + $1 * $1 }
        #expect(abs(scale / (8 * (square - norm) / norm) - 1) < 0.2)
    }

    @Test func oneExampleIsTooFew() throws {
        let problem = SoftmaxCase(examples: 600, seed: 1)
        let one = try Dataset(features: Array(problem.features.prefix(5)), shape: [5], classes: [1], names: ["a", "b"])
        let recipe = Recipe(model: LayerList { Dense(.classes) }, batch: Batch(size: 4), epochs: 1)
        let data = try problem.data.replacing(train: one)
        #expect(throws: MeasurementError.tooFewExamples(found: 1, needed: 2)) {
            try NoiseScaleMeasurement(Subject(recipe, data: data))
        }
    }

    /// Equal examples have equal gradients, and those of a model that predicts its targets are 0.
    @Test func noiseMayBeMissing() throws {
        let problem = SoftmaxCase(examples: 600, seed: 1)
        let equal = try Dataset(
            features: (0..<40).flatMap { _ in [1, 2, 3, 4, 5] as [Float] }, shape: [5],
            classes: Array(repeating: 0, count: 40), names: ["a", "b"])
        let recipe = Recipe(model: LayerList { Dense(.classes) }, batch: Batch(size: 8), epochs: 1)
        let measured = try NoiseScaleMeasurement(Subject(recipe, data: problem.data.replacing(train: equal)))
        let estimate = measured.noise.estimate
        #expect(estimate.noiseScale.map { $0 < 1e-6 } ?? false)
        #expect(!estimate.gradientNormSquared.isNaN && estimate.gradientNormSquared > 0)
    }

    @Test func placesGoOnInTheNextEpoch() {
        let places = Places(examples: 10, batch: 4)
        #expect((0..<4).map { places[$0].epoch } == [1, 1, 2, 2])
        #expect(places[3].positions == 4..<8)
    }
}
