import Foundation
import Testing

@testable import Batchwise

/// The gradient of a batch is sum(w_i g_i) / (n w), w the mean weight of the training set: an unbiased estimate of the
/// gradient of the whole set, whatever the batch.
@Suite struct ExampleWeightsTests {
    private static let model = layers(Dense(9), Tanh(), Dense(.classes, initialisation: .lecun))

    private static func recipe(batch: Int, _ model: LayerList = model) -> Recipe {
        Recipe(model: model, batch: Batch(size: batch), learningRate: .constant(0.05), epochs: 2, seed: 5)
    }

    /// sum over the batches of an epoch of n_b g_b = N g, to rounding.
    @Test(arguments: [1, 4, 7, 30])
    func batchesOfAnEpochAverageToTheWholeSet(batch: Int) throws {
        let data = try SmallData.classes(60, weighted: true)
        let whole = try Trainer.gradient(Self.recipe(batch: 60), data, machine: Machine(threads: 1))
        var mean: NamedGradients = [:]
        var ownMean: NamedGradients = [:]
        let order = EpochOrder(count: 60, seed: 5, epoch: 1)
        for first in stride(from: 0, to: 60, by: batch) {
            let part = first..<min(first + batch, 60)
            let found = try Trainer.gradient(
                Self.recipe(batch: batch), data, machine: Machine(threads: 1), positions: part)
            let factor = Double(part.count) / 60
            let own = data.meanWeight / data.rows(part.map { order[$0] }).meanWeight
            mean.merge(found.gradients.mapValues { $0.map { $0 * factor } }) { zip($0, $1).map(+) }
            ownMean.merge(found.gradients.mapValues { $0.map { $0 * factor * own } }) { zip($0, $1).map(+) }
        }
        #expect(differences(mean, whole.gradients, tolerance: 1e-5) == [])
        // dividing each batch by its own sum of weights gives another mean
        #expect(differences(ownMean, whole.gradients, tolerance: 1e-3) != [])
    }

    @Test(arguments: [1, 3, 32], [nil, Clipping.norm(0.1)])
    func allWeightsTimesEightChangeNoBit(batch: Int, clip: Clipping?) throws {
        let data = try SmallData.classes(60, weighted: true)
        let eight = Dataset(
            checked: 60, data.featureShape, data.features, data.targets, data.weights?.map { 8 * $0 })
        for model in [Self.model, layers(Dense(.classes))] {
            var recipe = Self.recipe(batch: batch, model)
            recipe.clip = clip
            let expected = try Trainer.fingerprint(recipe, data, Machine(threads: 1))
            #expect(try Trainer.fingerprint(recipe, eight, Machine(threads: 2)) == expected)
            #expect(try Trainer.fingerprint(recipe, data.withoutWeights, Machine(threads: 1)) != expected)
        }
    }

    /// In a batch of all examples: rows of weight 0 count as if they were not there, and weight 2 as two rows.
    @Test func weightsCountRows() throws {
        let data = try SmallData.classes(40)
        func gradient(_ rows: [Int], _ weights: [Float]?) throws -> NamedGradients {
            let part = data.rows(rows)
            let weighted = Dataset(checked: part.count, part.featureShape, part.features, part.targets, weights)
            let recipe = Self.recipe(batch: rows.count)
            return try Trainer.gradient(recipe, weighted, machine: Machine(threads: 1)).gradients
        }
        let all = Array(0..<40)
        let left = try gradient(all.filter { $0 % 3 != 0 }, nil)
        #expect(differences(try gradient(all, all.map { $0 % 3 == 0 ? 0 : 1 }), left, tolerance: 1e-5) == [])
        #expect(differences(try gradient(all, nil), left, tolerance: 1e-3) != [])
        let twice = try gradient(all + all.filter { $0 % 3 == 0 }, nil)
        #expect(differences(try gradient(all, all.map { $0 % 3 == 0 ? 2 : 1 }), twice, tolerance: 1e-5) == [])
    }

    /// A batch whose weights are all 0 is an update with gradient 0: plain SGD stays, and a velocity goes on.
    @Test(arguments: [false, true])
    func aBatchOfWeightZeroIsAnUpdate(isLinear: Bool) throws {
        let data = try SmallData.classes(10)
        let order = EpochOrder(count: 10, seed: 5, epoch: 1)
        var weights = [Float](repeating: 1, count: 10)
        weights[order[1]] = 0
        let weighted = Dataset(checked: 10, data.featureShape, data.features, data.targets, weights)
        for momentum in [0, 0.5] as [Float] {
            var recipe = Self.recipe(batch: 1, isLinear ? layers(Dense(.classes)) : Self.model)
            recipe.optimizer = .sgd(momentum: momentum)
            var trainer = try Trainer(recipe, data: weighted, machine: Machine(threads: 1))
            _ = try trainer.update()
            let before = trainer.model().values
            let velocity = trainer.trained.stateValues.first
            let report = try trainer.update()
            #expect((report.weight, report.loss, report.index) == (0, 0, 2))
            let expected = zip(before, velocity ?? before).map { values, velocity in
                zip(values, velocity).map { momentum == 0 ? $0 : $0 - 0.05 * (0.5 * $1) }
            }
            for (found, expected) in zip(trainer.model().values.joined(), expected.joined()) {
                #expect(abs(found - expected) <= 1e-6)
            }
            // the epoch's mean loss is that of the other nine
            #expect(try trainer.run().updates == 20)
        }
    }

    // MARK: A rare class

    /// 4,000 rows, 5% of class 1, two features.
    private static let rare: (features: [Float], classes: [Int]) = {
        var numbers = TestNumbers("rare class")
        var (features, classes): ([Float], [Int]) = ([], [])
        for _ in 0..<4000 {
            let isRare = numbers.uniform() < 0.05
            features += [Float(numbers.normal() + (isRare ? 1 : 0)), Float(numbers.normal() + (isRare ? 0.8 : 0))]
            classes.append(isRare ? 1 : 0)
        }
        return (features, classes)
    }()

    /// The recall and the mean probability of class 1 at the optimum of balanced logistic regression, by Newton's
    /// method in Double.
    private static func optimum() -> (recall: Double, mean: Double) {
        let (features, classes) = rare
        let count = Double(classes.count)
        let ones = Double(classes.reduce(0, +))
        var w = [0.0, 0.0, 0.0]
        func row(_ index: Int) -> [Double] { [Double(features[2 * index]), Double(features[2 * index + 1]), 1] }
        func probability(_ x: [Double]) -> Double { 1 / (1 + exp(-(w[0] * x[0] + w[1] * x[1] + w[2]))) }
        for _ in 0..<30 {
            var gradient = [0.0, 0.0, 0.0]
            var hessian = [[Double]](repeating: [0, 0, 0], count: 3)
            for index in classes.indices {
                let x = row(index)
                let p = probability(x)
                let weight = count / (2 * (classes[index] == 1 ? ones : count - ones))
                for i in 0..<3 {
                    gradient[i] += weight * (p - Double(classes[index])) * x[i]
                    for j in 0..<3 { hessian[i][j] += weight * p * (1 - p) * x[i] * x[j] }
                }
            }
            let step = solve(hessian, gradient)
            for i in 0..<3 { w[i] -= step[i] }
        }
        let probabilities = classes.indices.map { probability(row($0)) }
        let found = zip(probabilities, classes).count { $0 > 0.5 && $1 == 1 }
        return (Double(found) / ones, probabilities.reduce(0, +) / count)
    }

    /// The solution of a x = b by Gaussian elimination; a is positive definite.
    private static func solve(_ a: [[Double]], _ b: [Double]) -> [Double] {
        var rows = zip(a, b).map { $0 + [$1] }
        for pivot in rows.indices {
            for row in rows.indices where row != pivot {
                let factor = rows[row][pivot] / rows[pivot][pivot]
                for column in rows[row].indices { rows[row][column] -= factor * rows[pivot][column] }
            }
        }
        return rows.indices.map { rows[$0][3] / rows[$0][$0] }
    }

    @Test(arguments: [(1, 0.01, 12), (4, 0.03, 20), (32, 0.1, 40), (256, 0.3, 120), (4000, 1, 800)])
    func balancedClassesAreFoundAlikeAtEveryBatch(batch: Int, rate: Double, epochs: Int) throws {
        let (features, classes) = Self.rare
        let data = try Dataset(features: features, shape: [2], classes: classes).weighted(by: .balanced)
        let recipe = Recipe(
            model: layers(Dense(.classes)), batch: Batch(size: batch), optimizer: .sgd,
            learningRate: .base(rate).cosine(), epochs: epochs)
        var trainer = try Trainer(recipe, data: data)
        let model = try trainer.run()
        let predictor = try Predictor(model)
        let probabilities = try predictor.probabilities(of: features)
        let rare = classes.indices.map { Double(probabilities[2 * $0 + 1]) }
        let found = zip(rare, classes).count { $0 > 0.5 && $1 == 1 }
        let recall = Double(found) / Double(classes.reduce(0, +))
        let (expected, mean) = Self.optimum()
        #expect(abs(recall - expected) < 0.03, "\(recall) instead of \(expected)")
        #expect(abs(rare.reduce(0, +) / Double(rare.count) - mean) < 0.03)
        // without weights hardly any is found
        #expect(expected > 0.6)
    }
}
