import Foundation
import Testing

@testable import Batchwise
@testable import BatchwiseExperiments

@Suite struct DiversityMeasurementTests {
    /// The bound is 1 + tr(S) / |G|^2 exactly, S with 1/N.
    @Test(arguments: [false, true], [1, 2, 3] as [UInt64])
    func theBoundIsOneMoreThanTheNoiseScale(isWeighted: Bool, seed: UInt64) throws {
        let problem = SoftmaxCase(examples: 200, seed: seed, isWeighted: isWeighted)
        let subject = try problem.subject(batch: 16)
        let gradients = problem.gradients(at: subject)
        let (norm, variance) = SoftmaxCase.moments(gradients)
        let measured = try DiversityMeasurement(subject)
        let bound = try #require(measured.batchBound)
        #expect(abs(bound / (1 + variance / norm) - 1) < 1e-4)
        #expect(abs(try #require(measured.diversity) * 200 / bound - 1) < 1e-12)
    }

    /// Norms and losses are those of each example by itself.
    @Test func examplesHaveTheirOwnNormsAndLosses() throws {
        let problem = SoftmaxCase(examples: 60, seed: 9, isWeighted: true)
        let subject = try problem.subject(batch: 16)
        let mean = try #require(problem.weights).reduce(0) { $0 + Double($1) } / 60
        let gradients = problem.gradients(at: subject)
        let measured = try DiversityMeasurement(subject)
        let weights = try #require(problem.weights)
        #expect(measured.byNorm.count == weights.count { $0 > 0 })
        #expect(zip(measured.byNorm, measured.byNorm.dropFirst()).allSatisfy { $0.gradientNorm >= $1.gradientNorm })
        for example in measured.byNorm {
            let own = gradients[example.place].map { $0 * mean / example.weight }
            let norm = own.reduce(0) { $0 + $1 * $1 }.squareRoot()
            #expect(abs(example.gradientNorm - norm) < 1e-5)
            #expect(example.weight == Double(weights[example.place]))
            // the slope of the bias of its own class is p - 1
            let slope = own[problem.classes[example.place] * 6 + 5]
            #expect(abs(example.loss + log(1 + slope)) < 1e-5)
        }
    }

    /// Examples twice change nothing, and gradients that are at right angles to each other have the bound n.
    @Test func knownDiversities() throws {
        let problem = SoftmaxCase(examples: 50, seed: 4)
        let subject = try problem.subject(batch: 16)
        let twice = try Dataset(
            features: problem.features + problem.features, shape: [5], classes: problem.classes + problem.classes)
        let doubled = try Subject(
            subject.recipe, data: problem.data.replacing(train: twice), model: subject.model)
        let (one, two) = (try DiversityMeasurement(subject), try DiversityMeasurement(doubled))
        #expect(abs(try #require(one.batchBound) / #require(two.batchBound) - 1) < 1e-4)

        // x_i = e_i without a bias: the gradients stand in columns of their own
        var unit = [Float](repeating: 0, count: 64)
        for place in 0..<8 { unit[place * 8 + place] = 1 }
        let data = try Dataset(features: unit, shape: [8], classes: [0, 1, 0, 1, 0, 1, 0, 1])
        let recipe = Recipe(
            model: LayerList { Dense(.classes, bias: false) }, batch: Batch(size: 4), optimizer: .sgd,
            learningRate: .constant(0.1), epochs: 1)
        let square = try DiversityMeasurement(Subject(recipe, data: problem.data.replacing(train: data)))
        #expect(abs(try #require(square.batchBound) - 8) < 1e-4)
    }

    /// Wrong labels come first in a trained model.
    @Test func wrongLabelsAreFound() throws {
        let digits = Dataset.digits().train
        guard case .classes(var classes, let names) = digits.targets else { return }
        let wrong = stride(from: 17, to: 1400, by: 97).map { $0 }
        for row in wrong { classes[row] = (classes[row] + 3) % 10 }
        let data = try Dataset(
            count: digits.count, featureShape: digits.featureShape, features: digits.features,
            targets: .classes(classes, names: names))
        let recipe = Recipe(
            model: LayerList {
                Flatten()
                Dense(32)
                ReLU()
                Dense(.classes)
            }, batch: Batch(size: 32), optimizer: .adam(), learningRate: .constant(0.001), epochs: 8)
        let subject = try Subject(recipe, data: SoftmaxCase(examples: 10, seed: 1).data.replacing(train: data))
        let measured = try DiversityMeasurement(subject.trained(for: .epochs(8)))
        let found = Set(measured.byNorm.prefix(2 * wrong.count).map(\.place)).intersection(wrong)
        #expect(found.count >= wrong.count - 2, "\(found.count) of \(wrong.count)")
    }
}
