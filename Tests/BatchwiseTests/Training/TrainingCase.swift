import Foundation
import Testing

@testable import Batchwise

/// Small data that nothing outside the tests is needed for.
enum SmallData {
    static func classes(_ count: Int, shape: [Int] = [12], classes: Int = 5, weighted: Bool = false) throws -> Dataset {
        var numbers = TestNumbers("data \(count) \(shape)")
        let width = shape.reduce(1, *)
        let features = numbers.normals(count * width).map { Float($0) }
        let labels = (0..<count).map { _ in numbers.below(classes) }
        let weights = weighted ? (0..<count).map { _ in Float(numbers.uniform() * 3) } : nil
        return try Dataset(
            features: features, shape: shape, classes: labels, names: (0..<classes).map(String.init), weights: weights)
    }
}

extension Trainer {
    /// The gradient of one batch of `positions` at the initial parameters, by name: momentum after one update from rest.
    static func gradient(
        _ recipe: Recipe, _ data: Dataset, machine: Machine, positions: Range<Int>? = nil
    ) throws -> (gradients: NamedGradients, loss: Double) {
        var recipe = recipe
        recipe.optimizer = .sgd(momentum: 0.5)
        let trainer = try Trainer(recipe, data: data, machine: machine)
        let machinery = trainer.engine
        let engine = try #require(machinery)
        let found = engine.update(
            NextUpdate(number: 1, epoch: 1, positions: positions ?? 0..<data.count, rate: 0.1),
            order: EpochOrder(count: data.count, seed: recipe.seed, epoch: 1))
        var gradients: NamedGradients = [:]
        for gradient in engine.program.gradients {
            let values = trainer.trained.stateValues[0][gradient.parameter]
            gradients[engine.layout.parameters[gradient.parameter].name] = values.map { Double($0) }
        }
        let result = try #require(found)
        return (gradients, result.lossSum / result.weight)
    }

    /// The fingerprint of a whole run.
    static func fingerprint(_ recipe: Recipe, _ data: Dataset, _ machine: Machine) throws -> String {
        var trainer = try Trainer(recipe, data: data, machine: machine)
        return try trainer.run().parametersSHA256
    }
}
