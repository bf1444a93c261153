import CKernels
import Foundation
import Testing

@testable import Batchwise

/// Clipping, groups, LARS, LAMB, Muon and averages over 100 updates, against PyTorch and plain float64 (make-whole.py).
@Suite struct WholeGradientTests {
    struct Fixture: Decodable {
        var points: [Int]
        var cases: [Case]
    }
    struct Case: Decodable, Sendable, CustomTestStringConvertible {
        var name: String
        var optimizer: RecipeValue
        var learningRate: Double
        var clip: RecipeValue?
        var groups: RecipeValue?
        var found: [[String: [Double]]]
        var norms: [Double]
        var ema: [String: [Double]]?
        var swa: [String: [Double]]?
        var testDescription: String { name }
    }

    static func fixture() throws -> Fixture {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try JSONDecoder().decode(
            Fixture.self, from: Data(contentsOf: tests.appending(path: "Fixtures/whole.json")))
    }

    /// The number at `index` of a parameter in the layout of files: its first value, or its gradient in an update.
    static func sine(_ index: Int, _ place: Int, _ update: Int) -> Float {
        let scale = update == 0 ? 0.5 : 0.2 * Double(1 + place)
        return Float(scale * sin(1 + 0.7 * Double(index * index) + 1.9 * Double(place) + 2.3 * Double(update)))
    }

    static func recipe(_ example: Case) throws -> Recipe {
        Recipe(
            model: layers(
                Conv2D(filters: 4, kernel: 2, groups: 2), Flatten(), Dense(5), Tanh(), Dense(18), Tanh(),
                Dense(.classes)),
            batch: Batch(size: 4), optimizer: try Optimizer(notation: example.optimizer),
            learningRate: .constant(example.learningRate), epochs: 100,
            clip: try example.clip.map { try Clipping(notation: $0) },
            groups: try example.groups.map { try ParameterGroup.list(notation: $0) } ?? [])
    }

    /// Updates by the fixture's gradients; calls `body` after each.
    static func run(
        _ recipe: Recipe, updates: Int, quantities: [any Quantity] = [], _ body: (Int, borrowing Trainer) throws -> Void
    ) throws {
        let data = try SmallData.classes(4, shape: [3, 3, 2], classes: 3)
        var trainer = try Trainer(recipe, data: data, machine: Machine(threads: 1), quantities: quantities)
        let found = trainer.engine
        let engine = try #require(found)
        func values(_ update: Int) -> [[Float]] {
            engine.layout.parameters.enumerated().map { place, parameter in
                parameter.fromFile((0..<parameter.count).map { sine($0, place, update) })
            }
        }
        trainer.trained.setParameters(values(0))
        engine.flipMirrors()
        let averaging = recipe.average.map {
            try? WeightAverage.Schedule($0, examplesPerEpoch: 4, batch: 4, epochs: 1000)
        }
        for update in 1...updates {
            let weight = averaging??.weight(
                before: 4 * (update - 1), after: 4 * update, count: trainer.progress.averaged ?? 0)
            try engine.update(
                by: values(update), rate: recipe.learningRate.base, number: update, averageWeight: weight ?? 0)
            if weight ?? 0 > 0 { trainer.progress.averaged = (trainer.progress.averaged ?? 0) + 1 }
            try body(update, trainer)
        }
    }

    static func difference(_ model: Model, _ expected: [String: [Double]]) -> Double {
        var largest = 0.0
        for (name, numbers) in expected {
            guard let found = model.parameter(name)?.values, found.count == numbers.count else { return .infinity }
            for (a, b) in zip(found, numbers) { largest = max(largest, abs(Double(a) - b) / max(1, abs(b))) }
        }
        return largest
    }

    /// Muon's steps are steep near singular values of 0, which rounding reaches.
    @Test(arguments: try fixture().cases.filter { $0.ema == nil })
    func updatesAreThoseOfTheOracle(example: Case) throws {
        let points = try Self.fixture().points
        let recipe = try Self.recipe(example)
        let isMuon = recipe.optimizer.name == "muon"
        try Self.run(recipe, updates: 100) { update, trainer in
            guard let point = points.firstIndex(of: update) else { return }
            let largest = Self.difference(trainer.model(), example.found[point])
            #expect(largest <= (isMuon ? 1e-5 : 1e-6), "update \(update)")
            let found = trainer.engine?.workspace.whole?.raw.norm
            let norm = try #require(found)
            #expect(abs(norm - example.norms[point]) <= 1e-6 * norm)
        }
    }

    /// The effect of each bound or factor is larger than the tolerance.
    @Test(arguments: try fixture().cases.filter { $0.clip != nil })
    func withoutItsClippingAnUpdateIsAnother(example: Case) throws {
        var recipe = try Self.recipe(example)
        recipe.clip = nil
        try Self.run(recipe, updates: 10, quantities: [GradientNorm(), UpdateRatio()]) { update, trainer in
            if update == 10 { #expect(Self.difference(trainer.model(), example.found[1]) > 1e-4) }
        }
    }

    @Test(arguments: ["ema", "swa"])
    func averagesAreThoseOfPyTorch(name: String) throws {
        let example = try #require(try Self.fixture().cases.first { $0.ema != nil })
        var recipe = try Self.recipe(example)
        recipe.average =
            name == "ema"
            ? .exponential(decay: 0.9) : .equal(from: .updates(40), every: .updates(15))
        let expected = try #require(name == "ema" ? example.ema : example.swa)
        try Self.run(recipe, updates: 100, quantities: [GradientNorm(), UpdateRatio()]) { update, trainer in
            let raw = trainer.checkpoint().model
            if update == 1 {
                #expect(trainer.model().parametersSHA256 == raw.parametersSHA256)
            } else if update == 100 {
                #expect(Self.difference(trainer.model(), expected) <= 1e-6)
                #expect(Self.difference(raw, example.found[2]) <= 1e-6)
                #expect(Self.difference(raw, expected) > 1e-3)
            }
        }
    }

    /// LARS and LAMB where a norm is 0: the step is the optimizer's own.
    @Test(arguments: [Optimizer.lars(momentum: 0, weightDecay: 0), .lamb(weightDecay: 0)])
    func factorsAreDefinedAtZero(optimizer: Optimizer) throws {
        var recipe = try Self.recipe(try #require(try Self.fixture().cases.first))
        recipe.optimizer = optimizer
        let data = try SmallData.classes(4, shape: [3, 3, 2], classes: 3)
        let trainer = try Trainer(recipe, data: data, machine: Machine(threads: 1))
        let found = trainer.engine
        let engine = try #require(found)
        trainer.trained.setParameters(engine.layout.parameters.map { Array(repeating: 0, count: $0.count) })
        let ones = engine.layout.parameters.enumerated().map { place, parameter in
            [Float](repeating: place == 2 ? 0 : 1, count: parameter.count)
        }
        try engine.update(by: ones, rate: 0.5, number: 1)
        for (place, values) in trainer.trained.parameterValues.enumerated() {
            #expect(values.allSatisfy { abs($0 - (place == 2 ? 0 : -0.5)) < 1e-5 }, "parameter \(place)")
        }
    }
}

extension Engine {
    /// The part of an update after its gradient has been summed, with a gradient that is given.
    fileprivate func update(by gradient: [[Float]], rate: Double, number: Int, averageWeight: Float = 0) throws {
        let needed = workspace.whole
        let whole = try #require(needed)
        for (place, values) in gradient.enumerated() { layout.write(values, place, to: whole.gradient) }
        optimizer.prepare(&current.pointee.step, rate: rate, number: number)
        current.pointee.averageWeight = averageWeight
        #expect(finish(whole, 0))
        averageParameters(0)
        averageStatistics()
    }
}
